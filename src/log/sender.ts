// Sends log lines of one data thread: never blocks, never queues without limit. A line that finds no free slot or a
// broken target is dropped and counted.

import type { LogTarget } from '../config/model.ts';
import { Operation, type Reactor } from '../reactor/reactor.ts';
import type { LogIdentity } from './header.ts';
import { Line } from '../sample/line.ts';
import type { LogFormat } from '../sample/logformat.ts';
import type { Origin } from '../sample/origin.ts';
import type { StreamContext } from '../sample/context.ts';
import { HEADER_ROOM, TargetFilter } from './target.ts';
import { stepOf } from './profile.ts';
import type { LogRing } from '../core/log-ring.ts';
import type { LogProfile, LogRingConfig } from '../config/model.ts';

export interface LogSenderOptions extends LogIdentity {
  readonly reactor: Reactor;
  /** A non-blocking socket connected to the target, or a negated errno. For fd targets: never called. */
  openSocket(target: LogTarget): number;
  /** Non-blocking write to a descriptor: a count or a negated errno. */
  write(fd: number, at: number, length: number): number;
  /** The memory of a ring. */
  ringOf?(ring: LogRingConfig): LogRing;
  /** Called for each line lost: adds to `Counter.LOG_DROPS`. */
  dropped(): void;
  /** Lines go out by `sendMessage`: each brings its structured data. */
  readonly structured?: boolean;
  /** Lines that may be on their way at once; 64 by default. */
  readonly slots?: number;
}

const CLOSED = -1;
const SPACE = 32;
const DASH = 45;
/** A lost socket is opened again after this time. */
const REOPEN_MS = 1000;

class SendSlot extends Operation {
  readonly at: number;
  readonly owner: LogSender;
  target: SocketTarget | null = null;
  next: SendSlot | null = null;

  constructor(owner: LogSender, at: number) {
    super();
    this.owner = owner;
    this.at = at;
  }

  override onComplete(result: number): void {
    this.owner.completed(this, result);
  }
}

/** What is logged: a stream in a format, or a text. */
export interface Message {
  readonly format: LogFormat | null;
  readonly text: string;
  readonly sd: LogFormat | null;
  readonly stream: StreamContext;
}

class SocketTarget {
  readonly filter: TargetFilter;
  readonly ring: LogRing | null;
  fd: number;
  inFlight = 0;
  broken = false;
  reopenAt = 0;
  /** The same target with the tag of a profile. */
  readonly tagged = new Map<LogProfile, TargetFilter>();

  constructor(filter: TargetFilter, fd: number, ring: LogRing | null) {
    this.filter = filter;
    this.ring = ring;
    this.fd = fd;
  }
}

export class LogSender {
  private readonly options: LogSenderOptions;
  private readonly targets: SocketTarget[] = [];
  private readonly reactor: Reactor;
  private readonly scratch: number;
  private readonly line = new Line();
  private free: SendSlot | null = null;
  /** What the next line has instead of its target's own header; its structured data. */
  private profile: LogProfile | null = null;
  private sd: LogFormat | null = null;

  /** Takes permanent memory: (slots + 1) lines of the longest target. Sockets are opened at once. */
  constructor(targets: readonly LogTarget[], options: LogSenderOptions) {
    this.options = options;
    this.reactor = options.reactor;
    let longest = 0;
    let sockets = false;
    for (const target of targets) {
      longest = Math.max(longest, target.length);
      const direct = target.transport === 'fd' || target.transport === 'ring';
      if (!direct) sockets = true;
      const fd = direct ? target.fd : CLOSED;
      const ring = target.ring === null ? null : options.ringOf!(target.ring);
      const structured = options.structured === true;
      this.targets.push(new SocketTarget(new TargetFilter(target, options, structured), fd, ring));
    }
    const room = longest + HEADER_ROOM;
    const { memory } = this.reactor;
    this.scratch = targets.length > 0 ? memory.permanent(room) : 0;
    for (let left = sockets ? (options.slots ?? 64) : 0; left > 0; left--) {
      const slot = new SendSlot(this, memory.permanent(room));
      slot.next = this.free;
      this.free = slot;
    }
    for (const target of this.targets) if (target.ring === null && target.fd === CLOSED) this.open(target);
  }

  /** `level`: 0 emerg to 7 debug. `text`: latin1, without line end. */
  send(level: number, text: string): void {
    this.sendTo(level, text, null);
  }

  /** Sends what `format` makes of a stream. */
  sendFormat(level: number, format: LogFormat, stream: StreamContext): void {
    // For several targets it is rendered once: expressions may have effects.
    if (this.targets.length > 1) this.sendTo(level, format.render(stream), null);
    else this.sendTo(level, format, stream);
  }

  /**
   * Sends what the profile of each target makes of a message; `override`: a profile in place of all of these. For a
   * sender with `structured` alone.
   */
  sendMessage(level: number, message: Message, origin: Origin, override: LogProfile | null): void {
    for (const target of this.targets) {
      if (!target.filter.accepts(level)) continue;
      const profile = override ?? target.filter.target.profile;
      const step = profile === null ? null : stepOf(profile, origin);
      if (step !== null && step.drop) continue;
      this.profile = profile !== null && profile.tag !== null ? profile : null;
      this.sd = step?.sd ?? message.sd;
      const what = step?.format ?? message.format ?? message.text;
      if (target.ring !== null || target.filter.target.transport === 'fd') {
        this.sendFd(target, level, what, message.stream);
      } else this.sendSocket(target, level, what, message.stream);
    }
    this.profile = null;
  }

  /** Header and tag of a target under the profile at hand. */
  private filterOf(target: SocketTarget): TargetFilter {
    const { profile } = this;
    if (profile === null) return target.filter;
    let filter = target.tagged.get(profile);
    if (filter === undefined) {
      const { hostname, pid } = this.options;
      filter = new TargetFilter(target.filter.target, { tag: profile.tag!, hostname, pid }, true);
      target.tagged.set(profile, filter);
    }
    return filter;
  }

  private sendTo(level: number, text: string | LogFormat, stream: StreamContext | null): void {
    const { targets } = this;
    for (let index = 0; index < targets.length; index++) {
      const target = targets[index]!;
      if (!target.filter.accepts(level)) continue;
      if (target.ring !== null || target.filter.target.transport === 'fd') {
        this.sendFd(target, level, text, stream);
      } else this.sendSocket(target, level, text, stream);
    }
  }

  /** Writes a whole line at `at`, cut to the target's length; returns its bytes. */
  private fill(
    target: SocketTarget,
    at: number,
    level: number,
    text: string | LogFormat,
    stream: StreamContext | null,
  ): number {
    const { line, reactor } = this;
    const filter = this.filterOf(target);
    filter.begin(line, reactor.memory.buffer, at, level, reactor.wallMs);
    if (filter.structured) {
      if (this.sd === null) line.byte(DASH);
      else this.sd.write(stream!, line);
      line.byte(SPACE);
    }
    if (typeof text === 'string') line.text(text);
    else text.write(stream!, line);
    return filter.finish(line, at);
  }

  /** Closes the sockets. Nothing may be in flight. */
  close(): void {
    for (const target of this.targets)
      if (target.filter.target.transport !== 'fd' && target.ring === null && target.fd !== CLOSED) {
        this.reactor.close(target.fd);
        target.fd = CLOSED;
      }
  }

  /** For slots: a datagram left or failed. */
  completed(slot: SendSlot, result: number): void {
    const target = slot.target!;
    slot.target = null;
    slot.next = this.free;
    this.free = slot;
    target.inFlight--;
    if (result < 0) {
      this.options.dropped();
      // A unix socket whose reader restarted stays dead; UDP errors pass by themselves.
      if (target.filter.target.transport === 'unix' && result !== -11) target.broken = true;
    }
    if (target.broken && target.inFlight === 0 && target.fd !== CLOSED) {
      this.reactor.close(target.fd);
      target.fd = CLOSED;
      target.reopenAt = 0;
    }
  }

  private open(target: SocketTarget): void {
    const fd = this.options.openSocket(target.filter.target);
    target.broken = false;
    target.fd = fd >= 0 ? fd : CLOSED;
    target.reopenAt = this.reactor.now + REOPEN_MS;
  }

  private sendFd(
    target: SocketTarget,
    level: number,
    text: string | LogFormat,
    stream: StreamContext | null,
  ): void {
    const length = this.fill(target, this.scratch, level, text, stream);
    if (target.ring !== null) {
      // Lines in a ring have their length with them, and no line end.
      if (!target.ring.write(this.reactor.memory.buffer, this.scratch, length - 1)) this.options.dropped();
    } else if (this.options.write(target.fd, this.scratch, length) !== length) this.options.dropped();
  }

  private sendSocket(
    target: SocketTarget,
    level: number,
    text: string | LogFormat,
    stream: StreamContext | null,
  ): void {
    if (target.fd === CLOSED && this.reactor.now >= target.reopenAt) this.open(target);
    const slot = this.free;
    if (slot === null || target.fd === CLOSED || target.broken) {
      this.options.dropped();
      return;
    }
    this.free = slot.next;
    slot.target = target;
    target.inFlight++;
    const length = this.fill(target, slot.at, level, text, stream);
    this.reactor.sendDatagram(target.fd, slot.at, length, slot);
  }
}
