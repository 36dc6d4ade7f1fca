// Sockets towards servers: made with the options of the server line, and the sockaddr that connect() is given.

import { domainOf, encodeAddress, type SocketAddress } from '../sys/address.ts';
import { familyOf, socketAddressOf } from '../config/socket-address.ts';
import type { Endpoint } from '../sample/context.ts';
import type { Server } from '../backend/server.ts';
import type { SocketOptions } from '../sys/options.ts';
import type { Sockets } from '../reactor/sockets.ts';
import type { SlabMemory } from '../core/slab.ts';
import type { SourceSettings } from '../config/model.ts';
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
  /** Length of the sockaddr that `address` returned last. */
  length = 0;

  constructor(sockets: Sockets, memory: SlabMemory) {
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
    const source = config.source ?? config.backend.source;
    const options = config.backend.options;
    if (config.tcpUserTimeout > 0 || config.tfo || options.has('srvtcpka') || options.has('tcpka')) {
      const wanted: { -readonly [K in keyof SocketOptions]: SocketOptions[K] } = {};
      if (config.tcpUserTimeout > 0) wanted.userTimeoutMs = config.tcpUserTimeout;
      if (options.has('srvtcpka') || options.has('tcpka')) wanted.keepAlive = true;
      if (config.tfo) wanted.fastOpenConnect = true;
      if (sockets.apply(fd, address, wanted) !== null) {
        sockets.discard(fd);
        return -92;
      }
    }
    if (source !== null) {
      const result = this.bindSource(fd, source);
      if (result < 0) {
        sockets.discard(fd);
        return result;
      }
    }
    return fd;
  }

  private bindSource(fd: number, source: SourceSettings): number {
    if (source.interfaceName !== null) {
      const refused = this.sockets.apply(
        fd,
        { family: 'ipv4', address: '0.0.0.0', port: 0 },
        {
          interfaceName: source.interfaceName,
        },
      );
      if (refused !== null) return -1;
    }
    const address = source.address === null ? null : socketAddressOf(source.address);
    return address === null ? 0 : this.sockets.bind(fd, address);
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
