import { defineCommand, refuse, type Call } from '../command.ts';
import type { EventSink } from '../view.ts';

/** How often `-w` looks for new events, ms. */
const LOOK_MS = 50;

function* list(sinks: readonly EventSink[]): Generator<string> {
  yield 'Supported events sinks are listed below. Add -w(wait), -n(new), -0(zero). Any key to stop\n';
  for (const { name, description, ring } of sinks) {
    const type = ring === null ? 'fd' : 'buffer';
    yield `    ${name.padEnd(10)} : type=${type}, ${ring?.dropped ?? 0} dropped, ${description}\n`;
  }
}

/** What the words behind the sink's name ask for, or null where one is unknown. */
function flagsOf(words: readonly string[]): { wait: boolean; fresh: boolean; end: string } | null {
  const flags = { wait: false, fresh: false, end: '\n' };
  for (const word of words) {
    if (!/^-[wn0]+$/.test(word)) return null;
    if (word.includes('w')) flags.wait = true;
    if (word.includes('n')) flags.fresh = true;
    if (word.includes('0')) flags.end = '\0';
  }
  return flags;
}

async function* show(call: Call, { ring }: EventSink): AsyncGenerator<string> {
  const flags = flagsOf(call.args.slice(1));
  if (flags === null) return yield* refuse(call, 'unknown option');
  if (ring === null) return yield* refuse(call, 'Nothing to report for this sink');
  let place = flags.fresh ? ring.head : 0;
  for (;;) {
    const { lines, next } = ring.read(place);
    for (const line of lines) yield line.toString('latin1') + flags.end;
    place = next;
    if (lines.length > 0) continue;
    yield '';
    if (!flags.wait || call.interrupted() || (await call.sleep(LOOK_MS))) return;
  }
}

export default defineCommand({
  words: ['show', 'events'],
  usage: 'show events [<sink>] [-w] [-n] [-0]',
  doc: 'show event sink state',
  level: 'user',
  async *run(call) {
    const [name] = call.args;
    const sinks = call.view.eventSinks;
    if (name === undefined) {
      yield* list(sinks);
      return;
    }
    const sink = sinks.find((one) => one.name === name);
    if (sink === undefined) yield* refuse(call, 'No such event sink');
    else yield* show(call, sink);
  },
});
