import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { loadText } from '../testing/load.ts';
import { Listeners } from './listeners.ts';
import {
  SOL_SOCKET,
  SOL_TCP,
  SO_BUF_LOCK,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_SNDBUF,
  TCP_DEFER_ACCEPT,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_MAXSEG,
  TCP_NOTSENT_LOWAT,
  TCP_USER_TIMEOUT,
  getOption,
} from '../sys/socket.ts';

const PORT = 17391;
const OPTIONS: readonly (readonly [number, number])[] = [
  [SOL_SOCKET, SO_KEEPALIVE],
  [SOL_TCP, TCP_KEEPCNT],
  [SOL_TCP, TCP_KEEPIDLE],
  [SOL_TCP, TCP_KEEPINTVL],
  [SOL_TCP, TCP_USER_TIMEOUT],
  [SOL_TCP, TCP_DEFER_ACCEPT],
  [SOL_TCP, TCP_NOTSENT_LOWAT],
  [SOL_SOCKET, SO_RCVBUF],
  [SOL_SOCKET, SO_SNDBUF],
  [SOL_SOCKET, SO_BUF_LOCK],
];

const config = (global: string, proxy: string, bind: string): string =>
  `global\n${global}\ndefaults\n mode tcp\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n` +
  `listen l\n${proxy}\n bind 127.0.0.1:${PORT} ${bind}\n server s 127.0.0.1:80\n`;

test('a socket that a reload keeps has the options of the new configuration, or those of the system', () => {
  const listeners = new Listeners();
  const take = (text: string): number[] => {
    const loaded = loadText(text).config!;
    listeners.buffers = loaded.global.kernelBuffers;
    const proxy = loaded.byName.get('l')!;
    const fd = listeners.acquire(proxy.binds[0]!, proxy);
    return OPTIONS.map(([level, name]) => getOption(fd as number, level, name));
  };
  const plain = config('', '', '');
  const wanted = config(
    ' tune.rcvbuf.client 9000\n tune.sndbuf.client 8k\n tune.notsent-lowat.client 16k',
    ' option tcpka\n clitcpka-cnt 3\n clitcpka-idle 10\n clitcpka-intvl 11',
    'tcp-ut 3s defer-accept mss 1000',
  );
  const others = config('', ' option clitcpka\n clitcpka-cnt 5', 'tcp-ut 4s');
  const system = take(plain);
  const all = [1, 3, 10, 11, 3000, 1, 16384, 18000, 16384, 3];
  deepEqual(take(wanted), all);
  deepEqual(take(plain), system);
  deepEqual(take(wanted), all);
  deepEqual(take(others), [1, 5, ...system.slice(2, 4), 4000, 0, 0, ...system.slice(7)]);
  listeners.closeAll();
  deepEqual(take(wanted), all, 'a new socket');
  equal(getOption(listeners.all[0]!.fd, SOL_TCP, TCP_MAXSEG), 1000);
  listeners.closeAll();
});
