import { deepEqual } from 'node:assert/strict';
import net, { type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { SocketDialer } from './check-dialer.ts';
import { Probe, type CheckSource, type CheckTimers } from '../backend/checks/probe.ts';
import { CheckStatus, checkName, type CheckResult } from '../backend/checks/status.ts';

const timers: CheckTimers = {
  now: () => performance.now(),
  after: (ms, task) => setTimeout(task, ms),
  cancel: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

/** A server that answers what it is sent with where that came from. */
async function echo(t: TestContext): Promise<number> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => socket.write(`${String(data)} from ${socket.remoteAddress}`));
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Status and what was received. */
function check(host: string, port: number, source: CheckSource | null): Promise<readonly [string, string]> {
  let seen = '';
  return new Promise((resolve) => {
    const exchange = {
      request: 'hello',
      judge(received: string) {
        seen = received;
        return received.includes('from ') ? { status: CheckStatus.L7OK, code: 0, info: '' } : null;
      },
    };
    const settings = { target: { host, port, source }, connectMs: 2000, answerMs: 2000, proxy: 0 as const };
    const done = ({ status, info }: CheckResult): void => resolve([checkName(status), seen || info]);
    new Probe(new SocketDialer(), timers, settings, exchange, done);
  });
}

test('checks over real sockets: plain, from an address, on an interface', { timeout: 20000 }, async (t) => {
  const port = await echo(t);
  const from = (host: string, interfaceName: string | null): CheckSource => ({
    host,
    port: 0,
    interfaceName,
  });
  deepEqual(await check('127.0.0.1', port, null), ['L7OK', 'hello from 127.0.0.1']);
  deepEqual(await check('127.0.0.1', port, from('127.0.0.3', null)), ['L7OK', 'hello from 127.0.0.3']);
  deepEqual(await check('127.0.0.1', port, from('127.0.0.4', 'lo')), ['L7OK', 'hello from 127.0.0.4']);
  deepEqual(await check('127.0.0.1', port, from('', 'lo')), ['L7OK', 'hello from 127.0.0.1']);
  deepEqual(await check('127.0.0.1', port, from('', 'nosuch0')), ['SOCKERR', 'ENODEV returned by OS']);
  deepEqual(await check('127.0.0.1', port, from('192.0.2.1', 'lo')), [
    'SOCKERR',
    'EADDRNOTAVAIL returned by OS',
  ]);
  deepEqual(await check('127.0.0.1', 9, null), ['L4CON', 'ECONNREFUSED returned by OS']);
  deepEqual(await check('127.0.0.1', 9, from('', 'lo')), ['L4CON', 'ECONNREFUSED returned by OS']);
});
