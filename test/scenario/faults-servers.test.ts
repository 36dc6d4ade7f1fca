// Servers that misbehave: what the client is told, and that nothing stays behind.

import { test } from 'node:test';
import { match, ok as yes, strictEqual } from 'node:assert/strict';
import { connect, serve, type Peer } from './harness.ts';
import { kinds, nameOf, observe, type Witness } from './witness.ts';

const AT_ONCE = 8;
/** How often all faults are run once the program is warm, and how much memory that may take, MiB. */
const ROUNDS = 3;
const GROWTH_MIB = 20;

interface Fault {
  /** What the server does once it has read a request's head. */
  readonly act: (peer: Peer) => void;
  /** All that the client gets. */
  readonly answer: RegExp;
  /** Status and termination state in the log. */
  readonly log: RegExp;
}

const HEAD = 'HTTP/1.1 200 OK\r\n';
const faults: Readonly<Record<string, Fault>> = {
  stall: { act: () => {}, answer: /^HTTP\/1\.1 504 /, log: / 504 \d+ - - sH-- / },
  reset: {
    act: (peer) => void peer.socket.resetAndDestroy(),
    answer: /^HTTP\/1\.1 502 /,
    log: / 502 \d+ - - SH-- /,
  },
  'reset-in-body': {
    act: (peer) => {
      peer.send(`${HEAD}content-length: 100\r\n\r\nonly this`);
      setTimeout(() => peer.socket.resetAndDestroy(), 20);
    },
    answer: /^HTTP\/1\.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\nonly this$/,
    log: / 200 \d+ - - SD-- /,
  },
  garbage: {
    act: (peer) => peer.send('\x00\x01\x02 garbage\r\n\r\n'),
    answer: /^HTTP\/1\.1 502 /,
    log: / 502 \d+ - - PH-- /,
  },
  'close-in-head': {
    act: (peer) => void peer.socket.end(`${HEAD}content-len`),
    answer: /^HTTP\/1\.1 502 /,
    log: / 502 \d+ - - SH-- /,
  },
  'stall-in-head': {
    act: (peer) => peer.send(`${HEAD}content-len`),
    answer: /^HTTP\/1\.1 504 /,
    log: / 504 \d+ - - sH-- /,
  },
  'head-too-long': {
    act: (peer) => peer.send(`${HEAD}x: ${'y'.repeat(20_000)}\r\n\r\n`),
    answer: /^HTTP\/1\.1 502 /,
    log: / 502 \d+ - - PH-- /,
  },
  'close-in-body': {
    act: (peer) => void peer.socket.end(`${HEAD}content-length: 100\r\n\r\nhalf`),
    answer: /^HTTP\/1\.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\nhalf$/,
    log: / 200 \d+ - - SD-- /,
  },
  'stall-in-body': {
    act: (peer) => peer.send(`${HEAD}content-length: 100\r\n\r\nhalf`),
    answer: /^HTTP\/1\.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\nhalf$/,
    log: / 200 \d+ - - sD-- /,
  },
  'close-in-chunks': {
    act: (peer) => void peer.socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`),
    answer: /^HTTP\/1\.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n4\r\nhalf(\r\n)?$/,
    log: / 200 \d+ - - SD-- /,
  },
  'close-in-a-chunk': {
    act: (peer) => void peer.socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\n10\r\nhalf`),
    answer: /^HTTP\/1\.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n[^]*half[^0]*$/,
    log: / 200 \d+ - - SD-- /,
  },
  'bad-chunk-size': {
    act: (peer) => {
      peer.send(`${HEAD}transfer-encoding: chunked\r\n\r\n4\r\nfine\r\n`);
      setTimeout(() => peer.send('zz\r\nmore\r\n0\r\n\r\n'), 30);
    },
    answer: /^HTTP\/1\.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n4\r\nfine(\r\n)?$/,
    log: / 200 \d+ - - PD-- /,
  },
  'too-much': {
    act: (peer) => peer.send(`${HEAD}content-length: 4\r\n\r\nfineTOO MUCH`),
    answer: /^HTTP\/1\.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nfine$/,
    log: / 200 \d+ - - ---- /,
  },
  'two-answers': {
    act: (peer) => peer.send(`${HEAD}content-length: 1\r\n\r\nA${HEAD}content-length: 1\r\n\r\nB`),
    answer: /^HTTP\/1\.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nA$/,
    log: / 200 \d+ - - ---- /,
  },
  'body-for-304': {
    act: (peer) => peer.send(`HTTP/1.1 304 Not Modified\r\ncontent-length: 4\r\n\r\nbody`),
    answer: /^HTTP\/1\.1 304 Not Modified\r\ncontent-length: 4\r\nconnection: close\r\n\r\n$/,
    log: / 304 \d+ - - ---- /,
  },
};

for (const kind of kinds) {
  test(`servers that misbehave (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, async (peer) => {
      while (!peer.closed) {
        const [, name] = /^GET \/(\S+) /.exec(await peer.head())!;
        faults[name!]!.act(peer);
      }
    });
    const defaults = 'timeout server 500ms\n    retries 0';
    const witness = await observe(t, { kind, server: server.port, defaults });
    for (const [name, fault] of Object.entries(faults)) await run(name, fault, witness);
    await witness.quiet();
    const before = witness.resident();
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(Object.entries(faults).map(([name, fault]) => run(name, fault, witness)));
    }
    await witness.quiet();
    const grown = (witness.resident() - before) / 1048576;
    yes(grown < GROWTH_MIB, `grew by ${grown} MiB`);
  });

  async function run(name: string, fault: Fault, witness: Witness): Promise<void> {
    const clients = await Promise.all(
      Array.from({ length: AT_ONCE }, () => connect(witness.t, witness.port)),
    );
    for (const client of clients)
      client.send(`GET /${name} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    for (const client of clients) match(await client.all(), fault.answer, name);
    for (const client of clients) client.socket.destroy();
    const lines = await witness.program.logs(new RegExp(`GET /${name} `), AT_ONCE);
    for (const line of lines) match(line, fault.log, name);
    strictEqual(witness.program.ended, null);
  }
}
