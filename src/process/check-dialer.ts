// Opens the connections of health and agent checks, on the control thread.

import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { AF_INET, AF_INET6 } from '../sys/address.ts';
import { systemSockets } from '../reactor/sockets.ts';
import {
  SOCK_STREAM,
  SOL_SOCKET,
  SOL_TCP,
  SO_BINDTODEVICE,
  TCP_NODELAY,
  closeSocket,
  openSocket,
  setOption,
  setTextOption,
} from '../sys/socket.ts';
import type {
  CheckConnection,
  CheckEvents,
  CheckSource,
  CheckTarget,
  Dialer,
} from '../backend/checks/probe.ts';

/** Of net.Socket, undocumented: no read before somebody asks for one. */
const MANUAL_START = { manualStart: true };

/** Checks over the control thread's own sockets: they are few and carry no traffic. */
export class SocketDialer implements Dialer {
  dial(target: CheckTarget, events: CheckEvents): CheckConnection {
    let connected = false;
    const socket = connectTo(target);
    socket.setEncoding('latin1');
    socket.on('connect', () => {
      connected = true;
      events.onConnected(socket.localAddress ?? '', socket.localPort ?? 0);
    });
    socket.on('data', (text: string) => events.onBytes(text));
    socket.on('end', () => events.onClosed());
    socket.on('error', (error: NodeJS.ErrnoException) => events.onError(error.code ?? 'EIO', connected));
    return {
      send: (text) => void socket.write(text, 'latin1'),
      // A reset spares both sides a TIME_WAIT for each check.
      close: () => void (connected ? socket.resetAndDestroy() : socket.destroy()),
    };
  }
}

function connectTo({ host, port, source }: CheckTarget): net.Socket {
  if (port === 0) return net.connect({ path: host });
  if (source === null) return net.connect({ host, port, noDelay: true });
  const { interfaceName } = source;
  if (interfaceName === null) {
    return net.connect({ host, port, noDelay: true, localAddress: source.host, localPort: source.port });
  }
  const fd = openBound(host, source, interfaceName);
  if (fd < 0) {
    // Nobody listens for events yet.
    const failed = new net.Socket();
    const error = Object.assign(new Error(`cannot bind to ${interfaceName}`), {
      code: getSystemErrorName(fd),
    });
    setImmediate(() => failed.destroy(error));
    return failed;
  }
  // It must not read before it is connected.
  const options: net.SocketConstructorOpts = { fd, ...MANUAL_START };
  return new net.Socket(options).connect({ host, port });
}

/** A socket on an interface, which net.connect() cannot ask for; or a negated errno. */
function openBound(host: string, source: CheckSource, interfaceName: string): number {
  const six = host.includes(':');
  const fd = openSocket(six ? AF_INET6 : AF_INET, SOCK_STREAM);
  if (fd < 0) return fd;
  setOption(fd, SOL_TCP, TCP_NODELAY, 1);
  let result = setTextOption(fd, SOL_SOCKET, SO_BINDTODEVICE, interfaceName);
  if (result >= 0 && source.host !== '') {
    const family = source.host.includes(':') ? ('ipv6' as const) : ('ipv4' as const);
    result = systemSockets.bind(fd, { family, address: source.host, port: source.port }, false);
  }
  if (result >= 0) return fd;
  closeSocket(fd);
  return result;
}
