// What the log thread does: empties rings that have servers, feeds log backends, and forwards messages of others.
// Data threads only write lines to rings: a slow or absent log server is not their business. The control thread has no
// part in it either, since floods of messages must not delay checks and commands.

import { openRing, type RingMemory } from '../../core/ring-file.ts';
import { LogRing } from '../../core/log-ring.ts';
import { LogFarm } from './log-farm.ts';
import { RingSender } from './ring-sender.ts';
import { DatagramOutlet } from './outlet.ts';
import { Forwarder, type ForwardSocket } from './forwarder.ts';
import { logAddress } from '../log-socket.ts';
import { writeNow } from '../write-now.ts';
import type { Config, LogTarget } from '../../config/model.ts';
import type { LogServerState } from './balance.ts';

export interface RelayParts {
  readonly config: Config;
  /** Memory of the rings, by key. */
  readonly rings: ReadonlyMap<string, RingMemory>;
  readonly wake: SharedArrayBuffer;
  /** Of a log backend's servers. */
  states(backend: string): readonly LogServerState[];
  /** Of the log-forward sections, by name. */
  readonly sockets: ReadonlyMap<string, readonly ForwardSocket[]>;
}

export class Relay {
  private readonly parts: RelayParts;
  private readonly rings = new Map<string, LogRing>();
  private readonly pumps: (RingSender | LogFarm)[] = [];
  private readonly forwarders: Forwarder[];
  private readonly outlets = new Map<LogTarget, DatagramOutlet>();
  private closed = false;

  constructor(parts: RelayParts) {
    this.parts = parts;
    const { config } = parts;
    for (const ring of config.logRings.values()) {
      if (ring.key.startsWith('backend@')) {
        const states = parts.states(ring.name);
        this.pumps.push(new LogFarm(ring.proxy, this.ringOf(ring.key), states));
      } else if (ring.proxy.servers.length > 0) {
        this.pumps.push(new RingSender(ring, this.ringOf(ring.key)));
      } else {
        // Its servers are gone with a reload: nothing holds its lines any more.
        this.ringOf(ring.key).release();
      }
    }
    this.forwarders = config.logForwards.map(
      (section) =>
        new Forwarder(section, parts.sockets.get(section.name) ?? [], (target, line) =>
          this.deliver(target, line),
        ),
    );
    void this.watch();
  }

  private ringOf(key: string): LogRing {
    let ring = this.rings.get(key);
    if (ring === undefined) {
      ring = openRing(this.parts.rings.get(key)!, this.parts.wake);
      this.rings.set(key, ring);
    }
    return ring;
  }

  /** Sleeps until somebody wrote to a ring. */
  private async watch(): Promise<void> {
    const word = new Int32Array(this.parts.wake);
    while (!this.closed) {
      const seen = Atomics.load(word, 0);
      for (const pump of this.pumps) pump.pump();
      const { async, value } = Atomics.waitAsync(word, 0, seen);
      if (async) await value;
    }
  }

  private deliver(target: LogTarget, line: Buffer): boolean {
    if (target.ring !== null) return this.ringOf(target.ring.key).write(line, 0, line.length);
    if (target.transport === 'fd') {
      const bytes = Buffer.concat([line, Buffer.from('\n')]);
      return writeNow(target.fd, bytes, 0, bytes.length) === bytes.length;
    }
    let outlet = this.outlets.get(target);
    if (outlet === undefined) {
      outlet = new DatagramOutlet(logAddress(target)!);
      this.outlets.set(target, outlet);
    }
    return outlet.send(line);
  }

  /** All lines have gone out. */
  get isDone(): boolean {
    return this.pumps.every((pump) => pump.isDone);
  }

  /** `hard`: connections of log-forward sections end too; after a reload they go on. */
  close(hard: boolean): void {
    this.closed = true;
    const word = new Int32Array(this.parts.wake);
    Atomics.add(word, 0, 1);
    Atomics.notify(word, 0);
    for (const pump of this.pumps) pump.close();
    for (const forwarder of this.forwarders) forwarder.close(hard);
    for (const outlet of this.outlets.values()) outlet.close();
  }
}
