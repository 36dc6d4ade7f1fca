// How many bytes passed within a sliding period, and how many more may: what a bandwidth limit counts (manual 9.7).
//
// Time is cut into periods. What the previous one let pass counts less and less while the present one goes on, as if its
// bytes had been spread over it evenly; so no period, wherever it begins, carries much more than the limit.

/** At least this many bytes are let pass at a time where no min-size says otherwise: a full TCP segment. */
const SEGMENT = 1448;
/** More are worth no wait. */
const QUANTUM_MAX = 16384;
/** What flows within so many ms passes in one piece, so that a fast stream is not woken for each segment. */
const QUANTUM_MS = 10;

export class ByteWindow {
  /** Bytes that may pass within `periodMs`. */
  limit: number;
  periodMs: number;
  /** Bytes that are waited for before a piece is let pass; never more than the limit. */
  quantum = 0;
  private startedAt: number;
  private present = 0;
  private previous = 0;

  /** `minSize`: the least that passes at a time but for the end of the data; 0 leaves it to us. */
  constructor(limit: number, periodMs: number, minSize: number, now: number) {
    this.limit = limit;
    this.periodMs = periodMs;
    this.startedAt = now;
    this.change(limit, periodMs, minSize);
  }

  /** What has passed stays counted. */
  change(limit: number, periodMs: number, minSize: number): void {
    this.limit = limit;
    this.periodMs = periodMs;
    const usual = Math.min(QUANTUM_MAX, Math.max(SEGMENT, Math.floor((limit * QUANTUM_MS) / periodMs)));
    // A piece near to the limit waits until the previous period is all gone, which halves the rate.
    this.quantum =
      minSize > 0 ? Math.min(limit, minSize) : Math.max(1, Math.min(Math.floor(limit / 8), usual));
  }

  /** Bytes that may pass at `now`, in ms. */
  allowed(now: number): number {
    this.turn(now);
    const rest = 1 - (now - this.startedAt) / this.periodMs;
    return Math.max(0, Math.floor(this.limit - this.present - this.previous * rest));
  }

  charge(count: number): void {
    this.present += count;
  }

  /** Milliseconds, at least 1, until `count` bytes may pass, or until it is to be asked again. */
  delay(now: number, count: number): number {
    this.turn(now);
    const gone = now - this.startedAt;
    const room = this.limit - this.present - Math.min(count, this.limit);
    const wanted =
      room < 0 || this.previous === 0 ? this.periodMs : this.periodMs * (1 - room / this.previous);
    return Math.max(1, Math.ceil(wanted - gone));
  }

  private turn(now: number): void {
    const periods = Math.floor((now - this.startedAt) / this.periodMs);
    if (periods <= 0) return;
    // A piece may have been larger than the limit: the rest of it counts in the periods that follow.
    const over = Math.max(0, this.present - this.limit * periods);
    this.previous = periods === 1 || over > 0 ? Math.min(this.present, this.limit) : 0;
    this.present = over;
    this.startedAt += periods * this.periodMs;
  }
}
