// What clients and logs are told when something fails, and answers that Hawser gives by itself.

import { test } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import {
  answering,
  connect,
  exchange,
  freePorts,
  ok,
  PREAMBLE,
  proxy,
  serve,
  sleep,
  start,
  until,
} from './harness.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';

test('a server that refuses connections: retries, 503 and SC in the log', async (t) => {
  const [port, dead] = await freePorts(2);
  const config = `${PREAMBLE}
    retries 1
listen web
    bind 127.0.0.1:${port}
    server s1 127.0.0.1:${dead}
`;
  const program = await start(t, config, [port!]);
  match(await exchange(t, port!, GET), /^HTTP\/1\.1 503 Service Unavailable\r\n/);
  const [line] = await program.logs(/GET \//);
  match(line!, / web web\/s1 0\/\d+\/-1\/-1\/\d+ 503 \d+ - - SC-- \d+\/\d+\/\d+\/\d+\/1 /);
});

test('option redispatch finds a server that lives', async (t) => {
  const server = await serve(t, answering(ok('alive')));
  const [port, dead] = await freePorts(2);
  const config = `${PREAMBLE}
    retries 1
    option redispatch
listen web
    bind 127.0.0.1:${port}
    balance first
    server dead 127.0.0.1:${dead} weight 1
    server alive 127.0.0.1:${server.port}
`;
  const program = await start(t, config, [port!]);
  match(await exchange(t, port!, GET), /^HTTP\/1\.1 200 [^]*alive$/);
  const [line] = await program.logs(/GET \//);
  match(line!, / web web\/alive [^"]*\/\+1 /);
});

test('a server that closes without a word: 502 and SH', async (t) => {
  const server = await serve(t, async (peer) => {
    await peer.head();
    peer.socket.end();
  });
  const { program, port } = await proxy(t, server);
  match(await exchange(t, port, GET), /^HTTP\/1\.1 502 Bad Gateway\r\n/);
  match((await program.logs(/GET \//))[0]!, / fe be\/s1 [-0-9/]+ 502 \d+ - - SH-- /);
});

test('a server that says nothing: 504 and sH', async (t) => {
  const server = await serve(t, async (peer) => void (await peer.head()));
  const { program, port } = await proxy(t, server, { back: 'timeout server 150ms' });
  const before = Date.now();
  match(await exchange(t, port, GET), /^HTTP\/1\.1 504 Gateway Time-out\r\n/);
  strictEqual(Date.now() - before < 3000, true);
  match((await program.logs(/GET \//))[0]!, / fe be\/s1 [-0-9/]+ 504 \d+ - - sH-- /);
});

test('a client that stops within its head: 408 and cR', async (t) => {
  const server = await serve(t, answering(ok('x')));
  const { program, port } = await proxy(t, server, { front: 'timeout http-request 150ms' });
  match(await exchange(t, port, 'GET / HTTP/1.1\r\nhost: '), /^HTTP\/1\.1 408 Request Time-out\r\n/);
  match(
    (await program.logs(/ cR-- /))[0]!,
    / fe fe\/<NOSRV> -1\/-1\/-1\/-1\/\d+ 408 \d+ - - cR-- .*"<BADREQ>"/,
  );
});

test('what is no HTTP: 400 and PR', async (t) => {
  const server = await serve(t, answering(ok('x')));
  const { program, port } = await proxy(t, server);
  match(await exchange(t, port, 'not http\r\n\r\n'), /^HTTP\/1\.1 400 Bad request\r\n/i);
  match((await program.logs(/ PR-- /))[0]!, / fe fe\/<NOSRV> .* 400 \d+ - - PR-- .*"<BADREQ>"/);
  strictEqual(server.peers.length, 0);
});

test('two different lengths are refused, not guessed', async (t) => {
  const server = await serve(t, answering(ok('x')));
  const { port } = await proxy(t, server);
  const head = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello';
  match(await exchange(t, port, head), /^HTTP\/1\.1 400 /);
  strictEqual(server.peers.length, 0);
});

test('deny, return and redirect answer without a server', async (t) => {
  const server = await serve(t, answering(ok('server')));
  const { program, port } = await proxy(t, server, {
    front: `http-request deny deny_status 429 if { path /deny }
    http-request return status 418 content-type text/plain lf-string "short and stout" hdr x-pot tea if { path /return }
    http-request redirect location https://example.com%[path] code 302 if { path /redirect }
    http-request redirect scheme https code 301 if { path /scheme }`,
  });
  const get = (path: string): Promise<string> =>
    exchange(t, port, `GET ${path} HTTP/1.1\r\nhost: example.org\r\nconnection: close\r\n\r\n`);
  match(await get('/deny'), /^HTTP\/1\.1 429 Too Many Requests\r\n/);
  match(await get('/return'), /^HTTP\/1\.1 418 [^]*x-pot: tea\r\n[^]*\r\n\r\nshort and stout$/);
  match(
    await get('/redirect'),
    /^HTTP\/1\.1 302 Found\r\n[^]*location: https:\/\/example\.com\/redirect\r\n/,
  );
  match(await get('/scheme'), /^HTTP\/1\.1 301 [^]*location: https:\/\/example\.org\/scheme\r\n/);
  match(await get('/else'), /^HTTP\/1\.1 200 [^]*server$/);
  match((await program.logs(/GET \/deny/))[0]!, / 429 \d+ - - PR-- /);
  match((await program.logs(/GET \/redirect/))[0]!, / 302 \d+ - - LR-- /);
});

test('a client that leaves while it waits, and a server that minds: CH', async (t) => {
  const server = await serve(t, async (peer) => {
    await peer.head();
    await peer.all();
    peer.socket.end();
  });
  const { program, port } = await proxy(t, server, {
    front: 'option abortonclose',
    back: 'option abortonclose',
  });
  const client = await connect(t, port);
  client.send('GET /gone HTTP/1.1\r\nhost: a\r\n\r\n');
  await until(() => server.peers.length === 1, 'the request at the server');
  await sleep(100);
  client.socket.destroy();
  match((await program.logs(/GET \/gone/))[0]!, / fe be\/s1 [-0-9/]+ 400 \d+ - - CH-- /);
});

for (const option of ['option abortonclose', 'no option abortonclose']) {
  test(`a client that closed its sending side gets its answer: ${option}`, async (t) => {
    const told: boolean[] = [];
    const server = await serve(t, async (peer) => {
      const head = await peer.head();
      if (head.startsWith('POST')) await peer.bytes(3);
      // With the option the server hears of it; what it makes of that is its own affair.
      if (option.startsWith('option')) await peer.all();
      await sleep(50);
      told.push(peer.finished);
      peer.send(ok('late'));
    });
    const { program, port } = await proxy(t, server, { back: option });
    for (const request of [
      'GET / HTTP/1.1\r\nhost: a\r\n\r\n',
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc',
    ]) {
      const client = await connect(t, port);
      client.send(request);
      await until(() => server.peers.length === told.length + 1, 'the request at the server');
      client.socket.end();
      match(await client.all(), /^HTTP\/1\.1 200 [^]*late$/);
    }
    for (const line of await program.logs(/"(GET|POST) \//, 2))
      match(line, / be\/s1 [-0-9/]+ 200 \d+ - - ---- /);
    strictEqual(told.join(), option.startsWith('option') ? 'true,true' : 'false,false');
  });
}

test('return gives the text of string', async (t) => {
  const server = await serve(t, answering(ok('server')));
  const { port } = await proxy(t, server, {
    front: 'http-request return status 200 content-type text/plain string "constant"',
  });
  match(await exchange(t, port, GET), /\r\n\r\nconstant$/);
});

test('an answer of a rule that is longer than tune.bufsize gives way to a 500, PR in the log', async (t) => {
  const [port] = await freePorts(1);
  const double = '    http-request set-var(txn.x) var(txn.x),concat(,txn.x)\n'.repeat(10);
  const config = `${PREAMBLE}
frontend web
    bind 127.0.0.1:${port}
    http-request set-var(txn.x) str(0123456789abcdef)
${double}
    http-request return status 200 content-type text/plain lf-string %[var(txn.x),length] if { path /fits }
    http-request return status 200 content-type text/plain lf-string %[var(txn.x)]%[var(txn.x)]
`;
  const program = await start(t, config, [port!]);
  match(await exchange(t, port!, GET), /^HTTP\/1\.1 500 Internal Server Error\r\n/);
  const [line] = await program.logs(/GET \/ /);
  match(line!, / 500 \d+ - - PR-- /);
  match(await exchange(t, port!, GET.replace('/', '/fits')), /\r\n\r\n16383$/);
});

test('http-error may ask for the backend, the server and the answer; of the request before it nothing is left', async (t) => {
  const server = await serve(t, answering(ok('alive')));
  const { port, program } = await proxy(t, server, {
    front:
      'log-format "%[status] %HU"\n    http-error status 403 content-type text/plain ' +
      'lf-string "(%[status])(%[be_name])(%[res.hdr(content-length)])"',
    back: 'http-request deny if { path /no }',
  });
  const client = await connect(t, port);
  client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await client.seen(/alive$/);
  client.send('GET /no HTTP/1.1\r\nhost: a\r\n\r\n');
  await client.seen(/\(\)\(be\)\(\)$/);
  const [line] = await program.logs(/ \/no/);
  match(line!, /403 \/no/);
});
