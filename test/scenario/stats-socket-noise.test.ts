// The stats socket of a running program under lines of any kind: it answers the next one, carries traffic, and nothing
// of what came is left. What the commands make of such lines is in test/fuzz/cli.test.ts.

import { test } from 'node:test';
import { match, ok, strictEqual } from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Prng } from '../../src/core/prng.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { exchange, freePorts, start, until } from './harness.ts';
import { askSocket } from './stats-socket.ts';

const ARGUMENTS =
  'be be/s1 fe zz/s1 * #1 #9 @1 -1 0 1 50% 1s 1ms x all none state ready weight addr 127.0.0.1 ::1 port 80 on off << ' +
  '<<x 0x1 proc.a str(a) int(1) \\ ; json typed maxconn global rate-limit sessions older 5m counters up';
/** Of these some end the program or its traffic, or wait for long: they are meant so. */
const MEANT =
  /shutdown|disable|^debug|^wait|show events|set (maxconn|rate-limit|server|weight|timeout)|level|^user|^oper/;

const pick = <T>(prng: Prng, list: readonly T[]): T => list[prng.below(list.length)]!;

function lineOf(prng: Prng): Buffer {
  const names = commands.map((one) => one.words.join(' ')).filter((name) => !MEANT.test(name));
  const words = ARGUMENTS.split(' ');
  let text = prng.chance(10) ? 'prompt\n' : '';
  for (let left = prng.between(1, 4); left > 0; left--) {
    text += prng.chance(85) ? pick(prng, names) : '';
    for (let more = prng.below(4); more > 0; more--) text += ` ${pick(prng, words)}`;
    if (prng.chance(10)) text += String.fromCharCode(...Array.from({ length: 8 }, () => prng.below(256)));
    if (prng.chance(3)) text += pick(prng, ['a', ' ', ';', '\\']).repeat(20_000);
    text += pick(prng, ['\n', '\n', ';', '\r\n', '\0\n', '']);
  }
  return Buffer.from(text, 'latin1');
}

test('two hundred connections with noise leave the program as it was', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'hawser-noise-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const socket = join(directory, 's');
  const [port] = await freePorts(1);
  const config = `
global
    stats socket ${socket} level admin
    stats timeout 2s
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend fe
    bind 127.0.0.1:${port}
    http-request return status 200 content-type text/plain string fine
backend be
    server s1 127.0.0.1:1
`;
  const program = await start(t, config, [port!]);
  await until(() => existsSync(socket), 'the stats socket');
  const prng = new Prng(Number(process.env['FUZZ_SEED'] ?? 20_261_123));
  for (let round = 0; round < 200; round++) {
    const line = lineOf(prng);
    const client = net.connect(socket);
    client.on('error', () => {});
    client.on('data', (data) => {
      ok(
        !data.toString('latin1').includes('Internal error: '),
        `${line.toString('latin1')}${data.toString('latin1')}`,
      );
    });
    const cut = prng.below(line.length + 1);
    client.write(line.subarray(0, cut));
    client.write(line.subarray(cut));
    if (prng.chance(15)) client.destroy();
    else client.end();
    if (!client.destroyed) await once(client, 'close');
  }
  match(await askSocket(socket, 'show info'), /^CurrConns: 0$/m);
  match(await exchange(t, port!, 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'), /fine$/);
  strictEqual(/died|Error/.test(program.stderr), false, program.stderr);
});
