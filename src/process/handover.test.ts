import { deepEqual, equal, rejects } from 'node:assert/strict';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { bindListener } from '../sys/options.ts';
import {
  closeSocket,
  isOpen,
  localAddress,
  sendDatagramNow,
  setNonBlocking,
  socketPair,
} from '../sys/socket.ts';
import { fetchSockets, giveSockets, takeSockets } from './handover.ts';

function pair(): [number, number] {
  const both = socketPair();
  for (const fd of both) setNonBlocking(fd);
  return both;
}

test('listening sockets arrive under their keys and still listen', async () => {
  const fd = bindListener({ address: { family: 'ipv4', address: '127.0.0.1', port: 0 }, backlog: 1 });
  const [mine, theirs] = pair();
  const taking = takeSockets(theirs);
  await giveSockets(mine, [{ key: 'ipv4/127.0.0.1/80/', fd }]);
  const taken = await taking;
  deepEqual([...taken.keys()], ['ipv4/127.0.0.1/80/']);
  const got = taken.get('ipv4/127.0.0.1/80/')!;
  deepEqual(localAddress(got), localAddress(fd));
  for (const one of [fd, got, mine, theirs]) closeSocket(one);
});

test('more sockets than one message holds', async () => {
  const [mine, theirs] = pair();
  const [extra, other] = pair();
  const sockets = Array.from({ length: 600 }, (_, at) => ({
    key: `unix/${'x'.repeat(at % 100)}/${at}`,
    fd: extra,
  }));
  const [taken] = await Promise.all([takeSockets(theirs), giveSockets(mine, sockets)]);
  equal(taken.size, 600);
  for (const fd of [...taken.values(), mine, theirs, extra, other]) closeSocket(fd);
});

test('an end or a stranger in the middle leaves no socket open', async () => {
  const [mine, theirs] = pair();
  sendDatagramNow(mine, Buffer.from('Unknown command.\n'), null);
  await rejects(takeSockets(theirs), /not that of a Hawser/);
  closeSocket(mine);
  await rejects(takeSockets(theirs), /not that of a Hawser/);
  closeSocket(theirs);
});

test('-x asks the stats socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-'));
  const path = join(folder, 's');
  const listener = bindListener({ address: { family: 'ipv4', address: '127.0.0.1', port: 0 }, backlog: 1 });
  const server = createServer((socket) => {
    socket.once('data', (bytes) => {
      equal(bytes.toString(), '_getsocks\n');
      const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
      void giveSockets(fd, [{ key: 'k', fd: listener }]).then(() => socket.end());
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const taken = await fetchSockets(path);
  equal(isOpen(taken.get('k')!), true);
  closeSocket(taken.get('k')!);
  closeSocket(listener);
  server.close();
  rmSync(folder, { recursive: true });
});

test('nobody behind the socket is an error that names it', async () => {
  await rejects(fetchSockets('/nonexistent/socket'), /cannot connect to \/nonexistent\/socket/);
});
