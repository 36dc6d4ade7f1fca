// What must hold in a generation at each moment, when nothing moves any more, and when all is over.

import { List, listAt } from '../../src/backend/queue.ts';
import { Node, Waiting } from '../../src/backend/waiters.ts';
import { ProxyInt, ServerInt, Share } from '../../src/core/shared.ts';
import { acceptLoad } from '../../src/stream/accept-queue.ts';
import { openLetters, unreadDescriptors } from '../../src/stream/takeover.ts';
import type { Backend } from '../../src/backend/backend.ts';
import type { SimGeneration } from './plane.ts';
import type { SimNetwork } from '../../src/reactor/sim-network.ts';

const nodeOf = (one: number): number => Math.floor(one / 2 ** 21);

/** Watches a generation while it runs. */
export class Invariants {
  private readonly generation: SimGeneration;
  private readonly network: SimNetwork;
  /** Who waited in each list after the step before, by backend. */
  private readonly waited: number[][][];
  private readonly lists: Int32Array[];

  constructor(generation: SimGeneration, network: SimNetwork) {
    this.generation = generation;
    this.network = network;
    const { backends } = generation.planes[0]!;
    this.lists = backends.map(({ config }) => new Int32Array(generation.table.queues.get(config.name)!));
    this.waited = backends.map(({ servers }) => Array.from({ length: servers.length + 1 }, () => []));
  }

  /** At each moment; the first thing that does not hold, or null. */
  broken(): string | null {
    const { backends } = this.generation.planes[0]!;
    for (let i = 0; i < backends.length; i++) {
      const backend = backends[i]!;
      for (const server of backend.servers) {
        const current = server.ints[ServerInt.CURRENT]!;
        if (current < 0) return `server ${server.name} has ${current} sessions`;
        if (server.maxconn > 0 && current > server.maxconn) {
          return `server ${server.name} has ${current} sessions, ${server.maxconn} at most`;
        }
        if (server.ints[ServerInt.IDLE]! < 0) return `server ${server.name} has less than no idle connection`;
      }
      if (backend.ints[ProxyInt.CURRENT]! < 0) return `backend ${backend.config.name} counts below 0`;
      const fault = this.outOfOrder(backend, this.lists[i]!, this.waited[i]!);
      if (fault !== null) return fault;
    }
    for (const { config, block } of this.generation.planes[0]!.frontends) {
      const most = block.ints[ProxyInt.MAXCONN]!;
      const current = block.ints[ProxyInt.CURRENT]!;
      if (most > 0 && current > most)
        return `frontend ${config.name} has ${current} sessions, ${most} at most`;
    }
    return this.ownedTwice();
  }

  /** Slots are given in the order of the lists: whoever was granted one stood before all that still wait. */
  private outOfOrder(backend: Backend, lists: Int32Array, waited: number[][]): string | null {
    const { ints } = this.generation.planes[0]!.waiters;
    for (let list = 0; list <= backend.servers.length; list++) {
      const head = listAt(list);
      const before = waited[list]!;
      const length = lists[head + List.LENGTH]!;
      if (length === 0 && before.length === 0) continue;
      const key = `${list} of ${backend.config.name}`;
      // A place may be left and taken by another within one step: a node is known with its time.
      const now: number[] = [];
      for (let node = lists[head + List.HEAD]!; node !== -1; node = ints[node * Node.SIZE + Node.NEXT]!) {
        now.push(node * 2 ** 21 + ints[node * Node.SIZE + Node.TIME]!);
        if (now.length > length) break;
      }
      if (now.length !== length) return `list ${key} holds ${now.length} and counts ${length}`;
      if (now.some((one) => ints[nodeOf(one) * Node.SIZE + Node.STATE] !== Waiting.QUEUED))
        return `list ${key} holds one that does not wait`;
      const stays = new Set(now);
      let passed = false;
      for (const one of before) {
        if (stays.has(one)) passed = true;
        else if (passed && ints[nodeOf(one) * Node.SIZE + Node.STATE] === Waiting.GRANTED)
          return `list ${key}: one was served before another that came earlier`;
      }
      waited[list] = now;
    }
    return null;
  }

  private ownedTwice(): string | null {
    const { planes } = this.generation;
    if (planes.length === 1) return null;
    const seen = new Set<number>(this.network.loose);
    let count = seen.size;
    for (const { reactor } of planes) {
      count += reactor.held.size;
      for (const fd of reactor.held) seen.add(fd);
    }
    return count === seen.size ? null : 'a descriptor has two owners';
  }

  /** Nothing moves until time goes on: who waits then waits for a slot that somebody holds. */
  idle(): string | null {
    const { takeovers, planes } = this.generation;
    if (takeovers !== null && planes.every(({ stopped, dead }) => !stopped && !dead)) {
      const letters = openLetters(takeovers);
      if (letters > 0) return `${letters} letters that nobody will read`;
    }
    for (const backend of planes[0]!.backends) {
      const { servers } = backend;
      const active = servers.filter((server) => server.eligible && !server.backup);
      const chosen = active.length > 0 ? active : servers.filter((server) => server.eligible).slice(0, 1);
      const waiting = backend.ints[ProxyInt.UNASSIGNED]!;
      for (const server of servers) {
        if (server.full || !server.acceptsPersistent) continue;
        if (server.queued > 0)
          return `${server.queued} wait for server ${server.name}, which has a free slot`;
        if (waiting > 0 && chosen.includes(server))
          return `${waiting} wait in backend ${backend.config.name}, and server ${server.name} has a free slot`;
      }
    }
    return null;
  }

  /** When everything has been stopped. */
  leftovers(): string[] {
    const found: string[] = [];
    const expect = (what: string, value: number, wanted: number): void => {
      if (value !== wanted) found.push(`${what}: ${value} instead of ${wanted}`);
    };
    const { generation } = this;
    for (const one of generation.planes) {
      const { frontends, backends, memory, reactor, drained, drainedEarly, row, plane } = one;
      const thread = generation.planes.length > 1 ? ` of thread ${row + 1}` : '';
      for (const { block, config } of frontends) {
        expect(`sessions of frontend ${config.name}`, block.ints[ProxyInt.CURRENT]!, 0);
        expect(`share of frontend ${config.name}${thread}`, block.counters[Share.CURRENT]!, 0);
      }
      for (const backend of backends) {
        const { name } = backend.config;
        expect(`sessions of backend ${name}`, backend.ints[ProxyInt.CURRENT]!, 0);
        expect(`share of backend ${name}${thread}`, backend.block.counters[Share.CURRENT]!, 0);
        expect(`queue of backend ${name}`, backend.queue.length, 0);
        expect(`waiters of backend ${name}`, backend.ints[ProxyInt.QUEUED]!, 0);
        for (const server of backend.servers) {
          expect(`sessions of server ${server.name}`, server.ints[ServerInt.CURRENT]!, 0);
          expect(`share of server ${server.name}${thread}`, server.block.counters[Share.CURRENT]!, 0);
          expect(`queue of server ${server.name}`, server.ints[ServerInt.QUEUED]!, 0);
          expect(`idle connections of server ${server.name}`, server.ints[ServerInt.IDLE]!, 0);
          expect(`idle share of server ${server.name}${thread}`, server.block.counters[Share.IDLE]!, 0);
        }
      }
      expect('sessions of the process', plane.processCurrent, 0);
      // Its memory went with it.
      if (one.buried) continue;
      expect(`free slabs${thread}`, memory.free, memory.slabCount);
      expect(`free large slabs${thread}`, memory.freeLarge, memory.largeCount);
      expect(`pipes in use${thread}`, reactor.pipes.used, 0);
      expect(`open descriptors${thread}`, reactor.held.size, 0);
      if (generation.accepts !== null)
        expect(`connections as others see it${thread}`, acceptLoad(generation.accepts, row), 0);
      if (drainedEarly) found.push(`a connection waited where the thread${thread} said that it is drained`);
      if (!drained) found.push(`the thread${thread} never said that it is drained`);
    }
    const nodes = generation.planes[0]!.waiters.ints;
    let waiting = 0;
    for (let at = 0; at < nodes.length; at += Node.SIZE)
      if (nodes[at + Node.STATE] !== Waiting.FREE) waiting++;
    expect('places in queues', waiting, 0);
    // What the control thread does once all threads are gone.
    if (generation.takeovers !== null) {
      for (const fd of unreadDescriptors(generation.takeovers)) {
        if (!this.network.loose.delete(fd)) found.push(`fd ${fd} stands in an answer and was never let go`);
      }
    }
    expect('descriptors between two threads', this.network.loose.size, 0);
    return found;
  }
}
