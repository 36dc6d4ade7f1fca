// Sends log lines of one proxy to its targets from a data thread. Nothing here waits: a datagram that the kernel does
// not take is dropped and counted.

import { Counter } from '../core/shared.ts';
import { Operation, type Reactor } from '../reactor/reactor.ts';
import { connectSocket, openSocket, SOCK_DGRAM } from '../sys/socket.ts';
import { domainOf } from '../sys/address.ts';
import { socketAddressOf } from '../config/socket-address.ts';
import { isPrecise, makeHeader, type HeaderFacts } from './header.ts';
import { writeLatin1 } from '../proto/http1/writer.ts';
import { writeNow } from './write-now.ts';
import type { LogTarget } from '../config/model.ts';

const SYSLOG_PORT = 514;

/** Lines that one target may have with the kernel at a time. */
const IN_FLIGHT_MAX = 256;

class DatagramOperation extends Operation {
  private readonly target: Target;
  readonly at: number;
  constructor(target: Target, at: number) {
    super();
    this.target = target;
    this.at = at;
  }
  override onComplete(result: number): void {
    this.target.sent(this, result);
  }
}

class Target {
  readonly config: LogTarget;
  private readonly sender: LogSender;
  private fd: number;
  private readonly idle: DatagramOperation[] = [];
  private made = 0;
  private header = '';
  private headerLevel = -1;
  private headerTime = -1;
  private readonly precise: boolean;
  private sampled = 0;

  constructor(sender: LogSender, config: LogTarget) {
    this.sender = sender;
    this.config = config;
    this.precise = isPrecise(config.format);
    this.fd = config.transport === 'fd' ? config.fd : this.connect();
  }

  private connect(): number {
    const { address } = this.config;
    if (address === null) return -1;
    const to = socketAddressOf(address, SYSLOG_PORT);
    if (to === null) return -1;
    const fd = openSocket(domainOf(to), SOCK_DGRAM);
    if (fd < 0) return -1;
    if (connectSocket(fd, to) < 0) {
      this.sender.reactor.close(fd);
      return -1;
    }
    return fd;
  }

  /** Which of every `size` lines this target gets (log sample). */
  private skips(): boolean {
    const { sample } = this.config;
    if (sample === null) return false;
    this.sampled = (this.sampled % sample.size) + 1;
    for (const [low, high] of sample.ranges) if (this.sampled >= low && this.sampled <= high) return false;
    return true;
  }

  send(level: number, text: string): void {
    const { config, sender } = this;
    if (level > config.level || this.skips()) return;
    const shown = level < config.minLevel ? config.minLevel : level;
    const { reactor } = sender;
    const time = this.precise ? reactor.wallMs : Math.floor(reactor.wallMs / 1000);
    if (time !== this.headerTime || shown !== this.headerLevel) {
      this.headerTime = time;
      this.headerLevel = shown;
      this.header = makeHeader(config.format, config.facility, shown, reactor.wallMs, sender.facts);
    }
    if (config.transport === 'fd') {
      let line = this.header + text;
      if (line.length > config.length - 1) line = line.slice(0, config.length - 1);
      if (!writeNow(this.fd, `${line}\n`)) sender.drop();
      return;
    }
    const operation = this.idle.pop() ?? this.make();
    if (operation === null) {
      sender.drop();
      return;
    }
    const { bytes } = reactor.memory;
    let end = writeLatin1(bytes, operation.at, this.header);
    const room = operation.at + config.length - end - 1;
    end = writeLatin1(bytes, end, text.length > room ? text.slice(0, Math.max(0, room)) : text);
    // HAProxy ends every line with a line feed on the wire.
    bytes[end++] = 10;
    if (this.fd < 0) {
      // The unix socket was not there, or went away: looked for again with each line.
      this.fd = this.connect();
      if (this.fd < 0) {
        this.idle.push(operation);
        sender.drop();
        return;
      }
    }
    reactor.sendDatagram(this.fd, operation.at, end - operation.at, operation);
  }

  private make(): DatagramOperation | null {
    if (this.made >= IN_FLIGHT_MAX) return null;
    this.made++;
    return new DatagramOperation(this, this.sender.place(this.config.length + 1));
  }

  sent(operation: DatagramOperation, result: number): void {
    this.idle.push(operation);
    if (result >= 0) return;
    this.sender.drop();
    if (this.config.transport === 'unix' && this.fd >= 0 && this.idle.length === this.made) {
      this.sender.reactor.close(this.fd);
      this.fd = -1;
    }
  }
}

export class LogSender {
  readonly reactor: Reactor;
  readonly facts: HeaderFacts;
  private readonly targets: Target[];
  private readonly counters: Float64Array | null;
  private readonly pages: LogPages;

  /** `counters`: where drops are counted. */
  constructor(
    targets: readonly LogTarget[],
    facts: HeaderFacts,
    reactor: Reactor,
    pages: LogPages,
    counters: Float64Array | null,
  ) {
    this.reactor = reactor;
    this.facts = facts;
    this.pages = pages;
    this.counters = counters;
    this.targets = targets.map((target) => new Target(this, target));
  }

  /** `level`: 0 emerg to 7 debug. */
  send(level: number, text: string): void {
    for (const target of this.targets) target.send(level, text);
  }

  place(length: number): number {
    return this.pages.place(length);
  }

  drop(): void {
    if (this.counters !== null) this.counters[Counter.LOG_DROPS]! += 1;
  }
}

/** Cuts slabs into places for log lines; they stay with their sender. */
export class LogPages {
  private readonly reactor: Reactor;
  private at = 0;
  private end = 0;

  constructor(reactor: Reactor) {
    this.reactor = reactor;
  }

  place(length: number): number {
    const { memory } = this.reactor;
    if (this.at + length > this.end) {
      const slab = memory.take();
      if (slab < 0 || length > memory.slabSize) {
        if (slab >= 0) memory.release(slab);
        return memory.permanent(length);
      }
      this.at = memory.offsetOf(slab);
      this.end = this.at + memory.slabSize;
    }
    const at = this.at;
    this.at += length;
    return at;
  }
}
