// What the process itself runs out of, and signals while it is busy.

import { test } from 'node:test';
import { match, ok as yes, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { answering, connect, ok, serve, sleep, until, type Peer } from './harness.ts';
import { kinds, nameOf, observe, type Witness } from './witness.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

const served = (clients: readonly Peer[]): number =>
  clients.filter((client) => client.text.startsWith('HTTP/1.1 200')).length;

async function clientsOf(witness: Witness, count: number): Promise<Peer[]> {
  const clients: Peer[] = [];
  for (let i = 0; i < count; i++) {
    const client = await connect(witness.t, witness.port);
    client.socket.on('error', () => {});
    client.send(GET);
    clients.push(client);
  }
  return clients;
}

/** Leaves the program `more` descriptors beside those that it has; null: plenty. */
async function limitDescriptors(witness: Witness, more: number | null): Promise<void> {
  // Sockets of the questions above may still be closing.
  await sleep(100);
  const taken = new Set(readdirSync(`/proc/${witness.pid}/fd`).map(Number));
  let limit = 0;
  for (let left = more ?? 0; taken.has(limit) || left-- > 0;) limit++;
  execFileSync('prlimit', ['--pid', String(witness.pid), `--nofile=${more === null ? 20_000 : limit}:20000`]);
}

for (const kind of kinds) {
  test(`without descriptors for clients: a message in the log, and service when they return (${nameOf(kind)})`, async (t) => {
    const front = 'http-request return status 200 content-type text/plain string enough';
    const witness = await observe(t, { kind, server: 1, front });
    await limitDescriptors(witness, 12);
    // io_uring remembers the limit of the moment when accepting began.
    await witness.ask('disable frontend fe; enable frontend fe');
    await sleep(100);
    const clients = await clientsOf(witness, 40);
    const [line] = await witness.program.logs(/^Proxy fe reached process FD limit/);
    match(
      line!,
      /^Proxy fe reached process FD limit \(maxsock=\d+\)\. Please check 'ulimit-n' and restart\.$/,
    );
    yes(served(clients) < 40);
    // Neither the stats socket nor a reload may end the process now.
    await witness.ask('show info').catch(() => {});
    witness.program.signal('SIGUSR2');
    await sleep(100);
    strictEqual(witness.program.ended, null);
    for (const client of clients.filter((one) => one.text !== '')) client.socket.destroy();
    await until(() => served(clients) > 20, 'service for those who waited');
    await limitDescriptors(witness, null);
    await until(() => served(clients) === 40, 'service for all');
    for (const client of clients) client.socket.destroy();
    await until(async () => (await witness.info('CurrConns')) === 0, 'the end of sessions');
    const [last] = await clientsOf(witness, 1);
    await last!.seen(/enough$/);
    last!.socket.destroy();
    strictEqual(witness.program.ended, null);
  });

  test(`without a descriptor for the server: 503 and PC (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, answering(ok('x')));
    const witness = await observe(t, { kind, server: server.port });
    const clients = await Promise.all(Array.from({ length: 10 }, () => connect(t, witness.port)));
    await until(async () => (await witness.info('CurrConns')) === 10, 'ten connections');
    await limitDescriptors(witness, 0);
    for (const client of clients) client.send(GET);
    for (const client of clients) match(await client.head(), /^HTTP\/1\.1 503 /);
    const lines = await witness.program.logs(/GET \//, 10);
    for (const line of lines) match(line, / fe be\/s1 [-0-9/]+ 503 \d+ - - PC-- /);
    await witness.program.logs(/^Proxy be reached process FD limit /);
    await limitDescriptors(witness, null);
    for (const client of clients) {
      if (client.finished) continue;
      client.text = '';
      client.send(GET);
      await client.seen(/^HTTP\/1\.1 200 [^]*x$/);
    }
    for (const client of clients) client.socket.destroy();
    await witness.quiet();
  });

  test(`more bytes on their way than slabs hold (${nameOf(kind)})`, async (t) => {
    const body = 'b'.repeat(200_000);
    const server = await serve(t, async (peer) => {
      await peer.head();
      await peer.bytes(body.length);
      peer.send(ok(body));
    });
    const witness = await observe(t, { kind, server: server.port, defaults: 'timeout client 20s' });
    // Heads that wait for their end hold a slab each: more of them than a thread has, and still others are served.
    const holding = await Promise.all(Array.from({ length: 540 }, () => connect(t, witness.port)));
    for (const client of holding) client.send('GET / HTTP/1.1\r\nhost: ');
    const post = `POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const busy = await Promise.all(Array.from({ length: 20 }, () => connect(t, witness.port)));
    for (const client of busy) client.send(post);
    await sleep(200);
    for (const client of holding) client.socket.destroy();
    for (const client of busy) {
      const text = await client.all();
      match(text, /^HTTP\/1\.1 200 /);
      strictEqual(text.endsWith(`\r\n\r\n${body}`), true);
      client.socket.destroy();
    }
    await witness.quiet();
  });
}

/** Clients that ask again and again; `stop` gives how many answers came, and what went wrong. */
function load(
  witness: Witness,
  count: number,
): { stop: () => Promise<{ answers: number; faults: string[] }> } {
  let going = true;
  let answers = 0;
  const faults: string[] = [];
  const one = async (): Promise<void> => {
    while (going) {
      try {
        const client = await connect(witness.t, witness.port);
        for (let i = 0; i < 20 && going; i++) {
          client.send(GET);
          const head = await client.head();
          if (!head.startsWith('HTTP/1.1 200')) faults.push(head);
          await client.bytes(5);
          answers++;
          if (/^connection: close/im.test(head)) break;
        }
        client.socket.destroy();
      } catch (error) {
        // A connection that idles may be closed before the next request, as any server may do.
        if (going && !/closed before a head; got ""|ECONNRESET|EPIPE/.test(String(error)))
          faults.push(String(error));
      }
    }
  };
  const all = Array.from({ length: count }, one);
  return {
    async stop() {
      going = false;
      await Promise.all(all);
      return { answers, faults };
    },
  };
}

for (const kind of kinds) {
  test(`SIGUSR2 each second under load (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, answering(ok('hello')));
    const witness = await observe(t, { kind, server: server.port });
    const clients = load(witness, 8);
    for (let second = 0; second < 8; second++) {
      await sleep(900);
      witness.program.signal('SIGUSR2');
      await until(() => witness.program.stderr.split('Loading success').length === second + 2, 'a reload');
    }
    await sleep(300);
    const { answers, faults } = await clients.stop();
    strictEqual(faults.join('\n'), '');
    yes(answers > 100, `${answers} answers`);
    await witness.quiet();
  });
}

for (const kind of kinds) {
  test(`SIGUSR1 under load finishes what is in flight (${nameOf(kind)})`, async (t) => {
    const server = await serve(t, async (peer) => {
      for (;;) {
        await peer.head();
        await sleep(300);
        peer.send(ok('hello'));
      }
    });
    const witness = await observe(t, { kind, server: server.port });
    const clients = await clientsOf(witness, 30);
    await until(() => server.peers.length === 30, 'all requests at the server');
    witness.program.signal('SIGUSR1');
    for (const client of clients) match(await client.all(), /^HTTP\/1\.1 200 [^]*hello$/);
    strictEqual(await witness.program.end(), 0);
  });
}
