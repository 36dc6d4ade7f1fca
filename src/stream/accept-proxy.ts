// Reads the PROXY protocol header in front of a connection (bind accept-proxy, expect-proxy layer4).

import { Counter } from '../core/shared.ts';
import { ProxyHeader, ProxyParse, parseProxyHeader } from '../proto/proxy/parser.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import type { Session } from './session.ts';

/** Longest wait for the header where `timeout client` gives none, ms. */
const HEADER_WAIT_MS = 60_000;

/** As HAProxy words them in its log. */
const Refusal = {
  CLOSED: 'Connection closed while waiting for PROXY protocol header',
  TIMEOUT: 'Timeout while waiting for PROXY protocol header',
  TRUNCATED: 'Truncated PROXY protocol header received',
  UNKNOWN: 'Received something which does not look like a PROXY protocol header',
  INVALID: 'Received an invalid PROXY protocol header',
} as const;

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
      if (connection.length > 0) this.refuse(Refusal.TRUNCATED);
      else this.refuseSilent(Refusal.CLOSED);
      return;
    }
    const { bytes } = session.plane.reactor.memory;
    const verdict = parseProxyHeader(bytes, connection.at, connection.end, header);
    if (verdict === ProxyParse.NEED_DATA) {
      if (connection.room() === 0) this.refuse(Refusal.INVALID);
      else connection.receive();
      return;
    }
    if (verdict === ProxyParse.ERROR) {
      const { buffer } = session.plane.reactor.memory;
      const named =
        buffer.latin1Slice(connection.at, Math.min(connection.at + 6, connection.end)) === 'PROXY ';
      this.refuse(named ? Refusal.INVALID : Refusal.UNKNOWN);
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

  /** `timeout client` is over. */
  late(): void {
    if (this.session.client.length > 0) this.refuse(Refusal.TRUNCATED);
    else this.refuseSilent(Refusal.TIMEOUT);
  }

  /** Not a byte came: option dontlognull keeps that out of the log. */
  private refuseSilent(reason: string): void {
    this.refuse(this.session.frontend.options.has('dontlognull') ? null : reason);
  }

  private refuse(reason: string | null): void {
    const { session } = this;
    if (reason !== null) {
      session.connectionFault = reason;
      session.plane.logRefused(session, reason);
    }
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

/** The header did not come in time. */
export function proxyHeaderLate(session: Session): void {
  (session.client.owner as ProxyReader).late();
}
