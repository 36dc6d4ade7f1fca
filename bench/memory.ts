// Resident memory at the start and per idle keep-alive connection: bin/node bench/memory.ts [--connections N]
// With --bursts B the connections come and go B times before they stay: what is left of them shows in the figure.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { HAPROXY, HAWSER, PROXY_CORE, Scene } from './scene.ts';
import { freePort, leaveProxyCore, ownKiB, residentKiB, sleep, startBackend } from './scene.ts';

const REQUEST = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';
const BATCH = 100;
const ANSWER_MS = 10_000;
/** After it a process has compiled, collected and given back what it does at all. */
const SETTLE_MS = 2500;

function openIdle(port: number): Promise<Socket> {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no whole answer: '${answer}'`)));
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the proxy closed a connection')));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (!answer.endsWith('hello world\n')) return;
      socket.setTimeout(0);
      done(socket);
    });
    socket.write(REQUEST);
  });
}

async function openAll(sockets: Socket[], count: number, port: number): Promise<void> {
  while (sockets.length < count) {
    const size = Math.min(BATCH, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: size }, () => openIdle(port)))));
  }
}

async function measure(
  scene: Scene,
  name: string,
  program: string,
  global: string,
  count: number,
  bursts: number,
  backend: number,
): Promise<void> {
  const port = await freePort();
  const config = scene.write(
    `${name}.cfg`,
    `global\n  nbthread 1\n  maxconn ${count + 100}\n${global}
defaults
  mode http
  timeout connect 5s
  timeout client 120s
  timeout server 120s

frontend front
  bind 127.0.0.1:${port}
  default_backend back

backend back
  server one 127.0.0.1:${backend}
`,
  );
  const actor = scene.start(name, PROXY_CORE, [program, '-f', config]);
  const sockets: Socket[] = [];
  try {
    await scene.listening(actor, port);
    await sleep(SETTLE_MS);
    const startKiB = residentKiB(actor.pid);
    const ownAtStart = ownKiB(actor.pid);
    for (let burst = 0; burst < bursts; burst++) {
      await openAll(sockets, count, port);
      for (const socket of sockets.splice(0)) socket.removeAllListeners('close').destroy();
      await sleep(500);
    }
    await openAll(sockets, count, port);
    await sleep(SETTLE_MS);
    const open = sockets.filter((socket) => !socket.destroyed).length;
    const idleKiB = residentKiB(actor.pid);
    const perConnection = (ownKiB(actor.pid) - ownAtStart) / open;
    const cells = [name.padEnd(13), (startKiB / 1024).toFixed(1).padStart(12)];
    cells.push((idleKiB / 1024).toFixed(1).padStart(12), String(open).padStart(12));
    console.log(...cells, perConnection.toFixed(2).padStart(16));
    if (open !== count) throw new Error(`${count - open} of ${count} connections were closed`);
  } catch (error) {
    console.log(name.padEnd(13), `FAILED: ${(error as Error).message}`);
    process.exitCode = 1;
  } finally {
    for (const socket of sockets) socket.destroy();
    await scene.stop(actor);
  }
}

const { values } = parseArgs({
  options: { connections: { type: 'string', default: '4000' }, bursts: { type: 'string', default: '0' } },
});
const bursts = Number(values.bursts);
if (!Number.isInteger(bursts) || bursts < 0 || bursts > 100) {
  throw new Error(`--bursts: '${values.bursts}' is not a whole number from 0 to 100`);
}
const count = Number(values.connections);
if (!Number.isInteger(count) || count < 1 || count > 20_000) {
  throw new Error(`--connections: '${values.connections}' is not a whole number from 1 to 20000`);
}
leaveProxyCore();
const scene = new Scene();
try {
  const backend = await startBackend(scene);
  console.log('proxy          start (MiB)   idle (MiB)  connections  KiB/connection');
  await measure(scene, 'haproxy', HAPROXY, '', count, bursts, backend);
  await measure(scene, 'hawser-uring', HAWSER, '', count, bursts, backend);
  await measure(scene, 'hawser-epoll', HAWSER, '  noiouring\n', count, bursts, backend);
} finally {
  await scene.close();
}
