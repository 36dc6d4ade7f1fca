// The stream of a TCP session: content rules, a server, then bytes both ways.

import { Counter } from '../core/shared.ts';
import { Match } from '../acl/condition.ts';
import { Stream, Wait } from './stream.ts';
import { Tunnel } from './tunnel.ts';
import { serverOfRdpCookie } from './rdp-persistence.ts';
import { Verdict } from '../rules/rule.ts';
import { accountExchange, countClientAbort, countServerAbort } from './accounting.ts';
import { enterFarm, leaveFarm } from './assign.ts';
import { defaultBackend, mayTake } from './eligible.ts';
import { Origin } from '../sample/origin.ts';
import type { Connection } from './connection.ts';
import type { HttpMessage } from '../http/message.ts';
import type { Plane } from './plane.ts';
import type { ProxyConfig, Rule } from '../config/model.ts';
import type { TcpSession } from './tcp-session.ts';

export class TcpStream extends Stream {
  override readonly request = null;
  override readonly response = null;
  readonly tunnel: Tunnel;
  private inspectUntil = 0;
  private stage = 0;
  private rule = 0;
  private over = false;
  /** Persistence holds even where the server is down (option persist, force-persist). */
  forced = false;
  private responsePassed = false;
  /** A rule closed the connection to the server before anything was sent to it. */
  private severed = false;

  constructor(plane: Plane) {
    super(plane);
    this.tunnel = new Tunnel(this);
  }

  override get message(): HttpMessage {
    throw new Error('a TCP stream has no HTTP message');
  }

  override get logSource(): string {
    return this.session.source?.text ?? '-';
  }

  override requestPayload(): string {
    const { client } = this.session;
    return this.plane.reactor.memory.buffer.latin1Slice(client.at, client.end);
  }

  override responsePayload(): string {
    const { upstream } = this;
    return upstream === null ? '' : this.plane.reactor.memory.buffer.latin1Slice(upstream.at, upstream.end);
  }

  start(): void {
    this.reset();
    const { session } = this;
    this.startedAt = session.startedAt;
    this.acceptedMs = session.acceptedMs;
    this.over = false;
    this.forced = false;
    this.responsePassed = false;
    this.severed = false;
    this.stage = 0;
    this.rule = 0;
    this.inspectUntil = 0;
    // What came in one piece with the PROXY header.
    this.bytesIn = session.client.length;
    session.arm(0);
    if (session.owner.logSteps !== 0) this.logStep(Origin.TXN_ACCEPT);
    this.resume();
  }

  /** Frontend content rules, the backend's choice, backend content rules, then the server. */
  private resume(): void {
    const { session } = this;
    while (this.stage < 3) {
      if (this.stage === 1) {
        const chosen = this.chooseBackend();
        if (chosen === null) {
          this.serverFailed(503, 'S', 'C');
          return;
        }
        this.enterBackend(chosen);
        enterFarm(this);
      } else {
        const proxy = this.stage === 0 ? this.frontend : this.backend!;
        if (this.stage === 0 || proxy !== this.frontend) {
          if (!this.content(proxy, proxy.tcpRequestContent, proxy.tcpRequestInspectDelayMs)) return;
        }
      }
      this.stage++;
      this.rule = 0;
      this.inspectUntil = 0;
      this.inspectionOver = false;
    }
    session.arm(0);
    this.disarm();
    let wanted = null;
    for (const rule of this.backend!.useServer) {
      if (rule.condition !== null && !rule.condition.test(this)) continue;
      wanted = this.farm!.serverByName(rule.server?.name ?? rule.format?.render(this) ?? '');
      break;
    }
    const { rdpPersist } = this.backend!;
    if (rdpPersist !== null) wanted ??= serverOfRdpCookie(this, rdpPersist);
    this.slot.start(wanted, false, wanted !== null && this.forced);
  }

  /** True: these rules let it pass. False: waiting, or ended. */
  private content(proxy: ProxyConfig, rules: readonly Rule[], delayMs: number): boolean {
    const { session, plane } = this;
    const { client } = session;
    while (this.rule < rules.length) {
      const rule = rules[this.rule]!;
      if (delayMs === 0 || client.ended || client.room() === 0) this.inspectionOver = true;
      if (this.inspectUntil > 0 && plane.reactor.now >= this.inspectUntil) this.inspectionOver = true;
      let match: Match = rule.condition === null ? Match.YES : rule.condition.probe(this);
      if (match === Match.UNDECIDED && this.inspectionOver) match = Match.NO;
      if (match === Match.UNDECIDED) {
        if (this.inspectUntil === 0) {
          this.inspectUntil = plane.reactor.now + delayMs;
          this.armFor(Wait.RULE, delayMs);
        }
        this.waitingRule = rule.position;
        client.receive();
        return false;
      }
      this.waitingRule = null;
      if (match === Match.NO) {
        this.rule++;
        continue;
      }
      const verdict = rule.action.run(this);
      if (verdict === Verdict.CONTINUE) {
        this.rule++;
        continue;
      }
      if (verdict === Verdict.WAIT) {
        this.waitingRule = rule.position;
        return false;
      }
      this.lastRule = rule.position;
      if (verdict === Verdict.STOP) return true;
      const counters = proxy === this.frontend ? session.owner.block.counters : this.farm!.block.counters;
      counters[Counter.DENIED_REQUESTS]! += 1;
      if (verdict === Verdict.DROP) plane.dropSilently(client.fd, this.dropTtl);
      this.ends('P', 'R');
      this.finish();
      return false;
    }
    return true;
  }

  /**
   * tcp-response content rules look at what the server has sent: first at nothing, when it is connected, and later only
   * where they have an inspect-delay to wait for more. The client's bytes flow on meanwhile.
   */
  override passResponse(): boolean {
    if (this.responsePassed) return true;
    const { plane } = this;
    const upstream = this.upstream!;
    const { tcpResponseContent: rules, tcpResponseInspectDelayMs: delayMs } = this.backend!;
    this.direction = 'response';
    for (; this.rule < rules.length; this.rule++) {
      const rule = rules[this.rule]!;
      if (delayMs === 0 || upstream.ended || upstream.room() === 0) this.inspectionOver = true;
      if (this.inspectUntil > 0 && plane.reactor.now >= this.inspectUntil) this.inspectionOver = true;
      const match: Match = rule.condition === null ? Match.YES : rule.condition.probe(this);
      if (match === Match.UNDECIDED && !this.inspectionOver) {
        if (this.inspectUntil === 0) {
          this.inspectUntil = plane.reactor.now + delayMs;
          this.armFor(Wait.RULE, delayMs);
        }
        this.waitingRule = rule.position;
        if (!upstream.reading) upstream.receive();
        return false;
      }
      this.waitingRule = null;
      if (match !== Match.YES) continue;
      const verdict = rule.action.run(this);
      if (verdict === Verdict.CONTINUE) continue;
      if (verdict === Verdict.WAIT) {
        this.waitingRule = rule.position;
        return false;
      }
      this.lastRule = rule.position;
      if (verdict === Verdict.STOP) break;
      if (verdict === Verdict.CLOSE) {
        upstream.resets = true;
        this.severed = true;
        if (this.tunnel.active) this.tunnel.sever();
        break;
      }
      this.farm!.block.counters[Counter.DENIED_RESPONSES]! += 1;
      if (verdict === Verdict.DROP) plane.dropSilently(this.session.client.fd, this.dropTtl);
      this.ends('P', 'D');
      if (this.tunnel.active) this.tunnel.end();
      else this.finish();
      return false;
    }
    this.responsePassed = true;
    this.disarm();
    return true;
  }

  private chooseBackend(): ProxyConfig | null {
    const { frontend } = this;
    for (const rule of frontend.useBackend) {
      if (rule.condition !== null && !rule.condition.test(this)) continue;
      const { backend, format } = rule;
      const named = backend ?? (format === null ? null : this.plane.backendNamed(format.render(this)));
      if (named === null) break;
      if (mayTake(this, named)) return named;
    }
    const fallback = defaultBackend(this);
    if (fallback !== null) return fallback;
    return frontend.kind === 'listen' ? frontend : null;
  }

  override serverReady(): void {
    const upstream = this.upstream!;
    const { session } = this;
    session.arm(0);
    this.rule = 0;
    this.inspectUntil = 0;
    this.inspectionOver = false;
    if (session.owner.logsEarly) this.logEarly(0, Origin.TXN_CONNECT);
    if (session.owner.logSteps !== 0) this.logStep(Origin.TXN_CONNECT);
    if (!this.passResponse() && this.over) return;
    this.tunnel.start(session.client, upstream);
    if (this.severed && this.tunnel.active) this.tunnel.sever();
  }

  /** The first byte from the server, for Tr-like timers of TCP logs. */
  override noteFirstByte(): void {
    this.timers.response = this.elapsed();
  }

  override serverFailed(_status: number, cause: string, phase: string): void {
    this.ends(cause, phase);
    this.finish();
  }

  clientReceived(result: number): void {
    if (this.over) return;
    if (this.tunnel.active) {
      this.tunnel.onReceived(this.session.client, result);
      return;
    }
    if (result > 0) this.bytesIn += result;
    if (result < 0) {
      this.ends('C', this.upstream === null ? 'R' : 'C');
      countClientAbort(this);
      this.finish();
    } else if (this.stage < 3) {
      this.resume();
    }
  }

  clientSent(connection: Connection, result: number): void {
    if (this.tunnel.active) this.tunnel.onSent(connection, result);
  }

  clientTimeout(): void {
    if (this.over || this.tunnel.active) return;
    this.ends('c', 'R');
    this.finish();
  }

  override onReceived(connection: Connection, result: number): void {
    if (this.tunnel.active) this.tunnel.onReceived(connection, result);
  }

  override onSent(connection: Connection, result: number): void {
    if (this.slot.hasPreamble) this.slot.preambleSent(result);
    else if (this.tunnel.active) this.tunnel.onSent(connection, result);
  }

  override onConnected(_connection: Connection, result: number): void {
    this.slot.connected(result);
  }

  override onTimeout(): void {
    const { wait } = this;
    this.wait = Wait.NONE;
    if (wait === Wait.QUEUE || wait === Wait.CONNECT || wait === Wait.TURN_AROUND) this.slot.onTimeout(wait);
    else if (wait === Wait.RULE) {
      if (!this.tunnel.active) this.resume();
      else if (this.passResponse()) this.tunnel.releaseResponse();
    }
  }

  /** Only an HTTP body is sent in pieces by the pacer itself: here the tunnel asks it what may pass. */
  override sendPiece(): void {}

  override pieceWaits(): void {}

  override paceOn(outwards: boolean): void {
    if (this.tunnel.active) this.tunnel.paceOn(outwards);
  }

  override waitForBody(): boolean {
    return true;
  }

  override sendEarlyHints(): void {}

  killed(flag: string): void {
    this.ends(flag, this.tunnel.active ? 'D' : 'C');
    if (this.tunnel.active) this.tunnel.end();
    else this.finish();
  }

  tunnelEnded(cause: string, phase: string): void {
    if (cause !== '-') this.ends(cause, phase);
    if (cause === 'C') countClientAbort(this);
    else if (cause === 'S') countServerAbort(this);
    this.finish();
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    const { session, farm, plane } = this;
    this.disarm();
    this.timers.total = this.elapsed();
    accountExchange(this);
    if (this.shouldLog()) plane.log(this, this.endOrigin(), null);
    this.slot.end();
    if (farm !== null) leaveFarm(this);
    this.clear();
    (session as TcpSession).finished();
  }
}
