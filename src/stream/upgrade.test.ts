import { test } from 'node:test';
import { deepEqual, equal } from 'node:assert/strict';
import { Res } from './http-stream.ts';
import { startTunnel } from './upgrade.ts';
import type { HttpStream } from './http-stream.ts';

test('both connections go to the tunnel, and no HTTP timer stays armed', () => {
  const calls: unknown[] = [];
  const client = { name: 'client' };
  const upstream = { name: 'server' };
  const stream = {
    upstream,
    clientKeeps: true,
    serverKeeps: true,
    res: Res.SENDING,
    session: { client, arm: (ms: number) => calls.push(['arm', ms]) },
    disarm: () => calls.push('disarm'),
    tunnel: { start: (one: unknown, other: unknown) => calls.push([one, other]) },
  };
  startTunnel(stream as unknown as HttpStream);
  deepEqual(calls, [['arm', 0], 'disarm', [client, upstream]]);
  equal(stream.res, Res.DONE);
  equal(stream.clientKeeps || stream.serverKeeps, false);
});
