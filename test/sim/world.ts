// The loop of a run: at each step the seed chooses one of all things that could happen next, and time goes on when
// nothing can.

import { Invariants } from './invariants.ts';
import type { Actor } from './wire.ts';
import type { Prng } from '../../src/core/prng.ts';
import type { SimGeneration, SimPlane } from './plane.ts';
import type { SimNetwork } from '../../src/reactor/sim-network.ts';

const STEPS_MAX = 400_000;
/** No run lasts longer in simulated time, ms. */
const TIME_MAX = 600_000;

export interface RunOptions {
  /** Called before each step: tests of the simulation itself spoil something here. */
  readonly spoil?: (plane: SimPlane, network: SimNetwork, step: number) => void;
}

export interface WorldParts extends RunOptions {
  readonly generation: SimGeneration;
  /** All that live; a reload adds to it. */
  readonly generations?: SimGeneration[];
  readonly network: SimNetwork;
  readonly prng: Prng;
  /** Time as clients and servers see it; it begins with that of the threads. */
  readonly clock: { now: number };
  /** Those who came later are added to it. */
  readonly actors: Actor[];
  /** All clients are done: may begin another act, or says that the threads shall stop. */
  readonly finished: () => boolean;
  /** The step at which a soft stop begins while clients are busy. */
  readonly stopsAt?: number;
  /** Or it begins when this holds. */
  readonly stopsWhen?: () => boolean;
  /** Nothing can happen at this moment: lets happen what the control thread would do soon. True: something did. */
  readonly settles?: () => boolean;
  /** Percentage of steps at which time goes on although something could happen: a busy machine. */
  readonly stalls?: number;
}

export interface Story {
  /** What went wrong, or null. */
  readonly fault: string | null;
  readonly steps: number;
}

/** Lets all happen until the threads have stopped. */
export function play(parts: WorldParts): Story {
  const { generation, network, prng, actors, clock } = parts;
  const { stalls = 0, generations = [generation] } = parts;
  const watched = new Map<SimGeneration, Invariants>();
  let planes: readonly SimPlane[] = [];
  /** After each reload, and where a thread took another's place. */
  const look = (): void => {
    for (const one of generations) if (!watched.has(one)) watched.set(one, new Invariants(one, network));
    planes = generations.length === 1 ? generation.planes : generations.flatMap((one) => one.planes);
  };
  look();
  /** The first answer of `ask` that is not null. */
  const first = (ask: (invariants: Invariants) => string | null): string | null => {
    for (const one of watched.values()) {
      const fault = ask(one);
      if (fault !== null) return fault;
    }
    return null;
  };
  const stopAll = (): void => {
    for (const one of generations) one.stopping = true;
  };
  let stopping = false;
  let steps = 0;
  const told = (fault: string | null): Story => ({ fault, steps });
  const advance = (to: number): void => {
    clock.now = to;
    for (const plane of planes) {
      if (plane.sleepsUntil > to || plane.dead) continue;
      plane.reactor.advance(to);
      if (plane.generation.stopping && prng.chance(50)) plane.stop();
    }
  };
  const nextMoment = (): number => {
    let next = Infinity;
    for (const { reactor, sleepsUntil } of planes) {
      next = Math.min(next, sleepsUntil > clock.now ? sleepsUntil : reactor.nextDeadline);
    }
    for (const { wakeAt } of actors) if (wakeAt > clock.now) next = Math.min(next, wakeAt);
    const ends = generations.some(({ drained, stopped }) => drained && !stopped);
    return ends ? Math.min(next, clock.now + 1) : next;
  };
  /** The machine is busy: time goes on although something could happen, or a thread does not run for a while. */
  const stall = (): void => {
    if (planes.length > 1 && prng.chance(50)) {
      planes[prng.below(planes.length)]!.sleepsUntil = clock.now + prng.between(2, 600);
      return;
    }
    const next = nextMoment();
    if (next < TIME_MAX) advance(Math.max(next, clock.now + 1));
  };
  for (; steps < STEPS_MAX; steps++) {
    parts.spoil?.(planes[0]!, network, steps);
    if (
      generations.length !== watched.size ||
      planes.some((one) => one.generation.planeOf(one.row) !== one)
    ) {
      look();
    }
    if (steps === parts.stopsAt || (!stopping && parts.stopsWhen?.() === true)) {
      stopping = true;
      stopAll();
      for (const plane of planes) {
        if (plane.sleepsUntil > clock.now) continue;
        // The message reaches some threads later: those go on accepting.
        if (parts.stopsWhen === undefined || prng.chance(50)) plane.stop();
      }
    }
    const arriving = [...network.sockets.values()].filter((socket) => socket.arriving);
    const able = actors.filter((actor) => actor.ready);
    const awake = stalls === 0 ? planes : planes.filter(({ sleepsUntil }) => sleepsUntil <= clock.now);
    const wakes: SimPlane[] = [];
    for (const one of generations) {
      for (const row of one.woken) {
        const plane = one.planeOf(row);
        if (!plane.dead && (stalls === 0 || awake.includes(plane))) wakes.push(plane);
      }
    }
    let ops = 0;
    for (const { reactor } of awake) ops += reactor.readyCount;
    const choices = arriving.length + able.length + ops + wakes.length;
    let moved = true;
    if (choices > 0) {
      if (stalls > 0 && prng.chance(stalls)) {
        stall();
        continue;
      }
      let choice = prng.below(choices);
      moved = choice >= arriving.length + able.length;
      if (choice < arriving.length) network.deliver(arriving[choice]!);
      else if ((choice -= arriving.length) < able.length) able[choice]!.act();
      else if ((choice -= able.length) < ops) {
        for (const { reactor } of awake) {
          const count = reactor.readyCount;
          if (choice < count) {
            reactor.progress(choice);
            break;
          }
          choice -= count;
        }
      } else {
        const { generation: its, row } = wakes[choice - ops]!;
        its.wake(row);
      }
    } else {
      if (parts.settles?.() === true) continue;
      const idle = awake.length === planes.length ? first((one) => one.idle()) : null;
      if (idle !== null) return told(idle);
      if (!stopping && parts.finished()) {
        stopping = true;
        stopAll();
        for (const plane of awake) plane.stop();
        continue;
      }
      if (generations.every(({ stopped }) => stopped) && parts.finished()) break;
      const next = nextMoment();
      if (next === Infinity || next > TIME_MAX) return told(`stuck at ${clock.now} ms`);
      advance(Math.max(next, clock.now + 1));
    }
    for (const actor of actors) if (actor.fault !== null) return told(actor.fault);
    // Clients, servers and the wire touch nothing that the threads share.
    const broken = moved ? first((one) => one.broken()) : null;
    if (broken !== null) return told(broken);
  }
  if (steps === STEPS_MAX) return told('no end');
  const leftovers = [...watched.values()].flatMap((one) => one.leftovers());
  return told(leftovers.length > 0 ? leftovers.join(', ') : null);
}
