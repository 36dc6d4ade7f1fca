// Reads the PROXY protocol header in front of a connection (bind accept-proxy, expect-proxy layer4).

import { Counter } from '../core/shared.ts';
import { ProxyHeader, ProxyParse, parseProxyHeader } from '../proto/proxy/parser.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import type { Session } from './session.ts';

/** Longest wait for the header where `timeout client` gives none, ms. */
const HEADER_WAIT_MS = 60_000;

class ProxyReader implements ConnectionOwner {
  private readonly session: Session;
  private readonly done: () => void;
  private readonly header = new ProxyHeader();

  constructor(session: Session, done: () => void) {
    this.session = session;
    this.done = done;
  }

  onReceived(connection: Connection, result: number): void {
    const { session, header } = this;
    if (result <= 0) {
      this.refuse();
      return;
    }
    const { bytes } = session.plane.reactor.memory;
    const verdict = parseProxyHeader(bytes, connection.at, connection.end, header);
    if (verdict === ProxyParse.NEED_DATA) {
      if (connection.room() === 0) this.refuse();
      else connection.receive();
      return;
    }
    if (verdict === ProxyParse.ERROR) {
      this.refuse();
      return;
    }
    connection.at = header.end;
    if (connection.length === 0) connection.releaseSlab();
    session.receivedProxy = true;
    session.proxyTlvs = header.tlvs.size > 0 ? new Map(header.tlvs) : null;
    if (!header.local && header.source !== null) {
      session.source = header.source;
      session.destination = header.destination;
    }
    connection.owner = session;
    session.waitingForProxy = false;
    session.arm(0);
    this.done();
  }

  private refuse(): void {
    const { session } = this;
    session.owner.block.counters[Counter.FAILED_REQUESTS]! += 1;
    session.listener.block.counters[Counter.FAILED_REQUESTS]! += 1;
    session.end();
  }

  onSent(): void {}
  onConnected(): void {}
}

export function readProxyHeader(session: Session, done: () => void): void {
  const { client, frontend } = session;
  client.owner = new ProxyReader(session, done);
  session.waitingForProxy = true;
  session.arm(frontend.timeouts.client || HEADER_WAIT_MS);
  client.receive();
}
