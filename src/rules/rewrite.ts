// Edits that rules make within the room that tune.maxrewrite leaves: what does not fit fails (manual 4.4 strict-mode).

import { type RuleTarget, Verdict } from './rule.ts';

/** Appends a header line. */
export function addHeader(target: RuleTarget, name: string, value: string): Verdict {
  const { message } = target;
  const fits = message.hasRoom(name.length + value.length + 4) && message.add(name, value);
  return fits ? Verdict.CONTINUE : target.rewriteFailed();
}

/** Gives a line another value. */
export function replaceValue(target: RuleTarget, index: number, value: string): Verdict {
  const { message } = target;
  if (!message.hasRoom(value.length - message.valueAt(index).length)) return target.rewriteFailed();
  message.replaceValueAt(index, value);
  return Verdict.CONTINUE;
}

export function setMethod(target: RuleTarget, method: string): Verdict {
  const { message } = target;
  if (!message.hasRoom(method.length - message.method.length)) return target.rewriteFailed();
  message.setMethod(method);
  return Verdict.CONTINUE;
}

/** Sets the request target. */
export function setUri(target: RuleTarget, uri: string): Verdict {
  const { message } = target;
  if (!message.hasRoom(uri.length - message.target.length)) return target.rewriteFailed();
  message.setTarget(uri);
  return Verdict.CONTINUE;
}

export function setStatus(target: RuleTarget, status: number, reason: string): Verdict {
  const { message } = target;
  if (!message.hasRoom(reason.length - message.reason.length)) return target.rewriteFailed();
  message.setStatus(status, reason);
  return Verdict.CONTINUE;
}
