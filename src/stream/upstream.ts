// Sockets towards servers: made with the options of the server line, and the sockaddr that connect() is given.

import { domainOf, encodeAddress, type SocketAddress } from '../sys/address.ts';
import { familyOf } from '../config/socket-address.ts';
import { buffersOf, keepAliveOf } from '../config/socket-options.ts';
import { EADDRNOTAVAIL, ENOPROTOOPT } from '../sys/errno.ts';
import { UpstreamSource } from './upstream-source.ts';
import type { KernelBuffers, ServerConfig } from '../config/model.ts';
import type { Endpoint } from '../sample/context.ts';
import type { Server } from '../backend/server.ts';
import type { SocketOptions } from '../sys/options.ts';
import type { Sockets } from '../reactor/sockets.ts';
import type { SlabMemory } from '../core/slab.ts';
import type { Stream } from './stream.ts';

const SOCKADDR_BYTES = 112;
/** Sockaddrs made for one connection each; the kernel copies them within the turn. */
const SCRATCH = 256;

interface Target {
  version: number;
  at: number;
  length: number;
  domain: number;
}

export class UpstreamSockets {
  private readonly sockets: Sockets;
  private readonly memory: SlabMemory;
  private readonly targets = new Map<Server, Target>();
  private readonly scratchAt: number;
  private scratchNext = 0;
  private readonly sources = new Map<Server, UpstreamSource>();
  private readonly options = new Map<ServerConfig, SocketOptions | null>();
  private readonly buffers: KernelBuffers;
  private readonly thread: number;
  private readonly threads: number;
  /** Of the socket that `open` gave last: its port of a source range or -1, and how it was made (originFor). */
  sourcePort = -1;
  origin = '';
  /** Length of the sockaddr that `address` returned last. */
  length = 0;

  /** `buffers`: of connections to servers; `thread`: the number of this data thread among `threads`, from 0. */
  constructor(sockets: Sockets, memory: SlabMemory, buffers: KernelBuffers, thread: number, threads: number) {
    this.buffers = buffers;
    this.thread = thread;
    this.threads = threads;
    this.sockets = sockets;
    this.memory = memory;
    this.scratchAt = memory.permanent(SOCKADDR_BYTES * SCRATCH);
  }

  /** An unconnected socket, or a negated errno. */
  open(stream: Stream, server: Server): number {
    const address = this.resolve(stream, server);
    if (address === null) return -22;
    const { sockets } = this;
    const fd = sockets.open(domainOf(address));
    if (fd < 0) return fd;
    const unix = address.family !== 'ipv4' && address.family !== 'ipv6';
    if (!unix) {
      sockets.noDelay(fd);
      if (server.config.backend.options.has('tcp-smart-connect')) sockets.delayAck(fd);
    }
    const { config } = server;
    const wanted = this.optionsOf(config);
    if (wanted !== null && sockets.apply(fd, address, wanted) !== null) {
      sockets.discard(fd);
      return -ENOPROTOOPT;
    }
    // What cannot be set is left as it is: a mark needs CAP_NET_ADMIN.
    if (stream.serverPackets !== null && !unix) sockets.apply(fd, address, stream.serverPackets);
    const source = this.sourceOf(server);
    this.sourcePort = -1;
    this.origin = this.originFor(stream, server);
    if (source !== null) {
      this.sourcePort = source.ports === null ? -1 : source.ports.take();
      const empty = source.ports !== null && this.sourcePort < 0;
      const result = empty ? -EADDRNOTAVAIL : source.bind(sockets, fd, stream, this.sourcePort);
      if (result < 0) {
        if (this.sourcePort >= 0) source.ports!.release(this.sourcePort);
        sockets.discard(fd);
        return result;
      }
    }
    return fd;
  }

  /** What the sockets of a server have beyond the usual; null for nothing. */
  private optionsOf(config: ServerConfig): SocketOptions | null {
    let wanted = this.options.get(config);
    if (wanted === undefined) {
      const all: SocketOptions = {
        ...buffersOf(this.buffers),
        ...(config.tcpUserTimeout > 0 ? { userTimeoutMs: config.tcpUserTimeout } : {}),
        ...keepAliveOf(config.backend, 'server'),
        ...(config.tfo ? { fastOpenConnect: true } : {}),
      };
      wanted = Object.keys(all).length === 0 ? null : all;
      this.options.set(config, wanted);
    }
    return wanted;
  }

  /**
   * What tells connections to a server apart by how they were made: the source that they present, and what rules said of
   * their packets. Streams use those alone that were made as their own would be; '' for the usual ones.
   */
  originFor(stream: Stream, server: Server): string {
    const presented = this.sourceOf(server)?.presentedTo(stream) ?? '';
    const { serverPackets } = stream;
    if (serverPackets === null) return presented;
    return `${presented} mark ${serverPackets.mark ?? ''} tos ${serverPackets.tos ?? ''}`;
  }

  /** Null for connections whose source the kernel chooses. */
  sourceOf(server: Server): UpstreamSource | null {
    const { config } = server;
    const settings = config.source ?? config.backend.source;
    if (settings === null) return null;
    let source = this.sources.get(server);
    if (source === undefined) {
      source = new UpstreamSource(settings, this.thread, this.threads);
      this.sources.set(server, source);
    }
    return source;
  }

  /** The client's destination where the server's address or port follows it; null for a fixed address. */
  followed(stream: Stream, server: Server): Endpoint | null {
    const { addressText } = server;
    if (server.config.portKind === 'fixed' && addressText !== '0.0.0.0' && addressText !== '::') return null;
    return stream.session.destination;
  }

  /** Where the server's sockaddr stands in thread memory. */
  address(stream: Stream, server: Server): number {
    if (server.config.portKind === 'fixed' && server.addressText !== '0.0.0.0') {
      let target = this.targets.get(server);
      if (target === undefined || target.version !== server.addressVersion) {
        const at = target?.at ?? this.memory.permanent(SOCKADDR_BYTES);
        const address = this.resolve(stream, server)!;
        const length = encodeAddress(address, this.memory.bytes, at);
        target = { version: server.addressVersion, at, length, domain: domainOf(address) };
        this.targets.set(server, target);
      }
      this.length = target.length;
      return target.at;
    }
    const at = this.scratchAt + SOCKADDR_BYTES * this.scratchNext;
    this.scratchNext = (this.scratchNext + 1) % SCRATCH;
    this.length = encodeAddress(this.resolve(stream, server)!, this.memory.bytes, at);
    return at;
  }

  /** The server's address for this stream: its port may follow the client's, its address the client's destination. */
  private resolve(stream: Stream, server: Server): SocketAddress | null {
    const family = familyOf(server.config.address);
    if (family === 'unix' || family === 'abns' || family === 'abnsz') {
      return { family, address: server.addressText, port: 0 };
    }
    const { portKind } = server.config;
    let { port } = server;
    let text = server.addressText;
    if (portKind !== 'fixed' || text === '0.0.0.0' || text === '::') {
      const destination = stream.session.destination;
      if (portKind === 'none') port = destination?.port ?? 0;
      else if (portKind === 'offset') port = (destination?.port ?? 0) + server.config.port;
      if (text === '0.0.0.0' || text === '::') {
        // Transparent: the address that the client asked for.
        if (destination === null || destination.text === '') return null;
        text = destination.text;
      }
    }
    if (port < 0 || port > 65535) return null;
    return { family: text.includes(':') ? 'ipv6' : 'ipv4', address: text, port };
  }
}
