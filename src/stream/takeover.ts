// Idle server connections on their way from one data thread to another (manual: tune.idle-pool.shared).
//
//   asker: no idle connection of its own, another thread has one   -- ask -->   owner: takes one out of its pool,
//   the stream waits a few milliseconds                                         cancels its receive,
//   goes on with the descriptor, or opens a connection of its own  <-- answer -- gives the descriptor, or none
//
// Questions and answers are the same letter, a node of the asker in shared memory, that goes to and fro between two
// mailboxes. An answer that comes too late fills the asker's pool.

import { Share } from '../core/shared.ts';
import { ECANCELED } from '../sys/errno.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import type { IdlePool, ServerConnection } from './server-connection.ts';

/** Questions of one thread that may be open at a time. */
const QUESTIONS = 256;

/** Int32 fields of a letter. HOLDER: row + 1 of the thread that has taken it out of its mailbox, 0 for none. */
const Letter = { NEXT: 0, STATE: 1, BACKEND: 2, SERVER: 3, REQUESTS: 4, FD: 5, HOLDER: 6, SIZE: 7 } as const;
const State = { FREE: 0, ASKED: 1, ANSWERED: 2 } as const;

/** All letters and mailboxes of a generation: plain data for other threads. */
export interface TakeoverRef {
  readonly buffer: SharedArrayBuffer;
  readonly rows: number;
}

/** `rows`: how many threads may have a mailbox. */
export function createTakeovers(rows: number): TakeoverRef {
  const buffer = new SharedArrayBuffer((rows + rows * QUESTIONS * Letter.SIZE) * 4);
  new Int32Array(buffer, 0, rows).fill(-1);
  return { buffer, rows };
}

/** Questions that have no answer yet, or an answer that nobody has read. */
export function openLetters({ buffer, rows }: TakeoverRef): number {
  const letters = new Int32Array(buffer, rows * 4);
  let open = 0;
  for (let at = 0; at < letters.length; at += Letter.SIZE)
    if (letters[at + Letter.STATE] !== State.FREE) open++;
  return open;
}

/**
 * Descriptors in answers that nobody read: the asker had ended before they came. For whoever outlives all threads of the
 * generation, to close them.
 */
export function unreadDescriptors({ buffer, rows }: TakeoverRef): number[] {
  const letters = new Int32Array(buffer, rows * 4);
  const found: number[] = [];
  for (let at = 0; at < letters.length; at += Letter.SIZE) {
    const fd = letters[at + Letter.FD]!;
    if (letters[at + Letter.STATE] === State.ANSWERED && fd >= 0) found.push(fd);
  }
  return found;
}

/** Who waits for an idle connection. */
export interface Asker {
  /** `fd` was idle after `requests` requests and belongs to the asker from now on; -1: there is none. */
  takenOver(fd: number, requests: number): void;
}

/** The pools of the thread. */
export interface TakeoverHome {
  /** By id of the backend and index of the server; null where there is no such server. */
  idlePool(backend: number, server: number): IdlePool | null;
  /** A connection that came when nobody waited for it any more. */
  keepIdle(pool: IdlePool, fd: number, requests: number): void;
}

/** One thread's side. */
export class Takeovers implements ConnectionOwner {
  private readonly home: TakeoverHome;
  private readonly notify: (row: number) => void;
  private readonly row: number;
  private readonly peers: readonly number[];
  private readonly mail: Int32Array;
  private readonly letters: Int32Array;
  private readonly askers: (Asker | null)[] = [];
  private readonly free: number[] = [];
  /** The peer that is asked first next time, so that all lose connections alike. */
  private turn = 0;

  /**
   * `row`: this thread's, `peers`: those of the other threads of its generation. `notify(row)` makes that thread call
   * its `drain` soon, never from inside the call.
   */
  constructor(
    ref: TakeoverRef,
    row: number,
    peers: readonly number[],
    home: TakeoverHome,
    notify: (row: number) => void,
  ) {
    this.home = home;
    this.notify = notify;
    this.row = row;
    this.peers = peers;
    this.mail = new Int32Array(ref.buffer, 0, ref.rows);
    this.letters = new Int32Array(ref.buffer, ref.rows * 4);
    for (let i = QUESTIONS - 1; i >= 0; i--) {
      this.askers.push(null);
      const letter = row * QUESTIONS + i;
      // A thread that died may have left questions under way: their answers will free them.
      if (this.letters[letter * Letter.SIZE + Letter.STATE] === State.FREE) this.free.push(letter);
    }
  }

  /**
   * Asks a thread that has an idle connection to `pool`'s server; one that carried `leastRequests`, if it has one.
   * Returns the question, for `forget`, or -1: nobody is asked.
   */
  ask(asker: Asker, pool: IdlePool, leastRequests: number): number {
    const { server } = pool;
    const { peers } = this;
    if (this.free.length === 0) return -1;
    for (let i = 0; i < peers.length; i++) {
      const peer = peers[(this.turn + i) % peers.length]!;
      if (server.block.ofRow(peer, Share.IDLE) <= 0) continue;
      this.turn = (this.turn + i + 1) % peers.length;
      const letter = this.free.pop()!;
      const at = letter * Letter.SIZE;
      this.letters[at + Letter.STATE] = State.ASKED;
      this.letters[at + Letter.BACKEND] = server.config.backend.id;
      this.letters[at + Letter.SERVER] = server.index;
      this.letters[at + Letter.REQUESTS] = leastRequests;
      this.askers[letter - this.row * QUESTIONS] = asker;
      this.post(letter, peer);
      return letter;
    }
    return -1;
  }

  /** The asker no longer waits. */
  forget(letter: number): void {
    this.askers[letter - this.row * QUESTIONS] = null;
  }

  /** Reads this thread's letters. */
  drain(): void {
    let letter = Atomics.exchange(this.mail, this.row, -1);
    for (let one = letter; one !== -1; one = this.letters[one * Letter.SIZE + Letter.NEXT]!) {
      this.letters[one * Letter.SIZE + Letter.HOLDER] = this.row + 1;
    }
    while (letter !== -1) {
      const at = letter * Letter.SIZE;
      const next = this.letters[at + Letter.NEXT]!;
      if (this.letters[at + Letter.STATE] === State.ASKED) this.give(letter);
      else this.receive(letter);
      letter = next;
    }
  }

  /** Once, by a thread that takes the place of one that died: what that one had taken out of its mailbox is settled. */
  recover(): void {
    for (let letter = 0; letter * Letter.SIZE < this.letters.length; letter++) {
      const at = letter * Letter.SIZE;
      if (this.letters[at + Letter.HOLDER] !== this.row + 1) continue;
      if (this.letters[at + Letter.STATE] === State.ASKED) this.answer(letter, -1, 0);
      else this.receive(letter);
    }
  }

  /** Begins to answer a question of another thread. */
  private give(letter: number): void {
    const at = letter * Letter.SIZE;
    const pool = this.home.idlePool(this.letters[at + Letter.BACKEND]!, this.letters[at + Letter.SERVER]!);
    const connection = pool?.giveAway(this.letters[at + Letter.REQUESTS]!) ?? null;
    if (connection === null) {
      this.answer(letter, -1, 0);
      return;
    }
    connection.owner = this;
    connection.letter = letter;
    connection.stopReceiving();
  }

  /** The receive of a connection that is given away has ended: by the cancellation, or just before it. */
  onReceived(connection: Connection, result: number): void {
    const mine = connection as ServerConnection;
    const { letter } = mine;
    mine.letter = -1;
    if (result === -ECANCELED) {
      this.answer(letter, mine.letGo(), mine.requests);
      return;
    }
    mine.close();
    this.give(letter);
  }

  onSent(): void {}
  onConnected(): void {}

  private answer(letter: number, fd: number, requests: number): void {
    const at = letter * Letter.SIZE;
    this.letters[at + Letter.HOLDER] = 0;
    this.letters[at + Letter.STATE] = State.ANSWERED;
    this.letters[at + Letter.FD] = fd;
    this.letters[at + Letter.REQUESTS] = requests;
    this.post(letter, Math.floor(letter / QUESTIONS));
  }

  private receive(letter: number): void {
    const at = letter * Letter.SIZE;
    const fd = this.letters[at + Letter.FD]!;
    const requests = this.letters[at + Letter.REQUESTS]!;
    const place = letter - this.row * QUESTIONS;
    const asker = this.askers[place]!;
    this.askers[place] = null;
    this.letters[at + Letter.HOLDER] = 0;
    this.letters[at + Letter.STATE] = State.FREE;
    this.free.push(letter);
    if (asker !== null) asker.takenOver(fd, requests);
    else if (fd >= 0) {
      const pool = this.home.idlePool(this.letters[at + Letter.BACKEND]!, this.letters[at + Letter.SERVER]!)!;
      this.home.keepIdle(pool, fd, requests);
    }
  }

  private post(letter: number, row: number): void {
    const at = letter * Letter.SIZE + Letter.NEXT;
    for (;;) {
      const head = Atomics.load(this.mail, row);
      this.letters[at] = head;
      if (Atomics.compareExchange(this.mail, row, head, letter) === head) {
        // Whoever finds letters in the box knows that its owner was told already.
        if (head === -1) this.notify(row);
        return;
      }
    }
  }
}
