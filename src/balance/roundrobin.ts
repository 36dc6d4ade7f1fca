// `balance roundrobin`. The order is HAProxy's, found by watching it: a server of weight w among a total of W wants
// a place every W/w picks, kept as a whole number and a rest. A server whose place has come goes first; while
// there is none, a server that never served starts, heavier ones first; else the nearest place is taken early.
// Among equal places the one closest to the next (rest - weight) goes first, then the lighter, then the older.
// The places lie in shared memory behind a lock: all threads together give the order that one would.

import type { Farm } from '../backend/backend.ts';
import type { Server } from '../backend/server.ts';
import { Position, Turn, turnAt } from '../backend/positions.ts';
import { lock, unlock } from '../core/lock.ts';
import type { StreamContext } from '../sample/context.ts';
import type { Balancer } from './balance.ts';

/** Before this many picks all places are moved back, so that they stay small integers. */
const REBASE = 1 << 29;

const { LOCK, AT } = Position;

/** Smooth weighted round robin with weights that may move at any time. */
export class RoundRobin implements Balancer {
  private readonly farm: Farm;
  /** Shared, see positions.ts. */
  private readonly positions: Int32Array;
  private readonly shared: boolean;
  /** The members, heavier ones first, then in order of declaration; with each its weight and its fields' index. */
  private members: Server[] = [];
  private weights = new Int32Array(0);
  private turns = new Int32Array(0);
  private total = 0;
  /** Whether any member can be full. */
  private limited = false;

  constructor(farm: Farm) {
    this.farm = farm;
    this.positions = farm.positions;
    this.shared = this.positions[Position.SHARED] === 1;
    this.changed();
  }

  changed(): void {
    const { farm, positions } = this;
    this.members = farm.members.toSorted(
      (one, other) => weightOf(other) - weightOf(one) || one.index - other.index,
    );
    this.weights = Int32Array.from(this.members, weightOf);
    this.turns = Int32Array.from(this.members, (server) => turnAt(server.index));
    this.limited = this.members.some((server) => server.maxconn !== 0);
    this.total = this.weights.reduce((sum, weight) => sum + weight, 0);
    if (this.shared) lock(positions, LOCK);
    try {
      // The first thread that hears of a change makes it; the others find nothing to do.
      for (let i = 0; i < this.turns.length; i++) {
        const at = this.turns[i]!;
        if (positions[at + Turn.WEIGHT] === this.weights[i]) continue;
        positions[at + Turn.WEIGHT] = this.weights[i]!;
        positions[at + Turn.REST] = 0;
      }
      // Who was away starts anew instead of catching up.
      for (const server of farm.servers) {
        if (!this.members.includes(server)) positions[turnAt(server.index) + Turn.PLACE] = 0;
      }
    } finally {
      if (this.shared) unlock(positions, LOCK);
    }
  }

  pick(_stream: StreamContext | null, avoid: Server | null): Server | null {
    if (!this.shared) return this.turn(avoid);
    lock(this.positions, LOCK);
    try {
      return this.turn(avoid);
    } finally {
      unlock(this.positions, LOCK);
    }
  }

  private turn(avoid: Server | null): Server | null {
    const best = this.choose(avoid);
    if (best < 0) return null;
    this.serve(this.turns[best]!, this.weights[best]!);
    return this.members[best]!;
  }

  /** Whose turn it is, as a place in `members`; -1 where all are full. */
  private choose(avoid: Server | null): number {
    const { limited, members, positions, turns, weights } = this;
    let best = -1;
    let fresh = -1;
    let spare = -1;
    let bestPlace = 0;
    for (let i = 0; i < members.length; i++) {
      const server = members[i]!;
      if (limited && server.full) continue;
      if (server === avoid) {
        spare = i;
        continue;
      }
      const at = turns[i]!;
      const place = positions[at + Turn.PLACE]!;
      if (place === 0) {
        if (fresh < 0) fresh = i;
        continue;
      }
      if (best >= 0) {
        if (place > bestPlace) continue;
        if (place === bestPlace) {
          // Equal places: the smaller gap, the lighter, the older.
          const other = turns[best]!;
          const gap =
            positions[at + Turn.REST]! - weights[i]! - (positions[other + Turn.REST]! - weights[best]!);
          if (gap > 0) continue;
          if (gap === 0) {
            const lighter = weights[i]! - weights[best]!;
            if (lighter > 0) continue;
            if (lighter === 0 && positions[at + Turn.MOVED]! >= positions[other + Turn.MOVED]!) continue;
          }
        }
      }
      best = i;
      bestPlace = place;
    }
    if (fresh >= 0 && (best < 0 || bestPlace > positions[AT]!)) return fresh;
    return best < 0 ? spare : best;
  }

  private serve(at: number, weight: number): void {
    const { positions, total } = this;
    const now = positions[AT]!;
    const step = Math.floor(total / weight);
    let place = positions[at + Turn.PLACE]!;
    let rest = positions[at + Turn.REST]!;
    if (place === 0 || now - place > step + this.members.length) {
      // The first turn, or it was full for long: it gets no burst for that.
      place = now;
      rest = 0;
    }
    place += step;
    rest += total % weight;
    if (rest >= weight) {
      rest -= weight;
      place++;
    }
    positions[at + Turn.PLACE] = place;
    positions[at + Turn.REST] = rest;
    positions[at + Turn.MOVED] = now;
    positions[AT] = now + 1;
    if (now + 1 === REBASE) this.rebase();
  }

  private rebase(): void {
    const { positions } = this;
    for (const server of this.farm.servers) {
      const at = turnAt(server.index);
      if (positions[at + Turn.PLACE] !== 0) {
        positions[at + Turn.PLACE] = Math.max(1, positions[at + Turn.PLACE]! - REBASE);
      }
      positions[at + Turn.MOVED]! -= REBASE;
    }
    positions[AT] = 0;
  }
}

function weightOf(server: Server): number {
  return Math.max(1, server.effectiveWeight);
}
