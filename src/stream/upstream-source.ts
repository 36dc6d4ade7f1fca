// The address that connections to a server come from (manual: source, usesrc).

import { socketAddressOf } from '../config/socket-address.ts';
import { EADDRNOTAVAIL } from '../sys/errno.ts';
import type { PresentedSource, SourceSettings } from '../config/model.ts';
import type { SocketAddress } from '../sys/address.ts';
import type { Sockets } from '../reactor/sockets.ts';
import type { Stream } from './stream.ts';

/** This thread's part of a range of source ports: all that leave its number over when divided by the threads. */
export class SourcePorts {
  private readonly free: number[] = [];

  constructor(low: number, high: number, thread: number, threads: number) {
    for (let port = high; port >= low; port--) if (port % threads === thread) this.free.push(port);
  }

  /** A port that no connection of this thread has, or -1. */
  take(): number {
    // The one that was free longest: the kernel may still remember the connection that had the last one.
    return this.free.shift() ?? -1;
  }

  release(port: number): void {
    this.free.push(port);
  }
}

export class UpstreamSource {
  readonly ports: SourcePorts | null;
  private readonly settings: SourceSettings;
  private readonly own: SocketAddress | null;

  /** `thread`: the number of this one among `threads`, from 0. */
  constructor(settings: SourceSettings, thread: number, threads: number) {
    this.settings = settings;
    const { address } = settings;
    const own = address === null ? null : socketAddressOf(address);
    const any = own !== null && (own.address === '0.0.0.0' || own.address === '::');
    const ranged = address !== null && address.portKind === 'range';
    // Nothing to ask the kernel for: it chooses by itself.
    this.own = own !== null && any && own.port === 0 ? null : own;
    this.ports = ranged ? new SourcePorts(address.portLow, address.portHigh, thread, threads) : null;
  }

  /** What servers are to see instead of our address, as a text that tells such connections apart; '' for ours. */
  presentedTo(stream: Stream): string {
    const { presented } = this.settings;
    if (presented === null) return '';
    const address = presentedAddress(presented, stream);
    return address === null ? '' : `${address.address}:${address.port}`;
  }

  /** Binds a new socket. `port`: of the range, or -1. 0 or a negated errno. */
  bind(sockets: Sockets, fd: number, stream: Stream, port: number): number {
    const { interfaceName, presented } = this.settings;
    if (interfaceName !== null && sockets.apply(fd, ANY, { interfaceName }) !== null) return -EADDRNOTAVAIL;
    if (presented !== null) {
      const address = presentedAddress(presented, stream);
      return address === null ? 0 : sockets.bind(fd, address, true);
    }
    const { own } = this;
    if (own === null) return 0;
    return sockets.bind(fd, port < 0 ? own : { ...own, port }, false);
  }
}

const ANY: SocketAddress = { family: 'ipv4', address: '0.0.0.0', port: 0 };

/** Null where there is none, as for clients of a unix socket: the connection is made as without usesrc. */
function presentedAddress(presented: PresentedSource, stream: Stream): SocketAddress | null {
  switch (presented.kind) {
    case 'address':
      return socketAddressOf(presented.address);
    case 'expression': {
      const text = presented.expression?.text(stream) ?? null;
      if (text === null || text === '') return null;
      return { family: text.includes(':') ? 'ipv6' : 'ipv4', address: text, port: 0 };
    }
    default: {
      const { source } = stream.session;
      if (source === null || source.family === 'unix') return null;
      return {
        family: source.family,
        address: source.text,
        port: presented.kind === 'client' ? source.port : 0,
      };
    }
  }
}
