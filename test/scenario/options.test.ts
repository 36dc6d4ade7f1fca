// Options of proxies that change how streams and connections are treated.

import net from 'node:net';
import { join } from 'node:path';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { match, ok as truth, strictEqual } from 'node:assert/strict';
import {
  answering,
  connect,
  exchange,
  freePorts,
  ok,
  PREAMBLE,
  serve,
  sleep,
  start,
  until,
} from './harness.ts';
import { askSocket, parseStat } from './stats-socket.ts';

const close = (lines = ''): string => `GET / HTTP/1.1\r\nhost: a\r\n${lines}connection: close\r\n\r\n`;
const keep = (path = '/'): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;

test('http-restrict-req-hdr-names: preserve, delete and reject, in frontend and backend', async (t) => {
  const server = await serve(t, async (peer) => {
    const head = await peer.head();
    const names = [...head.matchAll(/^(x[^:]*):/gm)].map(([, name]) => name);
    peer.send(ok(names.join(' ')));
  });
  const [keeps, deletes, rejects, behind] = await freePorts(4);
  const config = `${PREAMBLE}
listen keeps
    bind 127.0.0.1:${keeps}
    server s1 127.0.0.1:${server.port}
listen deletes
    bind 127.0.0.1:${deletes}
    option http-restrict-req-hdr-names delete
    http-request set-header x_made 1
    server s1 127.0.0.1:${server.port}
listen rejects
    bind 127.0.0.1:${rejects}
    option http-restrict-req-hdr-names reject
    server s1 127.0.0.1:${server.port}
frontend front
    bind 127.0.0.1:${behind}
    default_backend strict
backend strict
    option http-restrict-req-hdr-names reject
    server s1 127.0.0.1:${server.port}
`;
  const program = await start(t, config, [keeps!, deletes!, rejects!, behind!]);
  const odd = 'X_a: 1\r\nX-b: 2\r\nx.c: 3\r\n';
  match(await exchange(t, keeps!, close(odd)), /\r\n\r\nx_a x-b x\.c$/);
  match(await exchange(t, deletes!, close(odd)), /\r\n\r\nx-b$/);
  match(await exchange(t, rejects!, close(odd)), /^HTTP\/1\.1 403 /);
  match(await exchange(t, rejects!, close('x-b: 2\r\n')), /\r\n\r\nx-b$/);
  match(await exchange(t, behind!, close(odd)), /^HTTP\/1\.1 403 /);
  await program.logs(/ rejects rejects\/<NOSRV> \d+\/-1\/-1\/-1\/\d+ 403 \d+ - - PR-- /);
  await program.logs(/ front strict\/<NOSRV> \d+\/-1\/-1\/-1\/\d+ 403 \d+ - - PR-- /);
});

test('prefer-last-server: a kept connection stays with its server, as after a 401', async (t) => {
  const servers = await Promise.all(
    ['one', 'two'].map((name) =>
      serve(t, async (peer) => {
        for (;;) {
          const head = await peer.head();
          const status = head.startsWith('GET /secret') ? '401 Unauthorized' : '200 OK';
          peer.send(`HTTP/1.1 ${status}\r\ncontent-length: ${name.length}\r\n\r\n${name}`);
        }
      }),
    ),
  );
  const [prefers, rotates] = await freePorts(2);
  const section = (name: string, port: number, lines: string): string => `
listen ${name}
    bind 127.0.0.1:${port}
    balance roundrobin
    ${lines}
    server s1 127.0.0.1:${servers[0]!.port}
    server s2 127.0.0.1:${servers[1]!.port}
`;
  const config =
    PREAMBLE + section('prefers', prefers!, 'option prefer-last-server') + section('rotates', rotates!, '');
  await start(t, config, [prefers!, rotates!]);
  const asked = async (port: number, paths: readonly string[]): Promise<string[]> => {
    const client = await connect(t, port);
    const answers: string[] = [];
    for (const path of paths) {
      client.send(keep(path));
      await client.head();
      answers.push(await client.bytes(3));
    }
    return answers;
  };
  strictEqual(new Set(await asked(prefers!, ['/', '/', '/', '/'])).size, 1);
  strictEqual(new Set(await asked(rotates!, ['/', '/', '/', '/'])).size, 2);
  const challenged = await asked(rotates!, ['/secret', '/', '/']);
  strictEqual(challenged[0], challenged[1]);
  truth(challenged[1] !== challenged[2]);
});

test('logasap: the line is there before the answer is over, with + and without the rest', async (t) => {
  let finish = (): void => {};
  const server = await serve(t, async (peer) => {
    await peer.head();
    peer.send('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345');
    await new Promise<void>((done) => (finish = done));
    peer.send('67890');
  });
  const silent = await serve(t, () => {});
  const [port, tcp] = await freePorts(2);
  const config = `${PREAMBLE}
listen early
    bind 127.0.0.1:${port}
    option logasap
    server s1 127.0.0.1:${server.port}
listen stream
    bind 127.0.0.1:${tcp}
    mode tcp
    option tcplog
    option logasap
    server s1 127.0.0.1:${silent.port}
`;
  const program = await start(t, config, [port!, tcp!]);
  const client = await connect(t, port!);
  client.send(close());
  const [line] = await program.logs(/ early early\/s1 /);
  match(
    line!,
    / early early\/s1 \d+\/\d+\/\d+\/\d+\/\+\d+ 200 \+\d+ - - ---- \d\/1\/1\/1\/0 0\/0 "GET \/ HTTP\/1\.1"$/,
  );
  finish();
  match(await client.all(), /1234567890$/);
  // The first line is that of the probe which waited for the start.
  const second = await connect(t, tcp!);
  match(
    (await program.logs(/ stream stream\/s1 /, 2))[1]!,
    / stream stream\/s1 \d+\/\d+\/\+\d+ \+0 -- (\d)\/\1\/\1\/\1\/0 0\/0$/,
  );
  const lines = (): number => program.stdout.match(/ (early early|stream stream)\/s1 /g)!.length;
  const before = lines();
  second.socket.end();
  await sleep(100);
  strictEqual(lines(), before);
});

test('nolinger: both sides are reset instead of closed', async (t) => {
  let ended = '';
  const server = net.createServer((socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => (ended = error.code ?? ''));
    socket.on('end', () => (ended = 'end'));
    socket.resume();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const [port] = await freePorts(1);
  const config = `${PREAMBLE}
listen hard
    bind 127.0.0.1:${port}
    mode tcp
    option nolinger
    timeout client 200ms
    server s1 127.0.0.1:${(server.address() as net.AddressInfo).port}
`;
  await start(t, config, [port!]);
  const client = net.connect(port!, '127.0.0.1');
  t.after(() => client.destroy());
  let seen = '';
  client.on('error', (error: NodeJS.ErrnoException) => (seen = error.code ?? ''));
  client.on('end', () => (seen = 'end'));
  client.resume();
  await until(() => seen !== '' && ended !== '', 'the end of both connections');
  strictEqual(seen, 'ECONNRESET');
  strictEqual(ended, 'ECONNRESET');
});

test('idle-close-on-response: kept connections outlive a soft stop until their next answer', async (t) => {
  const server = await serve(t, answering(ok('there')));
  const [patient, hasty] = await freePorts(2);
  const config = `${PREAMBLE}
    timeout http-keep-alive 5s
listen patient
    bind 127.0.0.1:${patient}
    option idle-close-on-response
    server s1 127.0.0.1:${server.port}
listen hasty
    bind 127.0.0.1:${hasty}
    server s1 127.0.0.1:${server.port}
`;
  const program = await start(t, config, [patient!, hasty!]);
  const first = await connect(t, patient!);
  const second = await connect(t, hasty!);
  for (const client of [first, second]) {
    client.send(keep());
    await client.head();
    await client.bytes(5);
  }
  program.child.kill('SIGUSR1');
  strictEqual(await second.all(), '');
  await sleep(700);
  first.send(keep());
  match(await first.all(), /^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n[^]*there$/);
});

test('independent-streams: a server that only listens is given up, without the option it is not', async (t) => {
  const mute = await serve(t, (peer) => {
    peer.socket.resume();
  });
  const [independent, usual] = await freePorts(2);
  const section = (name: string, port: number, option: string): string => `
listen ${name}
    bind 127.0.0.1:${port}
    mode tcp
    option tcplog
    timeout client 20s
    timeout server 400ms
    ${option}
    server s1 127.0.0.1:${mute.port}
`;
  const folder = mkdtempSync(join(tmpdir(), 'hawser-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const socket = join(folder, 'stats');
  const config =
    PREAMBLE.replace('global', `global\n    stats socket ${socket}`) +
    section('independent', independent!, 'option independent-streams') +
    section('usual', usual!, '');
  const program = await start(t, config, [independent!, usual!]);
  const talk = async (port: number): Promise<boolean> => {
    const client = await connect(t, port);
    for (let turn = 0; turn < 10 && !client.closed && !client.finished; turn++) {
      client.send('still here\n');
      await sleep(100);
    }
    return client.finished || client.closed;
  };
  strictEqual(await talk(usual!), false);
  strictEqual(await talk(independent!), true);
  await program.logs(/ independent independent\/s1 \d+\/\d+\/\d+ 0 sD /);
  const stat = net.connect(socket);
  stat.end('show stat\n');
  let text = '';
  for await (const chunk of stat) text += String(chunk);
  const [head, ...rows] = text.split('\n').map((line) => line.split(','));
  const row = rows.find(([proxy, name]) => proxy === 'independent' && name === 's1')!;
  truth(Number(row[head!.indexOf('reqbout')]) >= 11, 'bytes to the server are counted');
});

test('contstats: bytes are counted while an answer is on its way', async (t) => {
  const server = await serve(t, async (peer) => {
    await peer.head();
    peer.send('HTTP/1.1 200 OK\r\ncontent-length: 3000\r\n\r\n');
    for (let turn = 0; turn < 60 && !peer.closed; turn++) {
      peer.send('x'.repeat(50));
      await sleep(100);
    }
  });
  const [counted, usual] = await freePorts(2);
  const folder = mkdtempSync(join(tmpdir(), 'hawser-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const socket = join(folder, 'stats');
  const section = (name: string, port: number, option: string): string => `
listen ${name}
    bind 127.0.0.1:${port}
    ${option}
    server s1 127.0.0.1:${server.port}
`;
  const config =
    PREAMBLE.replace('global', `global\n    stats socket ${socket}`) +
    section('counted', counted!, 'option contstats') +
    section('usual', usual!, '');
  await start(t, config, [counted!, usual!]);
  await until(() => existsSync(socket), 'the stats socket');
  const bytesOut = async (name: string): Promise<number> => {
    const rows = parseStat(await askSocket(socket, 'show stat'));
    return Number(rows.get(`${name}/FRONTEND`)!['bout']);
  };
  const clients = await Promise.all([connect(t, counted!), connect(t, usual!)]);
  for (const client of clients) client.send(close());
  await until(async () => (await bytesOut('counted')) > 1000, 'bytes of the running answer');
  strictEqual(await bytesOut('usual'), 0);
  await clients[0]!.all();
  await until(async () => (await bytesOut('counted')) >= 3000, 'all of its bytes');
  truth((await bytesOut('counted')) < 3200);
});
