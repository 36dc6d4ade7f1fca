import net from 'node:net';
import type { CheckConnection, CheckEvents, CheckTarget, Dialer } from './probe.ts';

/** Checks over the control thread's own sockets: they are few and carry no traffic. */
export class SocketDialer implements Dialer {
  dial(target: CheckTarget, events: CheckEvents): CheckConnection {
    let connected = false;
    const { host, port, source } = target;
    const from = source === null ? {} : { localAddress: source.host, localPort: source.port };
    const socket =
      port === 0 ? net.connect({ path: host }) : net.connect({ host, port, noDelay: true, ...from });
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
