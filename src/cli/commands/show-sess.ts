import { defineCommand, parseDelay, refuse } from '../command.ts';
import { logDate } from '../log-date.ts';
import type { PartRow, SessionRow } from '../view.ts';

function age(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 60) return `${seconds}s`;
  if (minutes < 60) return `${minutes}m${seconds % 60}s`;
  if (hours < 24) return `${hours}h${minutes % 60}m`;
  return `${Math.floor(hours / 24)}d${hours % 24}h`;
}

function expiry({ expiresMs }: SessionRow, never: string): string {
  return expiresMs === null ? never : age(Math.max(0, expiresMs));
}

/**
 * `ts` is the state of the task in HAProxy: while the answer is made no stream of the thread runs, so it is 0 for all.
 */
function line(row: SessionRow, uri: string): string {
  return (
    `${row.id}: proto=${row.protocol} src=${row.source} fe=${row.frontend.name} ` +
    `be=${row.backend?.name ?? '<NONE>'} srv=${row.server?.name ?? '<none>'} ts=00 age=${age(row.ageMs)} ` +
    `rqb=${row.bytesIn} rpb=${row.bytesOut} exp=${expiry(row, '')}${uri}\n`
  );
}

function part({ name, id, mode, address }: PartRow): string {
  const kind = mode === '' ? '' : ` mode=${mode}`;
  return `${name} (id=${id}${kind})${address === '' ? '' : ` addr=${address}`}`;
}

function block(row: SessionRow, uri: string): string {
  const { backend, server, thread } = row;
  return (
    `${row.id}: [${logDate(row.startedAtMs)}] id=${row.serial} proto=${row.protocol} source=${row.source}\n` +
    `  conn_retries=${row.retries}${uri}\n` +
    `  frontend=${part(row.frontend)}, listener=${part(row.listener)}\n` +
    `  backend=${backend === null ? '<NONE> (id=-1 mode=-)' : part(backend)}\n` +
    `  server=${server === null ? '<NONE> (id=-1)' : part(server)}\n` +
    `  task (state=0x00 exp=${expiry(row, '<NEVER>')} tid=${thread}(1/${thread}) age=${age(row.ageMs)})\n` +
    `  req (total=${row.bytesIn})\n` +
    `  res (total=${row.bytesOut})\n`
  );
}

interface Options {
  readonly keep: ((row: SessionRow) => boolean)[];
  showsUri: boolean;
}

const usage =
  'Usage: show sess [<id> | all | help] [<options>*]\n' +
  'Options:\n' +
  '  backend <b>     only sessions of this backend\n' +
  '  frontend <f>    only sessions of this frontend\n' +
  '  older <age>     only sessions older than <age> (seconds without a unit)\n' +
  '  server <b/s>    only sessions of this server\n' +
  "  show-uri        with the request's target as it was received\n" +
  '  susp            only sessions that should have ended: a timeout is overdue, none runs, or both sides ended\n';

/** What the words ask for, or what is wrong with them. */
function optionsOf(words: readonly string[]): Options | string {
  const options: Options = { keep: [], showsUri: false };
  const { keep } = options;
  for (let at = 0; at < words.length; at++) {
    const name = words[at]!;
    if (name === 'susp') keep.push((row) => row.suspicious);
    else if (name === 'show-uri') options.showsUri = true;
    else if (!['backend', 'frontend', 'older', 'server'].includes(name)) {
      return `Unsupported option '${name}'. Try 'show sess help'.`;
    } else {
      const value = words[++at];
      if (value === undefined) return `'${name}' expects a value.`;
      if (name === 'backend') keep.push((row) => row.backend?.name === value);
      else if (name === 'frontend') keep.push((row) => row.frontend.name === value);
      else if (name === 'server') {
        keep.push((row) => row.server !== null && `${row.backend!.name}/${row.server.name}` === value);
      } else {
        const ms = parseDelay(value, 1000);
        if (ms < 0) return 'Invalid age.';
        keep.push((row) => row.ageMs > ms);
      }
    }
  }
  return options;
}

export default defineCommand({
  words: ['show', 'sess'],
  usage: 'show sess [<id> | all | help] [<options>*]',
  doc: 'report the list of current sessions or dump this exact session',
  level: 'operator',
  async *run(call) {
    const [first] = call.args;
    if (first === 'help') {
      yield usage;
      return;
    }
    const id = first !== undefined && /^0x[0-9a-f]+$/i.test(first) ? first.toLowerCase() : null;
    const whole = id !== null || first === 'all';
    const wanted = optionsOf(call.args.slice(whole ? 1 : 0));
    if (typeof wanted === 'string') return yield* refuse(call, wanted);
    let found = id === null;
    for (const row of await call.view.listSessions()) {
      if (id !== null && row.id !== id) continue;
      found = true;
      if (!wanted.keep.every((keep) => keep(row))) continue;
      const uri = wanted.showsUri && row.uri !== '' ? ` uri=${row.uri}` : '';
      yield whole ? block(row, uri) : line(row, uri);
    }
    if (!found) yield 'Session not found.\n';
  },
});
