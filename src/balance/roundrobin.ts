// `balance roundrobin`. The order is HAProxy's, found by watching it: a server of weight w among a total of W wants
// a place every W/w picks, kept as a whole number and a rest. A server whose place has come goes first; while
// there is none, a server that never served starts, heavier ones first; else the nearest place is taken early.
// Among equal places the one closest to the next (rest - weight) goes first, then the lighter, then the older.
// Each thread keeps its own places: exact with `nbthread 1`, and fair in the sum otherwise.

import type { Farm } from '../backend/backend.ts';
import type { Server } from '../backend/server.ts';
import type { StreamContext } from '../sample/context.ts';
import type { Balancer } from './balance.ts';

class Turn {
  readonly server: Server;
  weight = 0;
  place = 0;
  rest = 0;
  /** When it last served, in picks; orders what is otherwise equal. */
  served = -1;
  started = false;
  constructor(server: Server) {
    this.server = server;
  }
}

/** Before this many picks all places are moved back, so that they stay small integers. */
const REBASE = 1 << 29;

/** Smooth weighted round robin with weights that may move at any time. */
export class RoundRobin implements Balancer {
  private readonly farm: Farm;
  private readonly known = new Map<Server, Turn>();
  /** Heavier first, then in order of declaration. */
  private turns: Turn[] = [];
  private total = 0;
  private now = 0;

  constructor(farm: Farm) {
    this.farm = farm;
    this.changed();
  }

  changed(): void {
    this.total = 0;
    const turns: Turn[] = [];
    for (const server of this.farm.members) {
      let turn = this.known.get(server);
      if (turn === undefined) this.known.set(server, (turn = new Turn(server)));
      const weight = Math.max(1, server.effectiveWeight);
      if (weight !== turn.weight) {
        turn.weight = weight;
        turn.rest = 0;
      }
      this.total += weight;
      turns.push(turn);
    }
    // Who was away starts anew instead of catching up.
    for (const turn of this.turns) if (!turns.includes(turn)) turn.started = false;
    this.turns = turns.sort(
      (one, other) => other.weight - one.weight || one.server.index - other.server.index,
    );
  }

  pick(_stream: StreamContext | null, avoid: Server | null): Server | null {
    const turns = this.turns;
    let best: Turn | null = null;
    let fresh: Turn | null = null;
    let spare: Turn | null = null;
    for (let i = 0; i < turns.length; i++) {
      const turn = turns[i]!;
      if (turn.server.full) continue;
      if (turn.server === avoid) spare = turn;
      else if (!turn.started) fresh ??= turn;
      else if (best === null || before(turn, best)) best = turn;
    }
    if (fresh !== null && (best === null || best.place > this.now)) best = fresh;
    best ??= spare;
    if (best === null) return null;
    this.serve(best);
    return best.server;
  }

  private serve(turn: Turn): void {
    const step = Math.floor(this.total / turn.weight);
    if (!turn.started || this.now - turn.place > step + this.turns.length) {
      // The first turn, or it was full for long: it gets no burst for that.
      turn.started = true;
      turn.place = this.now;
      turn.rest = 0;
    }
    turn.place += step;
    turn.rest += this.total % turn.weight;
    if (turn.rest >= turn.weight) {
      turn.rest -= turn.weight;
      turn.place++;
    }
    turn.served = this.now;
    if (++this.now === REBASE) {
      for (const other of this.known.values()) {
        other.place -= REBASE;
        other.served -= REBASE;
      }
      this.now = 0;
    }
  }
}

function before(one: Turn, other: Turn): boolean {
  if (one.place !== other.place) return one.place < other.place;
  const gap = one.rest - one.weight - (other.rest - other.weight);
  if (gap !== 0) return gap < 0;
  if (one.weight !== other.weight) return one.weight < other.weight;
  return one.served < other.served;
}
