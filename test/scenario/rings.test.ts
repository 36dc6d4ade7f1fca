// Rings of log lines: what they keep, what the stats socket shows of them, where they are sent.

import net from 'node:net';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { mkdtempSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { exchange, freePorts, PREAMBLE, sleep, start, until } from './harness.ts';
import { linesOfRingFile } from '../../src/core/ring-file.ts';
import { askSocket } from './stats-socket.ts';

const close = (path = '/'): string => `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'hawser-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('show events: the sinks, their lines, -n and -w', async (t) => {
  const socket = join(folder(t), 'stats');
  const [port] = await freePorts(1);
  const config = `${PREAMBLE.replace('global', `global\n  stats socket ${socket} level admin`)}
  log tcp@127.0.0.1:1 local0 emerg
  log tcp@127.0.0.1:1 local0 emerg
ring one
  description "the first"
  format rfc5424
  maxlen 90
frontend fe
  bind 127.0.0.1:${port}
  log ring@one local0
  log ring@two local0
  log-format "uri %HU"
  option dontlognull
  http-request return status 200
ring two
`;
  await start(t, config, [port!]);
  await exchange(t, port!, close('/a'));
  await exchange(t, port!, close(`/${'x'.repeat(200)}`));
  match(await askSocket(socket, 'show events'), /\n {4}one {8}: type=buffer, 0 dropped, the first\n/);
  match(
    await askSocket(socket, 'show events'),
    / two {8}: .*\n {4}ring#1 {5}: type=buffer, 0 dropped, created from logserver declared into '\S+' at line \d+\n {4}ring#2 /,
  );
  const one = (await askSocket(socket, 'show events one')).split('\n');
  match(one[0]!, /^<134>1 \S+ \S+ haproxy \d+ - - uri \/a$/);
  strictEqual(one[1]!.length, 90);
  match(await askSocket(socket, 'show events two'), /^uri \/a\nuri \/x{200}\n\n$/);
  strictEqual(await askSocket(socket, 'show events two -n'), '\n');
  strictEqual(await askSocket(socket, 'show events two -x'), 'unknown option\n\n');
  strictEqual(await askSocket(socket, 'show events none'), 'No such event sink\n\n');
  let tail = '';
  const client = net.connect(socket, () => client.write('show events two -wn\n'));
  client.on('data', (data) => (tail += data.toString('latin1')));
  await sleep(300);
  await exchange(t, port!, close('/later'));
  await until(() => tail === 'uri /later\n', `the new line, got ${tail}`);
  client.write('x\n');
  await until(() => tail === 'uri /later\n\n', 'the end of the answer');
  client.destroy();
});

test('servers of rings and log backends: source, tcp-ut, send-proxy and max-reuse', async (t) => {
  const seen: { from: string; text: string }[] = [];
  const server = net.createServer((socket) => {
    const one = { from: socket.remoteAddress!, text: '' };
    seen.push(one);
    socket.on('data', (data) => (one.text += data.toString('latin1')));
    socket.on('error', () => {});
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const { port: sink } = server.address() as net.AddressInfo;
  const [port] = await freePorts(1);
  const program = await start(
    t,
    `${PREAMBLE}
ring one
  server s1 127.0.0.1:${sink} source 127.0.0.9 tcp-ut 3s tfo send-proxy
  server s2 127.0.0.1:${sink} source 127.0.0.10 max-reuse 1
backend logs
  mode log
  server s3 127.0.0.1:${sink} source 127.0.0.11 send-proxy-v2
  server s4 127.0.0.1:${sink} weight 0 maxconn 3
frontend fe
  bind 127.0.0.1:${port}
  no log
  log ring@one format raw local0
  log backend@logs format raw local0
  log-format "uri %HU"
  option dontlognull
  http-request return status 200
`,
    [port!],
  );
  match(
    program.stderr,
    /'server logs\/s4' : 'maxconn' is ignored: it has no meaning for servers of log backends\./,
  );
  const of = (from: string): string[] => seen.filter((one) => one.from === from).map(({ text }) => text);
  for (let index = 0; index < 5; index++) {
    await exchange(t, port!, close(`/${index}`));
    await until(() => of('127.0.0.10').join('').includes(`/${index}\n`), `line ${index}`);
  }
  const lines = '01234'.replace(/./g, 'uri /$&\n');
  await until(() => of('127.0.0.11').join('').endsWith('/4\n'), 'the lines of the log backend');
  strictEqual(of('127.0.0.9').join('|'), `PROXY UNKNOWN\r\n${lines}`);
  strictEqual(of('127.0.0.11').join('|'), `\r\n\r\n\0\r\nQUIT\n \0\0\0${lines}`);
  deepStrictEqual(of('127.0.0.10'), ['uri /0\nuri /1\n', 'uri /2\nuri /3\n', 'uri /4\n']);
});

test('backing-file: lines survive the process, the file of the process before is kept as .bak', async (t) => {
  const file = join(folder(t), 'ring');
  const [port] = await freePorts(1);
  const config = `${PREAMBLE}
ring one
  size 32768
  backing-file ${file}
frontend fe
  bind 127.0.0.1:${port}
  log ring@one local0
  log-format "uri %HU"
  option dontlognull
  http-request return status 200
`;
  const lines = (path: string): string[] => linesOfRingFile(readFileSync(path)).map(String);
  const first = await start(t, config, [port!]);
  for (const path of ['/a', '/b']) await exchange(t, port!, close(path));
  strictEqual(statSync(file).size, 32768);
  strictEqual(statSync(file).mode & 0o777, 0o600);
  first.signal('SIGKILL');
  await first.end();
  deepStrictEqual(lines(file), ['uri /a', 'uri /b']);
  const second = await start(t, config, [port!]);
  // Listening comes first.
  await until(() => existsSync(`${file}.bak`), 'the old file');
  deepStrictEqual(lines(`${file}.bak`), ['uri /a', 'uri /b']);
  deepStrictEqual(lines(file), []);
  await exchange(t, port!, close('/c'));
  // A reload in the same process goes on with ring and file.
  second.signal('SIGUSR2');
  await until(() => second.stderr.includes('Loading success'), 'the reload');
  await exchange(t, port!, close('/d'));
  deepStrictEqual(lines(file), ['uri /c', 'uri /d']);
});
