// A backend in log mode: takes the lines of its ring and gives each to one of its servers.

import { hasher } from '../../balance/hash.ts';
import { LogBalancer, type LogServerState } from './balance.ts';
import { ConnectionOutlet, DatagramOutlet, type Outlet } from './outlet.ts';
import { socketAddressOf } from '../../config/socket-address.ts';
import type { LogRing } from '../../core/log-ring.ts';
import type { ProxyConfig } from '../../config/model.ts';

export class LogFarm {
  private readonly ring: LogRing;
  private readonly outlets: Outlet[];
  private readonly balancer: LogBalancer;
  private place: number;
  /** Lines that no server took. */
  dropped = 0;

  /** `states`: of the servers, in their order. */
  constructor(backend: ProxyConfig, ring: LogRing, states: readonly LogServerState[]) {
    this.ring = ring;
    this.balancer = new LogBalancer(states, backend.balance, hasher(backend.balance.hashFunction));
    const { timeouts } = backend;
    this.outlets = backend.servers.map((server) => {
      const address = socketAddressOf(server.address, server.port || SYSLOG_PORT)!;
      if (server.address.transport === 'dgram') return new DatagramOutlet(address, server);
      return new ConnectionOutlet({
        address,
        server,
        connectMs: timeouts.connect,
        serverMs: timeouts.server,
        room: server.logBufsize,
        onRoom: () => {},
      });
    });
    this.place = ring.held;
    ring.hold(this.place);
    this.pump();
  }

  pump(): void {
    for (;;) {
      const { lines, next } = this.ring.read(this.place);
      if (lines.length === 0) return;
      for (const line of lines) {
        const index = this.balancer.pick(line);
        if (index < 0 || !this.outlets[index]!.send(line)) this.dropped++;
      }
      this.place = next;
      this.ring.hold(next);
    }
  }

  get isDone(): boolean {
    return this.place === this.ring.head && this.outlets.every((outlet) => outlet.isEmpty);
  }

  close(): void {
    for (const outlet of this.outlets) outlet.close();
  }
}

/** For servers without a port. */
const SYSLOG_PORT = 514;
