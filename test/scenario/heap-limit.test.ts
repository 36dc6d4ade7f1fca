// A data thread whose heap fills up is lost alone, before V8 ends the process.

import { test } from 'node:test';
import { match } from 'node:assert/strict';
import { answering, connect, ok, serve, until } from './harness.ts';
import { kinds, nameOf, observe } from './witness.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

// For the program under test: its threads take the limit of their heaps from it.
process.env['NODE_OPTIONS'] = '--max-old-space-size=64';

for (const kind of kinds) {
  test(`a thread that leaks is replaced before its heap is full (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, answering(ok('x')));
    const witness = await observe(t, { kind, server: server.port });
    const ask = async (): Promise<void> => {
      const client = await connect(t, witness.port);
      client.send(GET);
      await client.seen(/x$/);
      client.socket.destroy();
    };
    for (let round = 1; round <= 2; round++) {
      await ask();
      const lost = (): number => witness.program.stderr.split('out of memory: ').length - 1;
      await until(
        async () => (await witness.ask('expert-mode on; debug dev bug 1 heap')).trim() === '',
        'thread 1',
      );
      await until(() => lost() === round, `the loss of the thread; stderr: ${witness.program.stderr}`);
      match(
        witness.program.stderr,
        /thread 1 died of a bug and is replaced:\nError: out of memory: \d+ of \d+ MiB of heap are in use\n/,
      );
      // The other thread, or the new one.
      await until(
        () =>
          ask().then(
            () => true,
            () => false,
          ),
        'answers',
      );
    }
    await witness.quiet();
  });
}
