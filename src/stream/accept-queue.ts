// New connections on their way to another data thread (manual: tune.listener.multi-queue). All threads accept on the same
// sockets, and the kernel wakes the same one again and again while it has time: who accepts a connection gives it to
// the thread that has the fewest. Each thread has a ring in shared memory that the others write to.

/** Connections that may wait in a thread's ring. */
const SLOTS = 256;
/** Positions count up to here and begin anew. */
const MASK = 0x3fff_ffff;
/** In TAIL: nothing is taken any more. */
const CLOSED = 0x4000_0000;

/** Int32 fields of a row; behind them two for each slot: the number of the listener, and fd + 1 once both are there. */
const Field = { HEAD: 0, TAIL: 1, LOAD: 2, SLOTS: 3 } as const;
const ROW = Field.SLOTS + 2 * SLOTS;

/** All rings of a generation: plain data for other threads. */
export interface AcceptQueueRef {
  readonly buffer: SharedArrayBuffer;
}

/** `rows`: how many threads may have a ring. They are closed until their threads start. */
export function createAcceptQueues(rows: number): AcceptQueueRef {
  const buffer = new SharedArrayBuffer(rows * ROW * 4);
  for (let row = 0; row < rows; row++) closeAcceptQueue({ buffer }, row);
  return { buffer };
}

/** Nobody gives connections to this thread any more: it stops, or has died. */
export function closeAcceptQueue(ref: AcceptQueueRef, row: number): void {
  Atomics.or(new Int32Array(ref.buffer), row * ROW + Field.TAIL, CLOSED);
}

/**
 * Takes connections out that wait for a thread which is gone and has no heir: for the caller, to close them. One whose
 * giver is not ready yet is found by a later call.
 */
export function abandonedConnections({ buffer }: AcceptQueueRef, row: number): number[] {
  const words = new Int32Array(buffer);
  const at = row * ROW;
  const found: number[] = [];
  for (;;) {
    const head = Atomics.load(words, at + Field.HEAD);
    if (((Atomics.load(words, at + Field.TAIL) - head) & MASK) === 0) return found;
    const slot = at + Field.SLOTS + 2 * (head % SLOTS);
    const fd = Atomics.exchange(words, slot + 1, 0) - 1;
    if (fd < 0) return found;
    found.push(fd);
    Atomics.store(words, at + Field.HEAD, (head + 1) & MASK);
  }
}

/** Connections that a thread has or is about to get, as others see it. */
export function acceptLoad(ref: AcceptQueueRef, row: number): number {
  return Atomics.load(new Int32Array(ref.buffer), row * ROW + Field.LOAD);
}

/** `least`: to the thread with the fewest connections. `fair`: to each in turn. */
export type AcceptPolicy = 'least' | 'fair';

/** One thread's side. */
export class AcceptQueue {
  private readonly ref: AcceptQueueRef;
  private readonly words: Int32Array;
  private readonly row: number;
  private readonly peers: readonly number[];
  private readonly policy: AcceptPolicy;
  private readonly notify: (row: number) => void;
  private turn = 0;

  /**
   * `row`: this thread's, `peers`: those of the other threads of its generation. `notify(row)` makes that thread call
   * its `drain` soon. What waits in the ring, for a thread that died in this one's place, is this one's.
   */
  constructor(
    ref: AcceptQueueRef,
    row: number,
    peers: readonly number[],
    policy: AcceptPolicy,
    notify: (row: number) => void,
  ) {
    this.ref = ref;
    this.words = new Int32Array(ref.buffer);
    this.row = row;
    this.peers = peers;
    this.policy = policy;
    this.notify = notify;
    const at = row * ROW;
    Atomics.store(this.words, at + Field.LOAD, this.waiting);
    Atomics.and(this.words, at + Field.TAIL, ~CLOSED);
  }

  private get waiting(): number {
    const at = this.row * ROW;
    return (Atomics.load(this.words, at + Field.TAIL) - Atomics.load(this.words, at + Field.HEAD)) & MASK;
  }

  /** The thread that is to serve the next connection: a peer's row, or -1 for this one. */
  choose(): number {
    const { peers, words } = this;
    if (this.policy === 'fair') {
      this.turn = (this.turn + 1) % (peers.length + 1);
      return this.turn === 0 ? -1 : peers[this.turn - 1]!;
    }
    let best = -1;
    let least = words[this.row * ROW + Field.LOAD]!;
    // Among equals each is the first in turn.
    this.turn = this.turn + 1 < peers.length ? this.turn + 1 : 0;
    for (let i = 0; i < peers.length; i++) {
      const at = this.turn + i;
      const row = peers[at < peers.length ? at : at - peers.length]!;
      const load = words[row * ROW + Field.LOAD]!;
      if (load >= least) continue;
      least = load;
      best = row;
    }
    return best;
  }

  /** Hands a connection over. False: that thread takes none, or has no room. */
  give(row: number, listener: number, fd: number): boolean {
    const { words } = this;
    const at = row * ROW;
    for (;;) {
      const tail = Atomics.load(words, at + Field.TAIL);
      if ((tail & CLOSED) !== 0) return false;
      if (((tail - Atomics.load(words, at + Field.HEAD)) & MASK) >= SLOTS) return false;
      if (Atomics.compareExchange(words, at + Field.TAIL, tail, (tail + 1) & MASK) !== tail) continue;
      const slot = at + Field.SLOTS + 2 * (tail % SLOTS);
      words[slot] = listener;
      Atomics.add(words, at + Field.LOAD, 1);
      Atomics.store(words, slot + 1, fd + 1);
      this.notify(row);
      return true;
    }
  }

  /** Serves what others gave. A connection whose giver is not ready yet is told of once more. */
  drain(serve: (listener: number, fd: number) => void): void {
    const { words } = this;
    const at = this.row * ROW;
    while (this.waiting > 0) {
      const head = Atomics.load(words, at + Field.HEAD);
      const slot = at + Field.SLOTS + 2 * (head % SLOTS);
      const fd = Atomics.load(words, slot + 1) - 1;
      if (fd < 0) return;
      const listener = words[slot]!;
      words[slot + 1] = 0;
      Atomics.store(words, at + Field.HEAD, (head + 1) & MASK);
      serve(listener, fd);
    }
  }

  /** A connection that this thread accepted and keeps, and the end of any that it served. */
  begun(): void {
    Atomics.add(this.words, this.row * ROW + Field.LOAD, 1);
  }

  ended(): void {
    Atomics.sub(this.words, this.row * ROW + Field.LOAD, 1);
  }

  /** The thread stops. What others are about to give still comes. */
  close(): void {
    closeAcceptQueue(this.ref, this.row);
  }

  get isEmpty(): boolean {
    return this.waiting === 0;
  }
}
