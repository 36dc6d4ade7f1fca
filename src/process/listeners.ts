// The process's listening sockets. They belong to the control thread, which hands them from one generation to the
// next: all data threads accept on the same sockets, so no connection is lost when threads come and go.

import { chmodSync, chownSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { bindListener, type ListenerOptions } from '../sys/options.ts';
import {
  SHUT_RD,
  SOL_TCP,
  TCP_QUICKACK,
  adoptSocket,
  closeSocket,
  listenOn,
  setOption,
  shutdownSocket,
} from '../sys/socket.ts';
import { SystemError, errnoText } from '../sys/errno.ts';
import { familyOf, hostText, socketAddressOf } from '../config/socket-address.ts';
import { acceptOptionsOf, refresh, type AcceptOptions } from './listener-options.ts';
import { buffersOf } from '../config/socket-options.ts';
import { systemBuffers } from '../config/defaults.ts';
import type { BindConfig, GlobalConfig, ProxyConfig } from '../config/model.ts';

/** The kernel cuts it to net.core.somaxconn. */
const RESUMED_BACKLOG = 4096;

/** What a socket is known by across reloads. */
function addressKey(bind: BindConfig): string {
  const { fd, portLow } = bind.address;
  return `${familyOf(bind.address)}/${hostText(bind.address)}/${fd}/${portLow}/${bind.interfaceName ?? ''}`;
}

/** `[0.0.0.0:80]` or `[/path]`, as messages show it. */
function label(bind: BindConfig): string {
  const { kind, portLow } = bind.address;
  const host = hostText(bind.address);
  return kind === 'inet' ? `[${host}:${portLow}]` : `[${host}]`;
}

/**
 * Connections get it from their listening socket: the kernel does not acknowledge a request at once, as the answer will
 * do so (option tcp-smart-accept, which HTTP mode brings along). Sockets that are not TCP refuse it.
 */
function setQuickAck(fd: number, proxy: ProxyConfig): void {
  const smart = proxy.smartAccept ?? proxy.mode === 'http';
  setOption(fd, SOL_TCP, TCP_QUICKACK, smart ? 0 : 1);
}

/**
 * IPV6_V6ONLY of a bind's socket (manual 5.1 v4v6, v6only): without either word, `::` takes what the system gives and
 * any other IPv6 address is only that.
 */
function v6OnlyOf({ address, v4v6, v6only }: BindConfig): { readonly v6Only?: boolean } {
  if (address.family !== 'ipv6') return {};
  if (v6only) return { v6Only: true };
  if (v4v6) return { v6Only: false };
  return /^[0:]*$/.test(address.host) ? {} : { v6Only: true };
}

/** A socket that another process made. Throws SystemError. */
function adopt(fd: number, options: AcceptOptions, own: boolean): number {
  const adopted = adoptSocket(fd).fd;
  refresh(adopted, options, own);
  return adopted;
}

export interface BoundSocket {
  readonly key: string;
  readonly fd: number;
}

export class Listeners {
  private readonly open = new Map<string, number>();
  /** Sockets of the process before us that no bind has asked for yet. */
  private inherited = new Map<string, number>();
  /** Several processes may listen on an address of the sockets that are opened from now on. */
  reusePort = true;
  /** What the kernel may keep of the data of sockets that are opened or kept from now on. */
  buffers: Pick<GlobalConfig['kernelBuffers'], 'client' | 'frontend'> = {
    client: systemBuffers(),
    frontend: systemBuffers(),
  };

  /** Takes over sockets that another process had open (-x). */
  inherit(sockets: Map<string, number>): void {
    this.inherited = sockets;
  }

  /** Closes what was inherited and is not in the configuration any more. */
  closeUnclaimed(): void {
    for (const fd of this.inherited.values()) closeSocket(fd);
    this.inherited.clear();
  }

  /**
   * Frees the TCP ports for another process while the sockets stay bound (SIGTTOU): a listening socket that is shut
   * down does not listen any more, and SO_REUSEADDR lets the other process bind then.
   */
  pause(): void {
    for (const [key, fd] of this.open) if (key.startsWith('ipv')) shutdownSocket(fd, SHUT_RD);
  }

  /** Listens again (SIGTTIN). The text tells which sockets somebody else holds now. */
  resume(): string | null {
    const lost: string[] = [];
    for (const [key, fd] of this.open) {
      if (key.startsWith('ipv') && listenOn(fd, RESUMED_BACKLOG) < 0) lost.push(key);
    }
    return lost.length === 0 ? null : `cannot listen again on ${lost.join(', ')}`;
  }

  /** All open sockets with the keys that the next process will ask for. */
  get all(): BoundSocket[] {
    return [...this.open].map(([key, fd]) => ({ key, fd }));
  }

  /** The socket for a bind: one that is open already, an inherited one, or a new one. Text: why it cannot be had. */
  acquire(bind: BindConfig, proxy: ProxyConfig): number | string {
    const key = addressKey(bind);
    const known = this.open.get(key);
    const options = acceptOptionsOf(bind, proxy, this.buffers.client);
    if (known !== undefined) {
      refresh(known, options, bind.address.kind !== 'fd');
      setQuickAck(known, proxy);
      return known;
    }
    const inherited = this.inherited.get(key);
    try {
      const fd = inherited === undefined ? this.bind(bind, options) : adopt(inherited, options, true);
      setQuickAck(fd, proxy);
      this.inherited.delete(key);
      this.open.set(key, fd);
      return fd;
    } catch (error) {
      if (error instanceof SystemError) {
        return `cannot bind socket (${errnoText(error.errno)}) ${label(bind)}`;
      }
      return `cannot bind socket (${(error as Error).message}) ${label(bind)}`;
    }
  }

  /** The same for a datagram socket. */
  acquireDatagram(bind: BindConfig): number | string {
    const key = `udp/${addressKey(bind)}`;
    const known = this.open.get(key);
    if (known !== undefined) return known;
    try {
      const inherited = this.inherited.get(key);
      const fd = inherited === undefined ? this.bindDatagram(bind) : adoptSocket(inherited).fd;
      this.inherited.delete(key);
      this.open.set(key, fd);
      return fd;
    } catch (error) {
      const text = error instanceof SystemError ? errnoText(error.errno) : (error as Error).message;
      return `cannot bind UDP socket (${text}) ${label(bind)}`;
    }
  }

  private bindDatagram(bind: BindConfig): number {
    return bindListener({
      type: 'datagram',
      address: socketAddressOf(bind.address)!,
      reusePort: this.reusePort,
      ...v6OnlyOf(bind),
      ...(bind.interfaceName === null ? {} : { interfaceName: bind.interfaceName }),
      ...(bind.transparent ? { transparent: true } : {}),
      ...buffersOf(this.buffers.frontend),
    });
  }

  private bind(bind: BindConfig, accepting: AcceptOptions): number {
    const { address } = bind;
    if (address.kind === 'fd') return adopt(address.fd, accepting, false);
    const options: ListenerOptions = {
      address: socketAddressOf(address)!,
      reusePort: this.reusePort && address.kind === 'inet',
      ...v6OnlyOf(bind),
      ...accepting,
    };
    if (address.kind !== 'unix') return bindListener(options);
    return this.bindUnix(bind, options);
  }

  /** Bound under another name and moved over the old one, so that there is no moment without a socket. */
  private bindUnix(bind: BindConfig, options: ListenerOptions): number {
    const path = bind.address.host;
    const temporary = `${path}.${process.pid}.tmp`;
    const fd = bindListener({ ...options, address: { family: 'unix', address: temporary, port: 0 } });
    try {
      if (bind.mode !== null) chmodSync(temporary, bind.mode);
      if (bind.uid !== null || bind.gid !== null) {
        const { uid, gid } = statSync(temporary);
        chownSync(temporary, bind.uid ?? uid, bind.gid ?? gid);
      }
      renameSync(temporary, path);
    } catch (error) {
      closeSocket(fd);
      unlinkSync(temporary);
      throw error;
    }
    return fd;
  }

  /** Closes what no bind of the present configuration uses. */
  keepOnly(binds: readonly BindConfig[], datagrams: readonly BindConfig[] = []): void {
    const wanted = new Set([...binds.map(addressKey), ...datagrams.map((bind) => `udp/${addressKey(bind)}`)]);
    for (const [key, fd] of this.open) {
      if (wanted.has(key)) continue;
      closeSocket(fd);
      this.open.delete(key);
    }
  }

  closeAll(): void {
    this.keepOnly([]);
  }
}
