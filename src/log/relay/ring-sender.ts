// Sends the lines of a ring to its servers: each gets all of them, and the slowest says what may be overwritten.

import { ConnectionOutlet } from './outlet.ts';
import { socketAddressOf } from '../../config/socket-address.ts';
import type { LogRing } from '../../core/log-ring.ts';
import type { LogRingConfig } from '../../config/model.ts';

/** Bytes taken from the ring at once. */
const BATCH_BYTES = 16384;

interface Reader {
  readonly outlet: ConnectionOutlet;
  place: number;
}

export class RingSender {
  private readonly ring: LogRing;
  private readonly readers: Reader[] = [];

  constructor(config: LogRingConfig, ring: LogRing) {
    this.ring = ring;
    const { timeouts, servers } = config.proxy;
    const place = ring.held;
    for (const server of servers) {
      const outlet = new ConnectionOutlet({
        address: socketAddressOf(server.address, server.port)!,
        server,
        connectMs: timeouts.connect,
        serverMs: timeouts.server,
        room: server.logBufsize,
        onRoom: () => this.pump(),
      });
      this.readers.push({ outlet, place });
    }
    ring.hold(place);
    this.pump();
  }

  /** Passes on what is there, as far as the servers take it. Lines wait in the ring until a connection is there. */
  pump(): void {
    let least = Infinity;
    for (const reader of this.readers) {
      const { outlet } = reader;
      while (outlet.isConnected && outlet.hasRoom) {
        const { lines, next } = this.ring.read(reader.place, BATCH_BYTES);
        if (lines.length === 0) break;
        for (const line of lines) outlet.sendAlways(line);
        reader.place = next;
      }
      if (!outlet.isConnected) outlet.open();
      least = Math.min(least, reader.place);
    }
    this.ring.hold(least);
  }

  /** Nothing is left to send. */
  get isDone(): boolean {
    const { head } = this.ring;
    return this.readers.every(({ outlet, place }) => place === head && outlet.isEmpty);
  }

  close(): void {
    for (const { outlet } of this.readers) outlet.close();
  }
}
