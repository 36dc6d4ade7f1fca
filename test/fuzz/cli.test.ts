// What comes over the stats socket and the master's socket: every command with arguments right and wrong, several in a
// line, payloads, cut lines and bytes of any kind. Each session ends, no command throws, and where the bytes are cut
// makes no difference.

import { test } from 'node:test';
import { ok, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { CliSession, type Sink } from '../../src/cli/session.ts';
import { MasterSession } from '../../src/process/master/session.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { fakeView } from '../../src/cli/fake.ts';
import { masterCommands } from '../../src/process/master/commands.ts';
import type { Level } from '../../src/cli/view.ts';
import { holdsLater } from './fuzz.ts';

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

const ARGUMENTS = words(`
  b f b/s1 b/s2 b/ /s1 zz b/zz zz/s1 b/s1/x * all none #0 #1 #-1 #99 #1x m.map i.map ip.map l.lst i2.map @1 @0 @2 @99 @x
  0x1 0x0 0xg #0x1 -1 0 1 2 10 100% 50% 101% -5% 256 257 1.5 1e3 99999999999999999999 1s 5ms 1us 0s x state ready drain
  maint weight addr port health agent up down stopping check-addr check-port agent-addr agent-send fqdn ssl on off
  127.0.0.1 ::1 1.2.3.4.5 name:80 80 65536 +1 -1 older 5m susp server backend frontend show-uri help json typed desc float
  no-maint up global session sess connections rate http-compression ssl-sessions cli table key data.x process_data level
  proc.a txn.a proc. sess.x str(a) int(1) src "quoted" 'single' \\ \\\\ a\\;b expr fmt %[src] % << <<x <<% <<toolong8
  -- -w -n -a srv-removable srv-unused reset version timeout maxconn prompt i n p r h2 /a /A 10.0.0.1 ~ ^ ( [a-z`);

// These answer with the time or go on by themselves: their lines are not compared.
const TIMED = /\b(show|debug|wait|dump|uptime|prompt|mcli|help)\b|@/;

const names = commands.map((command) => command.words.join(' '));
const command = fc
  .tuple(
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...names) }, fc.constantFrom(...words(names.join(' ')))),
    fc.array(fc.constantFrom(...ARGUMENTS), { maxLength: 6 }),
  )
  .map(([name, args]) => [name, ...args].join(' '));
const noise = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const ends = fc.constantFrom(
  '\n',
  '\n',
  '\n',
  '\n',
  ';',
  ' ; ',
  '\r\n',
  ' <<\n',
  ' <<\na b\n\n',
  ' <<EOF\nx y\nEOF\n',
  '\0\n',
  '',
);
const huge = fc
  .tuple(fc.constantFrom('a', ';', 'show ', '\\', '<<', ' '), fc.constantFrom(300, 17000))
  .map(([one, count]) => one.repeat(count));
const piece = fc.tuple(
  fc.oneof(
    { weight: 12, arbitrary: command },
    { weight: 2, arbitrary: noise },
    { weight: 1, arbitrary: huge },
  ),
  ends,
);
const start = fc.constantFrom(
  '',
  '',
  'prompt\n',
  'prompt i\n',
  'expert-mode on; ',
  'prompt\nexperimental-mode on\n',
);
const talks = fc
  .tuple(start, fc.array(piece, { maxLength: 8 }))
  .map(([head, list]) => head + list.map(([text, end]) => text + end).join(''));
const level = fc.constantFrom<Level>('admin', 'admin', 'admin', 'operator', 'user');

interface Session {
  receive(bytes: Buffer): void;
  receiveEnd(): void;
  abort(): void;
}

/** Milliseconds after which a session that still waits for something is cut off. */
const CUT_MS = 60;

/** What a session answers to `text`, which comes in pieces of `size` bytes. Null where it had to be cut off. */
async function talk(
  open: (sink: Sink) => Session,
  text: string,
  size: number,
  narrow: boolean,
): Promise<string | null> {
  const ended = Promise.withResolvers<void>();
  let got = '';
  const sink: Sink = {
    write(bytes) {
      got += bytes.toString('latin1');
      return !narrow;
    },
    drained: () => Promise.resolve(true),
    end: () => ended.resolve(),
    pause() {},
    resume() {},
  };
  const session = open(sink);
  for (let at = 0; at < text.length; at += size) {
    session.receive(Buffer.from(text.slice(at, at + size), 'latin1'));
  }
  session.receiveEnd();
  let cut = false;
  const timer = setTimeout(() => {
    cut = true;
    session.abort();
    ended.resolve();
  }, CUT_MS);
  await ended.promise;
  clearTimeout(timer);
  ok(!cut || /wait|events|reload/.test(text), 'it does not end');
  ok(!/^Internal error: /m.test(got), got);
  ok(got.length < 4_000_000, `${got.length} bytes`);
  return cut ? null : got;
}

const stats = (text: string, at: Level, size: number, narrow: boolean): Promise<string | null> =>
  talk(
    (sink) => new CliSession(fakeView(3), commands, sink, { level: at, timeoutMs: 1000 }),
    text,
    size,
    narrow,
  );

test('stats socket: every session ends, and no command throws', async () => {
  await holdsLater(
    1500,
    fc.asyncProperty(talks, level, fc.boolean(), async (text, at, narrow) => {
      const whole = await stats(text, at, 1e6, narrow);
      if (TIMED.test(text) || text.length > 5000) return;
      strictEqual(await stats(text, at, 1, false), whole);
    }),
  );
});

const VERSION = fakeView(0).facts().version;
const masterWords = masterCommands.map((one) => one.words.join(' '));
const prefixes = fc.constantFrom(
  '',
  '',
  '@1 ',
  '@@1 ',
  '@@1\n',
  '@',
  '@0 ',
  '@!1162 ',
  '@!7 ',
  '@x ',
  '@1;',
  '@@!x ',
  '@master ',
);
const masterTalks = fc
  .tuple(
    start,
    fc.array(fc.tuple(prefixes, fc.oneof(fc.constantFrom(...masterWords), command, noise), ends), {
      maxLength: 6,
    }),
  )
  .map(([head, list]) => head + list.flat().join(''));

test('master socket: every session ends, and no command throws', async () => {
  const open =
    (at: Level) =>
    (sink: Sink): Session => {
      const inside = fakeView(2);
      return new MasterSession(
        {
          pid: 1162,
          version: VERSION,
          startedMs: 0,
          reloads: 0,
          failedReloads: 0,
          workers: () => [{ pid: 1162, reloads: 0, startedMs: 0, version: '3.5.0', leaving: false }],
          reload: () => Promise.resolve({ ok: true, text: 'done\n' }),
          startupLogs: () => 'said\n',
          openWorker: (through, most) =>
            new CliSession(inside, commands, through, { level: most, timeoutMs: 1000 }),
        },
        sink,
        { level: at, timeoutMs: 1000 },
      );
    };
  await holdsLater(
    1500,
    fc.asyncProperty(masterTalks, level, fc.boolean(), async (text, at, narrow) => {
      const whole = await talk(open(at), text, 1e6, narrow);
      if (TIMED.test(text.replaceAll('@', ''))) return;
      strictEqual(await talk(open(at), text, 1, false), whole);
    }),
  );
});
