// Rules run in an order of their own, whatever the order of their lines: HAProxy warns where a line misleads.

import type { ParseContext } from '../../registry/define.ts';
import type { Position, ProxyConfig, Rule } from '../model.ts';

/** Rules that came with a `defaults` section mislead nobody here. */
function isOwn(proxy: ProxyConfig, rule: { readonly position: Position }): boolean {
  return rule.position.file === proxy.position.file && rule.position.line > proxy.position.line;
}

function hasOwn(proxy: ProxyConfig, rules: readonly { readonly position: Position }[]): boolean {
  return rules.some((rule) => isOwn(proxy, rule));
}

interface Stage {
  /** How the warning calls a rule of this stage, as the line that comes too late and as the one before. */
  readonly late: string;
  readonly early: string;
  has(proxy: ProxyConfig): boolean;
}

/** In the order of processing. */
const STAGES: readonly Stage[] = [
  {
    late: "a 'tcp-request'",
    early: "a 'tcp-request connection'",
    has: (proxy) => hasOwn(proxy, proxy.tcpRequestConnection),
  },
  {
    late: "a 'tcp-request'",
    early: "a 'tcp-request session'",
    has: (proxy) => hasOwn(proxy, proxy.tcpRequestSession),
  },
  {
    late: "a 'tcp-request'",
    early: "a 'tcp-request content'",
    has: (proxy) => hasOwn(proxy, proxy.tcpRequestContent),
  },
  { late: "a 'monitor fail'", early: "a 'monitor fail'", has: (proxy) => proxy.monitorFail.length > 0 },
  { late: "a 'http-request'", early: "an 'http-request'", has: (proxy) => hasOwn(proxy, proxy.httpRequest) },
  { late: "a 'redirect'", early: "a 'redirect'", has: (proxy) => hasOwn(proxy, proxy.redirects) },
  { late: "a 'use_backend'", early: "a 'use_backend'", has: (proxy) => hasOwn(proxy, proxy.useBackend) },
  { late: "a 'use-server'", early: "a 'use-server'", has: (proxy) => hasOwn(proxy, proxy.useServer) },
];

export const RuleStage = {
  CONNECTION: 0,
  SESSION: 1,
  CONTENT: 2,
  HTTP: 4,
  REDIRECT: 5,
  BACKEND: 6,
} as const;

/** Warns when rules of a later stage stand before this line. */
export function warnOrder(
  stage: (typeof RuleStage)[keyof typeof RuleStage],
  proxy: ProxyConfig,
  context: ParseContext,
): void {
  const before = STAGES.slice(stage + 1).find((one) => one.has(proxy));
  if (before === undefined) return;
  context.warn(
    `${STAGES[stage]!.late} rule placed after ${before.early} rule will still be processed before.`,
  );
}

const FINAL = new Set(['accept', 'allow', 'auth', 'close', 'deny', 'redirect', 'reject', 'return', 'tarpit']);

/** Warns when nothing can come past the last rule. */
export function warnUnreachable(rules: readonly Rule[], keyword: string, context: ParseContext): void {
  const last = rules.at(-1);
  if (last === undefined || last.condition !== null || last.action.mayPass === true) return;
  if (!FINAL.has(last.action.name.split(' ')[0]!)) return;
  if (context.proxy !== null && !isOwn(context.proxy, last)) return;
  context.warnHere(
    `previous '${keyword}' action is final and has no condition attached, further entries are NOOP.`,
  );
}
