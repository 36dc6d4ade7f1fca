// What a reload makes of servers that both configurations have.

import { test } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { answering, connect, ok, serve, until } from './harness.ts';
import { nameOf, observe, type Witness } from './witness.ts';
import { kinds } from './witness.ts';

/** Columns of `show servers state`: administrative state, weight in use, configured weight; and slim and scur of `show stat`. */
async function stateOf(witness: Witness, server = 's1'): Promise<string> {
  const line = (await witness.ask('show servers state be'))
    .split('\n')
    .find((one) => one.includes(` ${server} `))!;
  const words = line.split(' ');
  const limit = await witness.stat('be', server, 'slim');
  return `op ${words[5]} admin ${words[6]} weight ${words[7]}/${words[8]} maxconn ${limit}`;
}

for (const kind of kinds) {
  test(`a reload applies what changed for a server and keeps the rest of its state (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, answering(ok('x')));
    const witness = await observe(t, { kind, server: server.port, words: 'weight 10 maxconn 20' });
    const { program } = witness;
    const reload = async (change: (text: string) => string): Promise<void> => {
      writeFileSync(program.file, change(readFileSync(program.file, 'utf8')));
      const loaded = (): number => program.stderr.split('Loading success').length;
      const before = loaded();
      program.signal('SIGUSR2');
      await until(() => loaded() > before, 'a reload');
    };
    const answers = async (): Promise<string> => {
      const client = await connect(t, witness.port);
      client.send('GET / HTTP/1.0\r\n\r\n');
      await until(() => client.finished || client.closed, 'an answer');
      client.socket.destroy();
      return client.text.slice(9, 12);
    };
    strictEqual(await stateOf(witness), 'op 2 admin 0 weight 10/10 maxconn 20');

    // What commands set goes on, as long as the configured value is the same.
    await witness.ask('set weight be/s1 5');
    await witness.ask('set maxconn server be/s1 7');
    await reload((text) => `${text}\n`);
    strictEqual(await stateOf(witness), 'op 2 admin 0 weight 5/10 maxconn 7');
    await reload((text) => text.replace('weight 10', 'weight 30'));
    strictEqual(await stateOf(witness), 'op 2 admin 0 weight 30/30 maxconn 7');
    await reload((text) => text.replace('maxconn 20', 'maxconn 9'));
    strictEqual(await stateOf(witness), 'op 2 admin 0 weight 30/30 maxconn 9');

    await reload((text) => text.replace('weight 30', 'weight 30 disabled'));
    strictEqual(await stateOf(witness), 'op 0 admin 5 weight 30/30 maxconn 9');
    strictEqual(await answers(), '503');
    await reload((text) => text.replace(' disabled', ''));
    strictEqual(await stateOf(witness), 'op 2 admin 0 weight 30/30 maxconn 9');
    strictEqual(await answers(), '200');

    // Checks that are new begin; a server that they found down is up when there are none any more.
    await reload((text) => text.replace('weight 30', 'weight 30 check inter 50ms fall 1 port 1'));
    await until(async () => (await stateOf(witness)).startsWith('op 0 '), 'the failed check');
    strictEqual(await answers(), '503');
    await reload((text) => text.replace(' check inter 50ms fall 1 port 1', ''));
    strictEqual(await stateOf(witness), 'op 2 admin 0 weight 30/30 maxconn 9');
    strictEqual(await answers(), '200');
    await witness.quiet();
  });
}
