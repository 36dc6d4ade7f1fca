// A `log-forward` section: messages that come in by datagram or connection go to its log targets (manual 12.6).

import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import net from 'node:net';
import { formatSyslog, hostOf, parseSyslog, type SyslogMessage } from './syslog.ts';
import { ProxySource } from './proxy-source.ts';
import { SyslogFramer, trimmed } from './framing.ts';
import { TargetFilter } from '../target.ts';
import type { LogForwardConfig, LogTarget } from '../../config/model.ts';

/** Of a message without a priority: so HAProxy 2.6 was seen to do. */
const EMERGENCY = 0;
/** Connections that may wait for a place. */
const WAITING_MAX = 1024;
/** Longest message taken, bytes. */
const LONGEST = 65536;

export interface ForwardSocket {
  readonly kind: 'stream' | 'datagram';
  /** Belongs to the forwarder, which closes it. */
  readonly fd: number;
  readonly ipv6: boolean;
  /** A PROXY header comes before the messages of a connection. */
  readonly acceptProxy: boolean;
  /** Connections at once, 0 for no limit of its own. */
  readonly maxconn: number;
}

/** A listening socket and its connections: those served, and those that wait for a place. */
interface Door {
  readonly socket: ForwardSocket;
  readonly clients: Set<net.Socket>;
  readonly waiting: Set<net.Socket>;
}

/** Sends one line, without line end, to a target; false: lost. */
export type Deliver = (target: LogTarget, line: Buffer) => boolean;

export class Forwarder {
  private readonly config: LogForwardConfig;
  private readonly deliver: Deliver;
  private readonly filters: readonly TargetFilter[];
  private readonly servers: net.Server[] = [];
  private readonly datagrams: DatagramSocket[] = [];
  private readonly doors: Door[] = [];
  /** Messages that came in, and lines that could not go out. */
  received = 0;
  dropped = 0;

  constructor(config: LogForwardConfig, sockets: readonly ForwardSocket[], deliver: Deliver) {
    this.config = config;
    this.deliver = deliver;
    const identity = { tag: '', hostname: null, pid: 0 };
    this.filters = config.proxy.logTargets.map((target) => new TargetFilter(target, identity));
    for (const socket of sockets) {
      if (socket.kind === 'stream') this.listen(socket);
      else this.receive(socket);
    }
  }

  private listen(socket: ForwardSocket): void {
    const door: Door = { socket, clients: new Set(), waiting: new Set() };
    const server = net.createServer({ pauseOnConnect: true }, (client) => this.admit(door, client));
    server.on('error', () => {});
    server.listen({ fd: socket.fd });
    this.servers.push(server);
    this.doors.push(door);
  }

  private receive({ fd, ipv6 }: ForwardSocket): void {
    const socket = createSocket(ipv6 ? 'udp6' : 'udp4');
    socket.on('error', () => {});
    socket.on('message', (bytes, { address }) => this.take(trimmed(bytes), address));
    socket.bind({ fd });
    this.datagrams.push(socket);
  }

  /** Beyond maxconn connections wait for a place, unread, as they would in the kernel. */
  private admit(door: Door, client: net.Socket): void {
    client.on('error', () => {});
    client.on('close', () => {
      door.clients.delete(client);
      door.waiting.delete(client);
      for (const one of this.doors) this.admitWaiting(one);
    });
    if (this.hasPlace(door)) this.serve(door, client);
    else if (door.waiting.size < WAITING_MAX) door.waiting.add(client);
    else client.destroy();
  }

  private admitWaiting(door: Door): void {
    for (const client of door.waiting) {
      if (!this.hasPlace(door)) return;
      door.waiting.delete(client);
      this.serve(door, client);
    }
  }

  private hasPlace(door: Door): boolean {
    const { maxconn } = this.config.proxy;
    const here = door.socket.maxconn;
    if (here > 0 && door.clients.size >= here) return false;
    return maxconn === 0 || this.doors.reduce((sum, { clients }) => sum + clients.size, 0) < maxconn;
  }

  private serve(door: Door, client: net.Socket): void {
    const { onlyLines, proxy } = this.config;
    const framer = new SyslogFramer(LONGEST, onlyLines);
    const header = door.socket.acceptProxy ? new ProxySource() : null;
    const source = client.remoteAddress ?? '';
    door.clients.add(client);
    if (proxy.timeouts.client > 0) client.setTimeout(proxy.timeouts.client, () => client.destroy());
    client.on('data', (bytes: Buffer) => {
      const data = header === null ? bytes : header.feed(bytes);
      if (data !== null) {
        for (const message of framer.feed(data)) this.take(message, header?.address ?? source);
      }
      if (data === null || framer.broken) client.destroy();
    });
    client.on('end', () => {
      for (const message of framer.end()) this.take(message, header?.address ?? source);
    });
    client.resume();
  }

  private take(bytes: Buffer, sender: string): void {
    if (bytes.length === 0) return;
    this.received++;
    const source = sender.startsWith('::ffff:') ? sender.slice(7) : sender;
    const nowMs = Date.now();
    const text = bytes.toString('latin1');
    const message = this.config.parses ? parseSyslog(text, nowMs) : unparsed(text);
    const level = message.level < 0 ? EMERGENCY : message.level;
    for (const filter of this.filters) {
      if (!filter.accepts(level)) continue;
      const { target } = filter;
      const format = target.formatGiven ? target.format : null;
      const host = hostOf(message, this.config.host, source);
      const shown = level < target.minLevel ? target.minLevel : level;
      const line = formatSyslog(message, format, host, shown, { facility: target.facility, nowMs });
      const length = Math.min(line.length, target.length);
      if (!this.deliver(target, Buffer.from(line.slice(0, length), 'latin1'))) this.dropped++;
    }
  }

  /** Takes nothing new; `hard`: ends connections too, which else go on as they were until their clients leave. */
  close(hard: boolean): void {
    for (const server of this.servers) server.close();
    for (const socket of this.datagrams) socket.close();
    if (!hard) return;
    for (const { clients, waiting } of this.doors) {
      for (const client of [...waiting, ...clients]) client.destroy();
    }
  }
}

/** option dont-parse-log: all of it is text. */
function unparsed(text: string): SyslogMessage {
  const none = { date: '', host: '', tag: '', pid: '', msgid: '', sd: '' };
  return { ...none, facility: -1, level: -1, format: 'raw', atMs: -1, text };
}
