import { test } from 'node:test';
import { ok, strictEqual, notStrictEqual } from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCorpus } from '../../src/testing/http1.ts';

const folder = new URL('../corpus/http1/', import.meta.url);

function installed(): boolean {
  try {
    execFileSync('haproxy', ['-v']);
    return true;
  } catch {
    return false;
  }
}

/** The status that a peer gives these bytes, or "none". */
function ask(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
    socket.setTimeout(900, () => socket.destroy());
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(/^HTTP\/1\.. (\d+)/.exec(answer)?.[1] ?? 'none'));
  });
}

test('haproxy accepts and refuses what we do', { skip: !installed() && 'no haproxy' }, async () => {
  // The server answers once a whole message is there, so that a fault in a body is seen first.
  const server = createServer((socket) => {
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      text += data.toString('latin1');
      const whole = /\r\n\r\n/.test(text) && (!/transfer-encoding/.test(text) || /\n0\r\n/.test(text));
      if (whole) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  }).listen(0, '127.0.0.1');
  const probe = createServer().listen(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(probe, 'listening')]);
  const port = (probe.address() as AddressInfo).port;
  probe.close();
  const config = join(mkdtempSync(join(tmpdir(), 'hawser-')), 'haproxy.cfg');
  writeFileSync(
    config,
    `defaults
  mode http
  timeout connect 2s
  timeout client 2s
  timeout server 2s
listen all
  bind 127.0.0.1:${port}
  http-reuse never
  server one 127.0.0.1:${(server.address() as AddressInfo).port}
`,
  );
  const haproxy = spawn('haproxy', ['-f', config, '-db'], { stdio: 'ignore' });
  try {
    for (let tries = 0; tries < 50; tries++) {
      if ((await ask(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')) === '200') break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    let compared = 0;
    for (const file of readdirSync(folder)) {
      for (const story of readCorpus(new URL(file, folder))) {
        const ours = story.expect.startsWith('refused') ? story.expect.split(' ')[1] : '200';
        if (story.deviates.startsWith('sometimes')) continue;
        if (story.deviates !== '') {
          notStrictEqual(await ask(port, story.bytes), ours, `${file}: ${story.title} does not deviate`);
          continue;
        }
        strictEqual(await ask(port, story.bytes), ours, `${file}: ${story.title}`);
        compared++;
      }
    }
    ok(compared > 200, `${compared} stories`);
  } finally {
    haproxy.kill();
    server.close();
  }
});
