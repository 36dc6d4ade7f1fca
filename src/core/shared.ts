// State that all threads see, in SharedArrayBuffers. Every frontend, backend, server and listener owns one block:
//
//   ints      Int32 fields, moved with Atomics: current sessions, states, weights, rates
//   counters  Float64 totals, one row for each thread slot; a row has a single writer, so `+=` needs no Atomics,
//             and a reader adds the rows up
//
// A reload passes the blocks of unchanged objects on to the next generation, whose threads use free rows.

/** Int32 fields of a frontend's or backend's block; a listen has one block for each side. */
export const ProxyInt = {
  /** 0 running, 1 stopped (soft stop, disabled). */
  STATE: 0,
  CURRENT: 1,
  CURRENT_MAX: 2,
  QUEUED: 3,
  QUEUED_MAX: 4,
  MAXCONN: 5,
  /** Seconds (process clock) of the last session, 0 none. */
  LAST_SESSION: 6,
  /** Seconds (process clock) of the last state change. */
  LAST_CHANGE: 7,
  /** Times and seconds without a usable server. */
  DOWN_TRANSITIONS: 8,
  DOWN_SECONDS: 9,
  /** Bumped whenever a server's state or weight moves: data threads rebuild their balancer. */
  VERSION: 10,
  /** Sessions waiting in the backend's queue were served or left: wake-up ticket counters of the queue. */
  QUEUE_TICKET: 11,
  QUEUE_SERVED: 12,
  /** Rates: each takes three ints (second, count in it, count in the one before), then its maximum. */
  CONNECTION_RATE: 13,
  CONNECTION_RATE_MAX: 16,
  SESSION_RATE: 17,
  SESSION_RATE_MAX: 20,
  REQUEST_RATE: 21,
  REQUEST_RATE_MAX: 24,
  ACTIVE_SERVERS: 25,
  BACKUP_SERVERS: 26,
  /** Sessions turned away by `maxconn` wait in the kernel: set while accepting is paused. */
  FULL: 27,
  /** Of QUEUED, those that no server was chosen for. */
  UNASSIGNED: 28,
  UNASSIGNED_MAX: 29,
  /** Of a backend: not 0 where other proxies' switching rules pass it over, see Ineligible. */
  INELIGIBLE: 30,
  SIZE: 31,
} as const;

/** Why switching rules pass a backend over: `be-unpublished` or `unpublish backend`, and `disabled`. */
export const Ineligible = { UNPUBLISHED: 1, DISABLED: 2 } as const;

/** Int32 fields of the whole process, shared by all generations. */
export const ProcessInt = {
  /** Sessions now, their limit, and the most there ever were. */
  CURRENT: 0,
  MAXCONN: 1,
  CURRENT_MAX: 2,
  /** Rates as in ProxyInt: three ints, then the maximum. */
  CONNECTION_RATE: 3,
  CONNECTION_RATE_MAX: 6,
  SESSION_RATE: 7,
  SESSION_RATE_MAX: 10,
  /** Pipes with bytes on their way through the kernel, and empty ones that threads keep; see reactor/pipes.ts. */
  PIPES_USED: 11,
  PIPES_FREE: 12,
  /** What these rates may be, 0 for no limit. */
  CONNECTION_RATE_LIMIT: 13,
  SESSION_RATE_LIMIT: 14,
  /** Requests and TCP sessions begun, on whatever thread: what log alias %rt numbers them by. */
  STREAMS: 15,
  SIZE: 16,
} as const;

/** Int32 fields of a server's block. */
export const ServerInt = {
  /** srv_op_state of `show servers state`: 0 stopped, 1 starting, 2 running, 3 stopping. */
  OPERATIONAL: 0,
  /** srv_admin_state: 1 forced maint, 2 inherited maint, 4 config maint, 8 forced drain, 16 inherited drain, 32 no address, 64 name maint. */
  ADMIN: 1,
  /** 0..256 as set; the initial one; the one in use after slowstart, in 1/256 steps of the user weight times 16. */
  WEIGHT_USER: 2,
  WEIGHT_INITIAL: 3,
  WEIGHT_EFFECTIVE: 4,
  /** Sessions now on the server and its limit (0 none). */
  CURRENT: 5,
  CURRENT_MAX: 6,
  MAXCONN: 7,
  QUEUED: 8,
  QUEUED_MAX: 9,
  QUEUE_TICKET: 10,
  QUEUE_SERVED: 11,
  IDLE: 12,
  IDLE_SAFE: 13,
  LAST_SESSION: 14,
  LAST_CHANGE: 15,
  DOWN_SECONDS: 16,
  /** Bumped when the address or port was changed at run time; the new one is asked from the control thread. */
  ADDRESS_VERSION: 17,
  IPV4: 18,
  PORT: 19,
  SESSION_RATE: 20,
  SESSION_RATE_MAX: 23,
  /** Health check: status code of CheckStatus, result health (0..rise+fall-1), layer 7 code, duration ms, failures
   * while up, and times that the server went down for any reason. */
  CHECK_STATUS: 24,
  CHECK_HEALTH: 25,
  CHECK_CODE: 26,
  CHECK_DURATION: 27,
  CHECK_FAILED: 28,
  CHECK_DOWNS: 29,
  /** 1 while checks are enabled. */
  CHECK_ENABLED: 30,
  AGENT_ENABLED: 31,
  /** Slow start: process milliseconds when it began, 0 otherwise. */
  SLOWSTART_FROM: 32,
  /** Asks data threads to close this server's sessions (shutdown sessions, on-marked-down): a generation number. */
  SHUTDOWN_VERSION: 33,
  /** Agent check: status code of CheckStatus, 1 unless the agent said down, duration ms. */
  AGENT_STATUS: 34,
  AGENT_HEALTH: 35,
  AGENT_DURATION: 36,
  /** 0 for a server that was never out of use, -1 while it is, else the greater the later it came back. */
  UP_ORDER: 37,
  SIZE: 38,
} as const;

/** Float64 totals; one row a thread. The same list serves frontends, backends, servers and listeners. */
export const Counter = {
  CONNECTIONS: 0,
  SESSIONS: 1,
  REQUESTS: 2,
  BYTES_IN: 3,
  BYTES_OUT: 4,
  DENIED_REQUESTS: 5,
  DENIED_RESPONSES: 6,
  FAILED_REQUESTS: 7,
  FAILED_CONNECTIONS: 8,
  FAILED_RESPONSES: 9,
  RETRIES: 10,
  REDISPATCHES: 11,
  DENIED_CONNECTIONS: 12,
  DENIED_SESSIONS: 13,
  INTERCEPTED: 14,
  CLIENT_ABORTS: 15,
  SERVER_ABORTS: 16,
  LB_TOTAL: 17,
  RESPONSES_1XX: 18,
  RESPONSES_2XX: 19,
  RESPONSES_3XX: 20,
  RESPONSES_4XX: 21,
  RESPONSES_5XX: 22,
  RESPONSES_OTHER: 23,
  FAILED_REWRITES: 24,
  INTERNAL_ERRORS: 25,
  CONNECT_ATTEMPTS: 26,
  CONNECTION_REUSES: 27,
  /** Sums over the last samples, for qtime ctime rtime ttime averages; TIMED_SESSIONS says how many. */
  QUEUE_TIME: 28,
  CONNECT_TIME: 29,
  RESPONSE_TIME: 30,
  TOTAL_TIME: 31,
  TIMED_SESSIONS: 32,
  QUEUE_TIME_MAX: 33,
  CONNECT_TIME_MAX: 34,
  RESPONSE_TIME_MAX: 35,
  TOTAL_TIME_MAX: 36,
  LOG_DROPS: 37,
  /** What the proxy itself sent to servers and received from them. */
  BYTES_TO_SERVER: 38,
  BYTES_FROM_SERVER: 39,
  /** Of these, what went through pipes: from and to the side that the proxy has, client or server. */
  SPLICED_IN: 40,
  SPLICED_OUT: 41,
  SIZE: 42,
} as const;

/**
 * What a thread holds of counts that all threads share, behind the counters of its row: when it dies, so much is
 * given back. No statistics: `clear counters` leaves it alone.
 */
export const Share = {
  /** Of CURRENT, in the blocks of frontends, listeners, backends and servers. */
  CURRENT: Counter.SIZE,
  /** Of a server's IDLE. */
  IDLE: Counter.SIZE + 1,
} as const;

/** Fields of a thread's row: counters, then shares. */
const ROW = Counter.SIZE + 2;

/** Where one object's block is: plain data that can be posted to another thread. */
export interface SharedBlockRef {
  readonly buffer: SharedArrayBuffer;
  readonly intsAt: number;
  readonly intCount: number;
  readonly countersAt: number;
  readonly rows: number;
}

/** Lays blocks out in one buffer. Used by the control thread while a generation is prepared. */
export class SharedArena {
  private readonly buffer: SharedArrayBuffer;
  private at = 0;

  /** `bytes`: see `SharedArena.bytesFor`. */
  constructor(bytes: number) {
    this.buffer = new SharedArrayBuffer(bytes);
  }

  static bytesFor(intCount: number, rows: number): number {
    return ((intCount * 4 + 7) & ~7) + rows * ROW * 8;
  }

  block(intCount: number, rows: number): SharedBlockRef {
    const intsAt = this.at;
    const countersAt = intsAt + ((intCount * 4 + 7) & ~7);
    this.at = countersAt + rows * ROW * 8;
    if (this.at > this.buffer.byteLength)
      throw new RangeError('the shared arena is too small for its blocks');
    return { buffer: this.buffer, intsAt, intCount, countersAt, rows };
  }
}

/** One thread's view of a block. */
export class SharedBlock {
  readonly ref: SharedBlockRef;
  readonly ints: Int32Array;
  /** This thread's row, counters and shares: single writer. */
  readonly counters: Float64Array;

  /** `row`: the thread's slot; readers that never count may pass 0. */
  constructor(ref: SharedBlockRef, row: number) {
    this.ref = ref;
    this.ints = new Int32Array(ref.buffer, ref.intsAt, ref.intCount);
    this.counters = new Float64Array(ref.buffer, ref.countersAt + row * ROW * 8, ROW);
  }

  private rows: Float64Array | null = null;

  /** A counter or share of one row, read by another thread. */
  ofRow(row: number, counter: number): number {
    this.rows ??= new Float64Array(this.ref.buffer, this.ref.countersAt, this.ref.rows * ROW);
    return this.rows[row * ROW + counter]!;
  }

  /** A counter summed over all threads. */
  total(counter: number): number {
    const all = new Float64Array(this.ref.buffer, this.ref.countersAt, this.ref.rows * ROW);
    let sum = 0;
    for (let row = 0; row < this.ref.rows; row++) sum += all[row * ROW + counter]!;
    return sum;
  }

  /** The largest value over all threads, for the *_MAX counters. */
  largest(counter: number): number {
    const all = new Float64Array(this.ref.buffer, this.ref.countersAt, this.ref.rows * ROW);
    let most = 0;
    for (let row = 0; row < this.ref.rows; row++) most = Math.max(most, all[row * ROW + counter]!);
    return most;
  }

  /** Sets a counter to zero in all rows (`clear counters`). */
  clear(counter: number): void {
    const all = new Float64Array(this.ref.buffer, this.ref.countersAt, this.ref.rows * ROW);
    for (let row = 0; row < this.ref.rows; row++) all[row * ROW + counter] = 0;
  }
}

/**
 * A thread has died: what its row holds of `field` goes out of the shared count. Returns how much. Only once the
 * thread has ended, and before another takes its row.
 */
export function takeShareBack(block: SharedBlock, share: number, field: number): number {
  const held = block.counters[share]!;
  block.counters[share] = 0;
  if (held !== 0) Atomics.sub(block.ints, field, held);
  return held;
}

/** Adds one to `current` and keeps its maximum, which stands in the next field. */
export function enter(ints: Int32Array, current: number): number {
  const now = Atomics.add(ints, current, 1) + 1;
  if (now > ints[current + 1]!) ints[current + 1] = now;
  return now;
}

/** Counts one event in the rate at `field` (second, count, previous count, maximum). */
export function countRate(ints: Int32Array, field: number, second: number): void {
  if (ints[field] !== second) {
    const before = Atomics.exchange(ints, field, second);
    if (before !== second) {
      const count = Atomics.exchange(ints, field + 1, 0);
      ints[field + 2] = before + 1 === second ? count : 0;
    }
  }
  const count = Atomics.add(ints, field + 1, 1) + 1;
  if (count > ints[field + 3]!) ints[field + 3] = count;
}

/** Events in the last second: this second's and the rest of the previous one's. `millisecond`: 0..999. */
export function readRate(ints: Int32Array, field: number, second: number, millisecond: number): number {
  const at = ints[field]!;
  if (at === second) return ints[field + 1]! + Math.floor((ints[field + 2]! * (1000 - millisecond)) / 1000);
  if (at + 1 === second) return Math.floor((ints[field + 1]! * (1000 - millisecond)) / 1000);
  return 0;
}
