// How many requests a server gets at a time, beside Debian's haproxy: minconn between a limit of its own and fullconn,
// maxqueue with and without another server to go to.

import { deepEqual, equal } from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import net from 'node:net';
import { ok, Peer, serve, sleep, until, type ScriptedServer } from '../scenario/harness.ts';
import { haproxyMissing, startTwins, type Twin } from './twins.ts';

const skip = haproxyMissing();

const HEAD = `global
  nbthread 1
  stats socket STATS level admin
defaults
  mode http
  timeout connect 2s
  timeout client 20s
  timeout server 20s
  timeout queue 20s
`;

/** A server that holds each request until the test answers it. */
class Holder {
  readonly held: Peer[] = [];
  server!: ScriptedServer;

  static async start(t: TestContext): Promise<Holder> {
    const holder = new Holder();
    holder.server = await serve(t, async (peer) => {
      while (!peer.closed) {
        await peer.head();
        holder.held.push(peer);
      }
    });
    return holder;
  }

  answer(): void {
    this.held.shift()!.send(ok('x'));
  }
}

function client(t: TestContext, port: number, head = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'): Peer {
  const socket = net.connect(port, '127.0.0.1', () => socket.write(head));
  t.after(() => socket.destroy());
  return new Peer(socket);
}

interface Pair {
  readonly twins: readonly Twin[];
  /** Each program has servers of its own. */
  readonly holders: readonly (readonly Holder[])[];
}

/** Both programs on a port each (`PORT` in the text) before two servers each. */
async function before(t: TestContext, config: (servers: readonly ScriptedServer[]) => string): Promise<Pair> {
  const holders = [
    [await Holder.start(t), await Holder.start(t)],
    [await Holder.start(t), await Holder.start(t)],
  ];
  let calls = 0;
  const twins = await startTwins(t, 1, ([port]) => {
    const text = config(holders[calls++]!.map(({ server }) => server));
    return HEAD + text.replaceAll('PORT', String(port));
  });
  return { twins, holders };
}

/** Waits until `read` gives the same for a while. */
async function settled(read: () => number): Promise<number> {
  let last = read();
  for (let same = 0; same < 4;) {
    await sleep(15);
    const now = read();
    same = now === last ? same + 1 : 0;
    last = now;
  }
  return last;
}

test('minconn: the limit grows with the load of the backend up to fullconn', { skip }, async (t) => {
  const shapes = [
    'fullconn 10\n  server s SERVER minconn 2 maxconn 8',
    'fullconn 20\n  server s SERVER minconn 3',
    'fullconn 5\n  server s SERVER minconn 6 maxconn 3',
  ];
  for (const shape of shapes) {
    const { twins, holders } = await before(
      t,
      ([first]) => `frontend f
  maxconn 100
  bind 127.0.0.1:PORT
  default_backend b
backend b
  ${shape.replace('SERVER', `127.0.0.1:${first!.port}`)}
`,
    );
    const seen: number[][] = [];
    for (const [at, twin] of twins.entries()) {
      const [holder] = holders[at]!;
      const counts: number[] = [];
      for (let i = 0; i < 9; i++) {
        client(t, twin.ports[0]!);
        if (i === 0) await until(() => holder!.held.length === 1, 'the first request');
        counts.push(await settled(() => holder!.held.length));
      }
      // And down again: each answer lets as many in as the limit of the load that is left allows.
      while (holder!.held.length > 0) {
        holder!.answer();
        counts.push(await settled(() => holder!.held.length));
      }
      seen.push(counts);
    }
    // While nobody leaves, haproxy lets those wait who came before the limit grew; here they go on at once.
    const [theirs, ours] = seen as [number[], number[]];
    deepEqual(ours.slice(9), theirs.slice(9), shape);
    deepEqual(
      ours.slice(0, 9).map((count, at) => count >= theirs[at]!),
      Array.from({ length: 9 }, () => true),
      shape,
    );
  }
});

test(
  'maxqueue: a client with a cookie goes elsewhere, or nowhere without redispatch',
  { skip },
  async (t) => {
    for (const words of ['', 'option redispatch', 'no option redispatch', 'retries 0']) {
      const { twins, holders } = await before(
        t,
        ([first, second]) => `listen l
  bind 127.0.0.1:PORT
  ${words}
  cookie S
  server s1 127.0.0.1:${first!.port} cookie one maxconn 1 maxqueue 2
  server s2 127.0.0.1:${second!.port} cookie two maxconn 3
`,
      );
      const seen: number[][] = [];
      for (const [at, twin] of twins.entries()) {
        const [one, two] = holders[at]!;
        const counts: number[] = [];
        for (let i = 0; i < 7; i++) {
          client(t, twin.ports[0]!, 'GET / HTTP/1.1\r\nhost: a\r\ncookie: S=one\r\n\r\n');
          if (i === 0) await until(() => one!.held.length === 1, 'the first request');
          counts.push(await settled(() => one!.held.length * 100 + two!.held.length));
        }
        const rows = await twin.stat();
        for (const name of ['s1', 's2', 'BACKEND']) counts.push(Number(rows.get(`l/${name}`)!['qcur']));
        counts.push(Number(rows.get('l/s1')!['qlimit']), Number(rows.get('l/BACKEND')!['wredis']));
        seen.push(counts);
      }
      deepEqual(seen[1], seen[0], words);
      equal(seen[0]![0], 100);
    }
  },
);
