// A new connection before its protocol: connection rules, the PROXY header where one is expected, session rules.

import { Counter } from '../core/shared.ts';
import { Verdict } from '../rules/rule.ts';
import { readProxyHeader } from './accept-proxy.ts';
import { RuleContext } from './rule-context.ts';
import type { Rule } from '../config/model.ts';
import type { Session } from './session.ts';

/** Runs the connection's rules; the session then begins, waits for its PROXY header, or is closed. */
export function admit(session: Session): void {
  const { frontend } = session;
  session.expectsProxy = session.bind!.acceptProxy;
  if (frontend.tcpRequestConnection.length > 0) {
    if (!passes(session, frontend.tcpRequestConnection, Counter.DENIED_CONNECTIONS)) return;
  }
  if (session.expectsProxy) {
    readProxyHeader(session, () => admitSession(session));
    return;
  }
  admitSession(session);
}

function admitSession(session: Session): void {
  const { frontend } = session;
  if (frontend.tcpRequestSession.length > 0) {
    if (!passes(session, frontend.tcpRequestSession, Counter.DENIED_SESSIONS)) return;
  }
  session.countSession();
  session.run();
}

/** True where the rules let it in. */
function passes(session: Session, rules: readonly Rule[], denied: number): boolean {
  const context = RuleContext.of(session);
  context.ofConnection = rules === session.frontend.tcpRequestConnection;
  for (const rule of rules) {
    if (rule.condition !== null && !rule.condition.test(context)) continue;
    const verdict = rule.action.run(context);
    if (verdict === Verdict.CONTINUE) continue;
    if (verdict === Verdict.STOP) return true;
    session.owner.block.counters[denied]! += 1;
    session.listener.block.counters[denied]! += 1;
    if (verdict === Verdict.DROP) session.plane.dropSilently(session.client.fd, context.dropTtl);
    session.end();
    return false;
  }
  return true;
}
