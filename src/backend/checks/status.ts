// Outcomes of health checks: codes for the shared block, names for `show stat`, texts for logs (management.txt 9.1).

export const CheckStatus = {
  UNK: 0,
  INI: 1,
  SOCKERR: 2,
  L4OK: 3,
  L4TOUT: 4,
  L4CON: 5,
  L7OK: 6,
  L7OKC: 7,
  L7TOUT: 8,
  L7RSP: 9,
  L7STS: 10,
} as const;
export type CheckStatus = (typeof CheckStatus)[keyof typeof CheckStatus];

const table: readonly (readonly [string, string])[] = [
  ['UNK', 'Unknown'],
  ['INI', 'Initializing'],
  ['SOCKERR', 'Socket error'],
  ['L4OK', 'Layer4 check passed'],
  ['L4TOUT', 'Layer4 timeout'],
  ['L4CON', 'Layer4 connection problem'],
  ['L7OK', 'Layer7 check passed'],
  ['L7OKC', 'Layer7 check conditionally passed'],
  ['L7TOUT', 'Layer7 timeout'],
  ['L7RSP', 'Layer7 invalid response'],
  ['L7STS', 'Layer7 wrong status'],
];

/** `check_status` of `show stat`. */
export function checkName(status: number): string {
  return table[status]?.[0] ?? 'UNK';
}

/** `check_desc` of `show stat`, and the reason in logs. */
export function checkText(status: number): string {
  return table[status]?.[1] ?? 'Unknown';
}

/** One finished check. */
export interface CheckResult {
  readonly status: CheckStatus;
  /** Layer 7 code, 0 when there is none. */
  readonly code: number;
  /** What else is known, '' for nothing. */
  readonly info: string;
  readonly durationMs: number;
}

/** `, code: N, info: "...", check duration: Nms` as logs have it. */
export function describe(result: CheckResult): string {
  const code = result.code > 0 ? `, code: ${result.code}` : '';
  const info = result.info === '' ? '' : `, info: "${result.info}"`;
  return `, reason: ${checkText(result.status)}${code}${info}, check duration: ${result.durationMs}ms`;
}
