import { defineCommand, parseDelay, refuse } from '../command.ts';
import type { SessionRow } from '../view.ts';

function age(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  return `${Math.floor(seconds / 3600)}h${Math.floor((seconds % 3600) / 60)}m`;
}

function line(row: SessionRow): string {
  return (
    `${row.id}: proto=${row.protocol} src=${row.source} fe=${row.frontend} be=${row.backend} ` +
    `srv=${row.server} ts=${row.thread} age=${age(row.ageMs)}${row.details === '' ? '' : ` ${row.details}`}\n`
  );
}

function block(row: SessionRow): string {
  return (
    `${row.id}: proto=${row.protocol} source=${row.source} thread=${row.thread}\n` +
    `  frontend=${row.frontend} backend=${row.backend} server=${row.server}\n` +
    `  age=${age(row.ageMs)}${row.details === '' ? '' : ` ${row.details}`}\n`
  );
}

type Filter = (row: SessionRow) => boolean;

const usage =
  'Usage: show sess [<id> | all | help] [<options>*]\n' +
  'Options:\n' +
  '  backend <b>     only sessions of this backend\n' +
  '  frontend <f>    only sessions of this frontend\n' +
  '  older <age>     only sessions older than <age> (seconds without a unit)\n' +
  '  server <b/s>    only sessions of this server\n';

/** The filters that the words ask for, or what is wrong with them. */
function filters(words: readonly string[]): Filter[] | string {
  const list: Filter[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const name = words[at]!;
    const value = words[at + 1];
    if (!['backend', 'frontend', 'older', 'server'].includes(name)) {
      const known = name === 'susp' || name === 'show-uri';
      return known
        ? `'show sess ${name}' is not supported.`
        : `Unsupported option '${name}'. Try 'show sess help'.`;
    }
    if (value === undefined) return `'${name}' expects a value.`;
    if (name === 'backend') list.push((row) => row.backend === value);
    else if (name === 'frontend') list.push((row) => row.frontend === value);
    else if (name === 'server') list.push((row) => `${row.backend}/${row.server}` === value);
    else {
      const ms = parseDelay(value, 1000);
      if (ms < 0) return 'Invalid age.';
      list.push((row) => row.ageMs > ms);
    }
  }
  return list;
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
    const wanted = filters(call.args.slice(whole ? 1 : 0));
    if (typeof wanted === 'string') return yield* refuse(call, wanted);
    let found = id === null;
    for (const row of await call.view.listSessions()) {
      if (id !== null && row.id !== id) continue;
      found = true;
      if (wanted.every((keep) => keep(row))) yield whole ? block(row) : line(row);
    }
    if (!found) yield 'Session not found.\n';
  },
});
