// Runs the rule sets of an HTTP exchange, from the rule where the stream stands: until all were seen, or one waits, ends
// the set, or ends the exchange.

import { Match } from '../acl/condition.ts';
import { scannerOf } from '../acl/scanner.ts';
import { Verdict } from '../rules/rule.ts';
import type { HttpStream } from './http-stream.ts';
import type { Rule } from '../config/model.ts';

/** What a direction does with what its rules decide. */
export interface RuleSide {
  /** A rule waited in vain: the exchange was ended. */
  late(stream: HttpStream): boolean;
  /** A rule ended the exchange. */
  stop(stream: HttpStream, verdict: Verdict): void;
}

const GO_ON = 0;
const PASS = 1;
const HALT = 2;

/** True: this set lets the message pass. False: something else goes on. */
export function runRules(stream: HttpStream, rules: readonly Rule[], side: RuleSide): boolean {
  if (stream.rule === 0) stream.strict = true;
  const scan = scannerOf(rules);
  for (;;) {
    stream.rule = scan(stream, stream.rule);
    if (stream.rule >= rules.length) return true;
    const next = act(stream, rules[stream.rule]!, side);
    if (next !== GO_ON) return next === PASS;
  }
}

/**
 * The same for `tcp-request content` and `tcp-response content`, whose conditions may wait for more of the message, for
 * `delayMs` at most: as long as it is neither complete nor as much as a buffer holds (manual: inspect-delay).
 */
export function runContentRules(
  stream: HttpStream,
  rules: readonly Rule[],
  delayMs: number,
  side: RuleSide,
): boolean {
  if (stream.rule === 0 && !stream.isInspecting) stream.inspectionOver = delayMs === 0;
  while (stream.rule < rules.length) {
    const rule = rules[stream.rule]!;
    let match: Match = rule.condition === null ? Match.YES : rule.condition.probe(stream);
    if (match === Match.UNDECIDED) {
      if (!stream.inspectionOver && !stream.inspect(delayMs)) {
        stream.waitingRule = rule.position;
        return false;
      }
      stream.waitingRule = null;
      stream.inspectionOver = true;
      match = rule.condition!.probe(stream);
    }
    if (match !== Match.YES) {
      stream.rule++;
      continue;
    }
    const next = act(stream, rule, side);
    if (next === HALT) return false;
    if (next === PASS) break;
  }
  // The rules behind are not to wait.
  stream.inspectionOver = true;
  return true;
}

function act(stream: HttpStream, rule: Rule, side: RuleSide): number {
  const verdict = rule.action.run(stream);
  if (side.late(stream)) return HALT;
  if (verdict === Verdict.CONTINUE) {
    stream.waitingRule = null;
    stream.rule++;
    return GO_ON;
  }
  if (verdict === Verdict.WAIT) {
    stream.waitingRule = rule.position;
    return HALT;
  }
  stream.lastRule = rule.position;
  if (verdict === Verdict.STOP) return PASS;
  if (verdict === Verdict.CLOSE) {
    stream.severed = true;
    stream.serverKeeps = false;
    stream.upstream!.resets = true;
    return PASS;
  }
  side.stop(stream, verdict);
  return HALT;
}
