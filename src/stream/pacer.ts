// Lets the bytes of one direction of a stream pass as its bandwidth limits allow (manual 9.7). A stream has one only where
// a set-bandwidth-limit rule ran; its bodies are copied then, whatever the splicing options say.

import { ByteWindow } from './byte-window.ts';
import { TimerOperation } from '../reactor/reactor.ts';
import type { BandwidthFilter } from '../config/model.ts';
import type { Stream } from './stream.ts';

/** What a pacer tells its stream; `outwards`: about bytes on their way to the client. */
export interface PacedStream extends Stream {
  /** A piece of the body may be sent. */
  sendPiece(outwards: boolean, at: number, end: number): void;
  /** Nothing may pass for a while: neither side is to blame for the silence. */
  pieceWaits(outwards: boolean): void;
  /** The wait is over. */
  paceOn(outwards: boolean): void;
}

export class Pacer extends TimerOperation {
  private readonly stream: PacedStream;
  private readonly outwards: boolean;
  private readonly filters: BandwidthFilter[] = [];
  private readonly windows: ByteWindow[] = [];
  /** The smallest piece that all limits are ready to let pass. */
  private quantum = 0;
  /** Bytes handed over by `begin` that wait: [at, end). */
  private at = 0;
  private end = 0;
  /** Its timer runs. */
  waiting = false;

  constructor(stream: PacedStream, outwards: boolean) {
    super();
    this.stream = stream;
    this.outwards = outwards;
  }

  /** Puts a filter in force, or changes one that is. */
  limit(filter: BandwidthFilter, limit: number, periodMs: number): void {
    const { now } = this.stream.plane.reactor;
    const place = this.filters.indexOf(filter);
    if (place >= 0) {
      this.windows[place]!.change(limit, periodMs, filter.minSize);
    } else {
      this.filters.push(filter);
      this.windows.push(new ByteWindow(limit, periodMs, filter.minSize, now));
    }
    let quantum = 0;
    let least = Infinity;
    for (const window of this.windows) {
      quantum = Math.max(quantum, window.quantum);
      least = Math.min(least, window.limit);
    }
    this.quantum = Math.min(quantum, least);
  }

  /** How many of `length` bytes may pass now, and counts them; 0: none, and its timer runs. */
  grant(length: number): number {
    const { reactor } = this.stream.plane;
    const wanted = Math.min(length, this.quantum);
    let granted = length;
    for (const window of this.windows) granted = Math.min(granted, window.allowed(reactor.now));
    if (granted >= wanted) {
      this.waiting = false;
      this.charge(granted);
      return granted;
    }
    let delay = 1;
    for (const window of this.windows) {
      if (window.allowed(reactor.now) < wanted) delay = Math.max(delay, window.delay(reactor.now, wanted));
    }
    this.waiting = true;
    reactor.at(reactor.now + delay, this);
    return 0;
  }

  /** Counts bytes that were let pass without being asked for. */
  charge(count: number): void {
    for (const window of this.windows) window.charge(count);
  }

  /** Sends [at, end) of thread memory in pieces; after each of them `goOn` is to be called. */
  begin(at: number, end: number): void {
    this.at = at;
    this.end = end;
    this.goOn();
  }

  /** Sends the next piece, or waits until it may; false where all of it was sent. */
  goOn(): boolean {
    if (this.at === this.end) return false;
    const from = this.at;
    const count = this.grant(this.end - from);
    if (count === 0) {
      this.stream.pieceWaits(this.outwards);
    } else {
      this.at = from + count;
      this.stream.sendPiece(this.outwards, from, this.at);
    }
    return true;
  }

  /** Bytes are left of what `begin` was given. */
  get isPending(): boolean {
    return this.at !== this.end;
  }

  /** What waits is not to be sent any more. */
  drop(): void {
    this.at = this.end = 0;
    this.waiting = false;
    this.stream.plane.reactor.clear(this);
  }

  /** The stream ends. */
  release(): void {
    this.drop();
    this.stream.plane.reactor.forget(this);
  }

  override onTimeout(): void {
    if (!this.waiting) return;
    this.waiting = false;
    this.stream.paceOn(this.outwards);
  }
}
