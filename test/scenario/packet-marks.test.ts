// set-fc-tos, set-fc-mark, set-bc-tos, set-bc-mark on the sockets of both sides, as the kernel has them.

import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { answering, connect, ok, proxy, serve } from './harness.ts';
import { optionsOf, socketsOf } from './kernel-sockets.ts';

const PACKETS = { mark: [1, 36], tos: [0, 1] } as const;
/** A mark needs CAP_NET_ADMIN. */
const skip = process.getuid!() === 0 ? false : 'only root may mark packets';

test(
  'marks and types of service for either side, and connections to servers kept apart by them',
  { skip },
  async (t) => {
    const server = await serve(t, answering(ok('x')));
    const { program, port } = await proxy(t, server, {
      front: `http-request set-fc-mark 7
    http-request set-fc-tos req.hdr(x-tos)
    http-request set-bc-tos 0x20 if { path /bulk }
    http-request set-bc-mark int(9) if { path /bulk }`,
      back: 'http-reuse always',
      words: 'pool-low-conn 4',
    });
    const client = await connect(t, port);
    const ask = async (path: string, tos: number): Promise<void> => {
      client.send(`GET ${path} HTTP/1.1\r\nhost: a\r\nx-tos: ${tos}\r\n\r\n`);
      await client.seen(/\r\n\r\nx$/);
      client.text = '';
    };
    const pid = program.child.pid!;
    const front = (): Record<string, number> =>
      optionsOf(
        pid,
        socketsOf(pid).find((one) => !one.listening && one.localPort === port)!,
        PACKETS,
      );
    const back = (): Record<string, number>[] =>
      socketsOf(pid)
        .filter(({ remotePort }) => remotePort === server.port)
        .map((one) => optionsOf(pid, one, PACKETS))
        .sort((a, b) => a['mark']! - b['mark']!);
    await ask('/', 8);
    deepEqual(front(), { mark: 7, tos: 8 });
    deepEqual(back(), [{ mark: 0, tos: 0 }]);
    // The idle connection is not marked: this request gets one of its own.
    await ask('/bulk', 16);
    deepEqual(front(), { mark: 7, tos: 16 });
    const both = [
      { mark: 0, tos: 0 },
      { mark: 9, tos: 0x20 },
    ];
    deepEqual(back(), both);
    await ask('/bulk', 16);
    await ask('/', 16);
    deepEqual(back(), both);
    equal(server.peers.length, 2);
  },
);
