// Spliced transfers of the running program: each story is told twice, with the options and without, and both have to
// come out the same, to the byte and to the log line.

import { test, type TestContext } from 'node:test';
import { deepStrictEqual, match, ok as holds, strictEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect, serve, sleep, until, type Peer, type ScriptedServer } from './harness.ts';
import { kinds, nameOf, observe, type Kind, type Setup, type Witness } from './witness.ts';

const MIB = 1 << 20;
const BOTH = 'option splice-request\n    option splice-response';
const FORMAT = 'log-format "%HM %ST %U %B %tsc"';

const sha = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');

/** Text that repeats late, so that a shifted or doubled piece is noticed. */
function noise(length: number, seed = 1): string {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed * 7919;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes.toString('latin1');
}

/** The chunked form, in chunks of all sizes; odd ones bear an extension, which has to be left out on the way. */
function chunked(text: string): string {
  let out = '';
  let size = 1;
  for (let at = 0; at < text.length; at += size) {
    size = Math.min((size * 7 + 13) % 300_000, text.length - at) || 1;
    out += `${size.toString(16)}${size % 5 === 0 ? ';odd=1' : ''}\r\n${text.slice(at, at + size)}\r\n`;
  }
  return `${out}0\r\n\r\n`;
}

/** Takes a chunked body off a peer: the content without its framing. */
async function dechunk(peer: Peer): Promise<string> {
  const parts: string[] = [];
  let have = '';
  for (;;) {
    while (!have.includes('\r\n')) have += await some(peer);
    const line = have.slice(0, have.indexOf('\r\n'));
    const size = Number.parseInt(line, 16);
    let end = line.length + 2 + size + 2;
    while (have.length < end) have += await some(peer);
    parts.push(have.slice(line.length + 2, end - 2));
    have = have.slice(end);
    if (size === 0) return parts.join('');
  }
}

async function some(peer: Peer): Promise<string> {
  await peer.seen(/[^]/);
  const { text } = peer;
  peer.text = '';
  return text;
}

async function body(peer: Peer, head: string): Promise<string> {
  if (/transfer-encoding/i.test(head)) return dechunk(peer);
  const length = /content-length: (\d+)/i.exec(head);
  return length === null ? '' : peer.bytes(Number(length[1]));
}

/** Answers `/<how>/<bytes>` with that many bytes of noise, and what it received as a checksum. */
function origin(t: TestContext): Promise<ScriptedServer> {
  return serve(t, async (peer) => {
    while (!peer.closed) {
      const head = await peer.head();
      const got = await body(peer, head);
      const [, how, length] = /^\S+ \/(\w+)\/(\d+)/.exec(head)!;
      const text = noise(Number(length), 3);
      const start = `HTTP/1.1 200 OK\r\nx-got: ${sha(got)}\r\n`;
      if (how === 'close') {
        peer.send(`${start}connection: close\r\n\r\n${text}`);
        peer.socket.end();
      } else if (how === 'chunked') peer.send(`${start}transfer-encoding: chunked\r\n\r\n${chunked(text)}`);
      else peer.send(`${start}content-length: ${text.length}\r\n\r\n${text}`);
    }
  });
}

const spliced = (witness: Witness, proxy: string, side: string): Promise<number[]> =>
  Promise.all(['in', 'out'].map((way) => witness.stat(proxy, side, `h1_spliced_bytes_${way}`)));

/** All that was borrowed is back. */
async function settled(witness: Witness, before: number): Promise<void> {
  const rest = async (): Promise<string> => {
    const free = await witness.info('PipesFree');
    const open = Math.max(0, witness.descriptors() - before - 2 * free);
    return `${await witness.info('CurrConns')} ${await witness.info('PipesUsed')} ${open}`;
  };
  let last = '';
  await until(async () => (last = await rest()) === '0 0 0', 'rest').catch(() => {});
  strictEqual(last, '0 0 0', 'connections, pipes in use, descriptors');
}

/** Tells `story` with and without splicing; what it returns and what is logged has to be the same. */
function twice(
  name: string,
  setup: Omit<Setup, 'kind' | 'server'> & { readonly mode?: 'tcp' },
  story: (t: TestContext, witness: Witness, isSpliced: boolean) => Promise<unknown>,
  script: (t: TestContext) => Promise<ScriptedServer> = origin,
): void {
  for (const kind of kinds) {
    test(`${name} (${nameOf(kind)})`, async (t) => {
      const told: unknown[] = [];
      for (const options of [BOTH, '']) {
        const server = await script(t);
        const defaults = `${options}\n    ${FORMAT}\n    ${setup.defaults ?? ''}`;
        const witness = await observe(t, { ...setup, kind, server: server.port, defaults });
        const before = witness.descriptors();
        const result = await story(t, witness, options !== '');
        for (const { socket } of server.peers) socket.destroy();
        await settled(witness, before);
        const [sent] = await spliced(witness, 'fe', 'FRONTEND');
        if (options === '') strictEqual(sent, 0);
        told.push([
          result,
          witness.program.stdout
            .split('\n')
            .filter((line) => / \d+ \d+ /.test(line))
            // How much of the server's bytes was read when the client left is a matter of chance.
            .map((line) => line.replace(/ \d+ (CD..)$/, ' - $1'))
            .sort(),
        ]);
      }
      deepStrictEqual(told[0], told[1]);
    });
  }
}

async function ask(t: TestContext, port: number, path: string, upload: string, how: 'plain' | 'chunked') {
  const client = await connect(t, port);
  const framing = how === 'plain' ? `content-length: ${upload.length}` : 'transfer-encoding: chunked';
  client.send(`POST ${path} HTTP/1.1\r\nhost: a\r\n${framing}\r\n\r\n`);
  client.send(how === 'plain' ? upload : chunked(upload));
  const head = await client.head();
  match(head, /^HTTP\/1\.1 200 /);
  match(head, new RegExp(`x-got: ${sha(upload)}`), 'the server got what was sent');
  const text = /content-length|transfer-encoding/.test(head) ? await body(client, head) : await client.all();
  client.socket.end();
  return text;
}

twice('large bodies of each framing, both ways at once', {}, async (t, witness, isSpliced) => {
  const upload = noise(3 * MIB, 5);
  const want = sha(noise(4 * MIB, 3));
  await Promise.all(
    ['plain', 'chunked', 'close'].flatMap((how) =>
      (['plain', 'chunked'] as const).map(async (up) => {
        strictEqual(sha(await ask(t, witness.port, `/${how}/${4 * MIB}`, upload, up)), want, `${up} ${how}`);
      }),
    ),
  );
  const front = await spliced(witness, 'fe', 'FRONTEND');
  const back = await spliced(witness, 'be', 'BACKEND');
  if (!isSpliced) return;
  // Most bytes take the short way: six uploads and six answers, less what came with heads and chunk sizes.
  for (const count of [front[0]!, back[1]!]) holds(count > 12 * MIB, `${count} spliced to the server`);
  for (const count of [front[1]!, back[0]!]) holds(count > 16 * MIB, `${count} spliced to the client`);
  strictEqual(front[0], back[1], 'what came from clients went to servers');
  strictEqual(back[0], front[1], 'what came from servers went to clients');
  strictEqual(await witness.info('TotalSplicedBytesOut'), front[1]! + back[1]!);
  holds((await witness.stat('fe', 'FRONTEND', 'h1_bytes_out')) >= front[1]!);
});

twice('a kept connection: pieces of every size, one after the other', {}, async (t, witness) => {
  const client = await connect(t, witness.port);
  const seen: string[] = [];
  for (const size of [0, 1, 16_000, 16_384, 16_385, 70_000, 262_144, 700_001]) {
    const upload = noise(size, size + 1);
    client.send(`PUT /plain/${size} HTTP/1.1\r\nhost: a\r\ncontent-length: ${size}\r\n\r\n${upload}`);
    const head = await client.head();
    match(head, new RegExp(`x-got: ${sha(upload)}`));
    seen.push(sha(await client.bytes(size)));
  }
  deepStrictEqual(seen[7], sha(noise(700_001, 3)));
  client.socket.end();
  return seen;
});

twice('a reader that stalls gets all of it in the end', {}, async (t, witness, isSpliced) => {
  const client = await connect(t, witness.port);
  client.socket.pause();
  client.send(`GET /plain/${24 * MIB} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  await sleep(700);
  // What the kernel could not pass on waits in a pipe.
  strictEqual(await witness.info('PipesUsed'), isSpliced ? 1 : 0);
  client.socket.resume();
  const text = await client.all();
  return sha(text.slice(text.indexOf('\r\n\r\n') + 4)) === sha(noise(24 * MIB, 3));
});

twice(
  'a reader that never goes on is given up after its timeout',
  { defaults: 'timeout client 600ms' },
  async (t, witness) => {
    const client = await connect(t, witness.port);
    client.socket.pause();
    client.send(`GET /plain/${24 * MIB} HTTP/1.1\r\nhost: a\r\n\r\n`);
    await until(() => / cD/.test(witness.program.stdout), 'its log line');
    client.socket.destroy();
    // How much the sockets' buffers took is not told twice alike.
    witness.program.stdout = witness.program.stdout.replace(/ \d+ cD/, ' 0 cD');
  },
);

const cut = (how: 'end' | 'reset' | 'stall') => (t: TestContext) =>
  serve(t, async (peer) => {
    await peer.head();
    peer.send(`HTTP/1.1 200 OK\r\ncontent-length: ${8 * MIB}\r\n\r\n${noise(MIB, 3)}`);
    if (how === 'end') peer.socket.end();
    // What a reset throws away in buffers on the way is not what this is about: it comes when all has arrived.
    if (how === 'reset') {
      await sleep(300);
      peer.socket.resetAndDestroy();
    }
  });

for (const how of ['end', 'reset', 'stall'] as const) {
  twice(
    `a server that fails in the middle: ${how}`,
    { defaults: 'timeout server 700ms' },
    async (t, witness) => {
      const client = await connect(t, witness.port);
      client.send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
      const text = await client.all();
      await witness.program.logs(how === 'stall' ? / sD/ : / SD/);
      strictEqual(await witness.stat('be', 'BACKEND', 'srv_abrt'), how === 'stall' ? 0 : 1);
      return sha(text.slice(text.indexOf('\r\n\r\n') + 4)) === sha(noise(MIB, 3));
    },
    cut(how),
  );
}

twice('a client that resets in the middle of its answer', {}, async (t, witness) => {
  const client = await connect(t, witness.port);
  client.send(`GET /plain/${24 * MIB} HTTP/1.1\r\nhost: a\r\n\r\n`);
  await until(() => client.text.length > 300_000, 'the first bytes');
  client.socket.resetAndDestroy();
  await witness.program.logs(/ CD/);
  witness.program.stdout = witness.program.stdout.replace(/ \d+ CD/, ' 0 CD');
  return witness.stat('fe', 'FRONTEND', 'cli_abrt');
});

twice(
  'an answer before the end of the upload: the rest is thrown away',
  {},
  async (t, witness) => {
    const client = await connect(t, witness.port);
    client.send(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${16 * MIB}\r\n\r\n${noise(2 * MIB, 5)}`);
    match(await client.head(), /^HTTP\/1\.1 403 /);
    client.send(noise(MIB, 5));
    client.socket.on('error', () => {});
    await until(() => client.finished || client.closed, 'the end');
    client.socket.destroy();
    witness.program.stdout = witness.program.stdout.replace(/ 403 \d+/, ' 403 0');
  },
  (t) =>
    serve(t, async (peer) => {
      await peer.head();
      await peer.bytes(MIB);
      peer.send('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      peer.socket.end();
    }),
);

twice(
  'TCP mode: both directions at once, and each end passed on by itself',
  { front: 'mode tcp', back: 'mode tcp', defaults: 'log-format "TCP 0 %U %B %tsc"' },
  async (t, witness, isSpliced) => {
    const client = await connect(t, witness.port);
    const upload = noise(5 * MIB, 9);
    client.send(upload);
    client.socket.end();
    const text = await client.all();
    strictEqual(text.slice(-64), sha(upload), 'the server got all, then the end, and could still answer');
    strictEqual(sha(text.slice(0, -64)), sha(noise(6 * MIB, 11)));
    const total = await witness.info('TotalSplicedBytesOut');
    holds(isSpliced ? total > 10 * MIB : total === 0, `${total} bytes spliced`);
    deepStrictEqual(await spliced(witness, 'be', 'BACKEND'), [0, 0], 'none of them HTTP/1');
  },
  (t) =>
    serve(t, async (peer) => {
      peer.send(noise(6 * MIB, 11));
      peer.send(sha(await peer.all()));
      peer.socket.end();
    }),
);

twice(
  'rules see what they ask for',
  {
    back: 'http-request wait-for-body time 1s at-least 40\n    http-request deny if { req.body,length gt 2000000 }\n    http-response wait-for-body time 1s at-least 40\n    http-response set-header x-first %[res.body,bytes(0,8),hex]',
  },
  async (t, witness) => {
    const upload = noise(2 * MIB, 5);
    return sha(await ask(t, witness.port, `/plain/${2 * MIB}`, upload, 'plain'));
  },
);

const plain = (t: TestContext, kind: Kind, setup: Partial<Setup>): Promise<[Witness, ScriptedServer]> =>
  origin(t).then(async (server) => [await observe(t, { kind, server: server.port, ...setup }), server]);

for (const kind of kinds) {
  test(`with too few pipes the others copy (${nameOf(kind)})`, async (t) => {
    const [witness] = await plain(t, kind, { global: 'maxpipes 2\n    tune.pipesize 8k', defaults: BOTH });
    strictEqual(await witness.info('Maxpipes'), 2);
    let most = 0;
    const upload = noise(MIB, 5);
    const want = sha(noise(4 * MIB, 3));
    const all = Promise.all(
      Array.from({ length: 12 }, async () => {
        strictEqual(sha(await ask(t, witness.port, `/plain/${4 * MIB}`, upload, 'chunked')), want);
      }),
    );
    const watch = (async () => {
      while (most < 2) most = Math.max(most, await witness.info('PipesUsed'));
    })();
    await all;
    await Promise.race([watch, sleep(50)]);
    holds(most <= 2, `${most} pipes`);
    const [, sent] = await spliced(witness, 'fe', 'FRONTEND');
    holds(sent! > 0 && sent! < 48 * MIB, `${sent} bytes spliced`);
    holds((await witness.info('PipesUsed')) + (await witness.info('PipesFree')) <= 2);
  });

  test(`splice-auto leaves small exchanges alone and takes large ones (${nameOf(kind)})`, async (t) => {
    const [witness] = await plain(t, kind, { defaults: 'option splice-auto' });
    for (let i = 0; i < 5; i++) await ask(t, witness.port, '/plain/12000', noise(9000), 'plain');
    deepStrictEqual(await spliced(witness, 'fe', 'FRONTEND'), [0, 0]);
    const text = await ask(t, witness.port, `/plain/${8 * MIB}`, noise(8 * MIB, 5), 'plain');
    strictEqual(sha(text), sha(noise(8 * MIB, 3)));
    const [received, sent] = await spliced(witness, 'fe', 'FRONTEND');
    holds(received! > MIB && sent! > MIB, `${received} and ${sent} bytes spliced`);
  });
}

for (const [what, global, args] of [
  ['nosplice', 'nosplice', []],
  ['tune.disable-fast-forward', 'tune.disable-fast-forward', []],
  ['tune.disable-zero-copy-forwarding', 'tune.disable-zero-copy-forwarding', []],
  ['tune.h1.zero-copy-fwd-send off', 'tune.h1.zero-copy-fwd-send off', []],
  ['maxpipes 0', 'maxpipes 0', []],
  ['-dS', '', ['-dS']],
  ['-dF', '', ['-dF']],
  ['-dZ', '', ['-dZ']],
] as const) {
  test(`${what}: everything is copied`, async (t) => {
    const [witness] = await plain(t, kinds[0]!, { global, args, defaults: BOTH });
    strictEqual(sha(await ask(t, witness.port, `/plain/${MIB}`, noise(MIB, 5), 'plain')), sha(noise(MIB, 3)));
    strictEqual(await witness.info('TotalSplicedBytesOut'), 0);
    strictEqual(await witness.info('PipesFree'), 0);
  });
}

test('a reload with transfers under way: their pipes come back', async (t) => {
  const [witness] = await plain(t, kinds[0]!, { defaults: BOTH });
  const client = await connect(t, witness.port);
  client.socket.pause();
  client.send(`GET /plain/${24 * MIB} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  await until(async () => (await witness.info('PipesUsed')) === 1, 'a pipe in use');
  witness.program.signal('SIGUSR2');
  await sleep(500);
  client.socket.resume();
  const text = await client.all();
  strictEqual(sha(text.slice(text.indexOf('\r\n\r\n') + 4)), sha(noise(24 * MIB, 3)));
  await until(
    async () => (await witness.info('PipesUsed')) + (await witness.info('PipesFree')) === 0,
    'no pipe',
  );
});

test('HEAD that a rule turned into GET: the body of the answer is thrown away', async (t) => {
  for (const options of ['', BOTH]) {
    const [witness] = await plain(t, kinds[0]!, {
      front:
        'http-request set-method GET\n    http-request return status 404 content-type text/plain string gone if { path /gone }',
      defaults: `${options}\n    http-reuse always`,
      words: '',
    });
    const client = await connect(t, witness.port);
    for (const path of ['/plain/12', '/plain/900000', '/chunked/700000', '/gone', '/plain/0']) {
      client.send(`HEAD ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
      match(await client.head(), path === '/gone' ? /^HTTP\/1\.1 404 / : /^HTTP\/1\.1 200 /);
      strictEqual(client.text, '');
    }
    client.send('GET /plain/5 HTTP/1.1\r\nhost: a\r\n\r\n');
    match(await client.head(), /^HTTP\/1\.1 200 /);
    strictEqual(await client.bytes(5), noise(5, 3));
    strictEqual(client.text, '');
    strictEqual(await witness.stat('be', 's1', 'connect'), 1, 'the server connection was used again');
  }
});

test('-du takes io_uring away', async (t) => {
  const [witness] = await plain(t, kinds[0]!, { args: ['-du'] });
  match(witness.program.stderr, /io_uring disabled, using epoll/);
});

test('pipes that a dead thread had in use are free again', async (t) => {
  const [witness] = await plain(t, { uring: true, threads: 1 }, { defaults: BOTH });
  const client = await connect(t, witness.port);
  client.socket.pause();
  client.send(`GET /plain/${24 * MIB} HTTP/1.1\r\nhost: a\r\n\r\n`);
  await until(async () => (await witness.info('PipesUsed')) === 1, 'a pipe in use');
  await witness.ask('expert-mode on; debug dev bug 1 turn');
  await until(() => witness.program.stderr.includes('is replaced'), 'the death of the thread');
  await until(
    async () => (await witness.info('PipesUsed')) + (await witness.info('PipesFree')) === 0,
    'no pipe',
  );
  client.socket.destroy();
  strictEqual(sha(await ask(t, witness.port, `/plain/${MIB}`, '', 'plain')), sha(noise(MIB, 3)));
});
