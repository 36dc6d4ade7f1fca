// Edits that leave the room of tune.maxrewrite, with and without strict-mode (manual 4.4 strict-mode).

import { test } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import { answering, connect, serve, until } from './harness.ts';
import { kinds, observe } from './witness.ts';

const LONG = 'x'.repeat(100);
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n${'y'.repeat(2000)}`;

test('an edit without room: 500 and wrew, or nothing in a loose mode; each rule set begins strict', async (t) => {
  const heads: string[] = [];
  const server = await serve(
    t,
    answering((head) => {
      heads.push(head);
      return ANSWER;
    }),
  );
  const witness = await observe(t, {
    kind: kinds[0]!,
    server: server.port,
    global: 'tune.bufsize 2048\n    tune.maxrewrite 128',
    front: `http-request strict-mode off if { path_beg /loose }
    http-request set-header x-a ${LONG}${LONG} if { method POST }
    http-after-response set-header x-d ${LONG}${LONG} if { capture.req.uri /after }`,
    back: `http-response strict-mode off if { capture.req.uri /loose/answer }
    http-response set-header x-c ${LONG} if { capture.req.uri -m end /answer }
    http-response set-header x-e ${LONG} if { capture.req.uri -m end /answer }`,
  });
  const ask = async (head: string, body = ''): Promise<string> => {
    const client = await connect(t, witness.port);
    client.send(
      `${head} HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
    await until(() => client.finished || client.closed, 'the answer');
    return client.text;
  };
  const failed = (): Promise<number> => witness.stat('fe', 'FRONTEND', 'wrew');
  const body = 'z'.repeat(1950);
  match(await ask('POST /', body), /^HTTP\/1\.1 500 /);
  strictEqual(heads.length, 0);
  await until(async () => (await failed()) === 1, 'wrew');
  match(await ask('POST /loose', body), /^HTTP\/1\.1 200 /);
  strictEqual(
    heads.some((head) => head.includes('x-a')),
    false,
  );
  await until(async () => (await failed()) === 2, 'wrew');
  match(await ask('GET /answer'), /^HTTP\/1\.1 500 /);
  strictEqual(await witness.stat('be', 's1', 'wrew'), 1);
  match(await ask('GET /loose/answer'), /^HTTP\/1\.1 200 .*x-c: x{100}\r\nconnection: close\r\n\r\n/s);
  match(await ask('GET /after'), /^HTTP\/1\.1 500 /);
  strictEqual(await witness.stat('be', 'BACKEND', 'wrew'), 3);
});
