// Fewer packets: option tcp-smart-accept and tcp-smart-connect, seen on the sockets.

import net from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { Listeners } from '../../src/process/listeners.ts';
import { UpstreamSockets } from '../../src/stream/upstream.ts';
import { systemSockets } from '../../src/reactor/sockets.ts';
import { SOL_TCP, TCP_QUICKACK, closeSocket, getOption } from '../../src/sys/socket.ts';
import { PREAMBLE, exchange, freePorts, start, until } from './harness.ts';
import { loadText } from '../../src/testing/load.ts';
import type { Server } from '../../src/backend/server.ts';
import type { SlabMemory } from '../../src/core/slab.ts';
import type { Stream } from '../../src/stream/stream.ts';

const TIMEOUTS = ' timeout client 1s\n timeout server 2s\n timeout connect 3s\n';

test('option tcp-smart-accept: the kernel acknowledges requests late in HTTP mode, or where asked', async (t) => {
  const [first, second, third, fourth, fifth] = await freePorts(5);
  const listeners = new Listeners();
  t.after(() => listeners.closeAll());
  const { config, messages } = loadText(
    `defaults\n mode http\n${TIMEOUTS}listen auto\n bind 127.0.0.1:${first}\nlisten off\n bind 127.0.0.1:${second}\n no option tcp-smart-accept\n` +
      `listen plain\n mode tcp\n bind 127.0.0.1:${third}\nlisten on\n mode tcp\n option tcp-smart-accept\n bind 127.0.0.1:${fourth}\n` +
      `defaults off\n${TIMEOUTS} mode http\n no option tcp-smart-accept\nlisten again from off\n default option tcp-smart-accept\n bind 127.0.0.1:${fifth}\n`,
  );
  strictEqual(config === null, false, messages.join('\n'));
  const atOnce = (name: string): number => {
    const proxy = config!.byName.get(name)!;
    const fd = listeners.acquire(proxy.binds[0]!, proxy);
    return typeof fd === 'number' ? getOption(fd, SOL_TCP, TCP_QUICKACK) : -1;
  };
  deepStrictEqual(['auto', 'off', 'plain', 'on', 'again'].map(atOnce), [0, 1, 1, 0, 0]);
  // A reload keeps the socket and changes it.
  const auto = config!.byName.get('auto')!;
  auto.smartAccept = false;
  strictEqual(atOnce('auto'), 1);
});

test('option tcp-smart-connect: sockets to servers keep the last packet of the handshake back', () => {
  const { config } = loadText(
    `defaults\n mode http\n${TIMEOUTS}listen plain\n bind :8000\n server s 127.0.0.1:80\nlisten smart\n bind :8001\n option tcp-smart-connect\n server s 127.0.0.1:80\n`,
  );
  const memory = { permanent: () => 0 } as unknown as SlabMemory;
  const upstreams = new UpstreamSockets(systemSockets, memory, config!.global.kernelBuffers.server, 0, 1);
  const atOnce = (name: string): number => {
    const server = { config: config!.byName.get(name)!.servers[0]!, addressText: '127.0.0.1', port: 80 };
    const fd = upstreams.open({ serverPackets: null } as Stream, server as unknown as Server);
    const result = getOption(fd, SOL_TCP, TCP_QUICKACK);
    closeSocket(fd);
    return result;
  };
  deepStrictEqual(['plain', 'smart'].map(atOnce), [1, 0]);
});

test('a server connection that nobody needs ends with a reset, one that the server ends does not', async (t) => {
  const ends: string[] = [];
  const server = net.createServer((socket) => {
    let end = 'orderly';
    socket.on('error', (error) => (end = (error as NodeJS.ErrnoException).code ?? ''));
    socket.on('close', () => ends.push(end));
    socket.on('data', (bytes: Buffer) => {
      const last = bytes.includes('/last');
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n${last ? 'connection: close\r\n' : ''}\r\nok`);
      if (last) socket.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  const [front] = await freePorts(1);
  const config = `${PREAMBLE}listen l\n bind 127.0.0.1:${front}\n server s 127.0.0.1:${port} pool-purge-delay 0\n`;
  await start(t, config, [front!]);
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;
  const ended = async (count: number): Promise<string[]> => {
    await until(() => ends.length === count, 'the server connection ends');
    return ends;
  };
  await exchange(t, front!, get('/one'));
  deepStrictEqual(await ended(1), ['ECONNRESET']);
  await exchange(t, front!, get('/last'));
  deepStrictEqual(await ended(2), ['ECONNRESET', 'orderly']);
});
