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
  /** The agent answered and said nothing about health. */
  CHECKED: 11,
} as const;
export type CheckStatus = (typeof CheckStatus)[keyof typeof CheckStatus];

/** Name, text, number and result (0 unknown, 1 neutral, 2 failed, 3 passed, 4 conditionally) in server states. */
const table: readonly (readonly [string, string, number, number])[] = [
  ['UNK', 'Unknown', 0, 0],
  ['INI', 'Initializing', 1, 0],
  ['SOCKERR', 'Socket error', 5, 2],
  ['L4OK', 'Layer4 check passed', 6, 3],
  ['L4TOUT', 'Layer4 timeout', 7, 2],
  ['L4CON', 'Layer4 connection problem', 8, 2],
  ['L7OK', 'Layer7 check passed', 15, 3],
  ['L7OKC', 'Layer7 check conditionally passed', 16, 4],
  ['L7TOUT', 'Layer7 timeout', 12, 2],
  ['L7RSP', 'Layer7 invalid response', 13, 2],
  ['L7STS', 'Layer7 wrong status', 17, 2],
  ['CHECKED', 'No status change', 3, 1],
];

/** `check_status` of `show stat`. */
export function checkName(status: number): string {
  return table[status]?.[0] ?? 'UNK';
}

/** `check_desc` of `show stat`, and the reason in logs. */
export function checkText(status: number): string {
  return table[status]?.[1] ?? 'Unknown';
}

/** The status that server states give this number, `UNK` for one that these checks do not have. */
export function checkOfNumber(number: number): number {
  return Math.max(
    0,
    table.findIndex((row) => row[2] === number),
  );
}

/** `srv_check_status` and `srv_check_result` of `show servers state`. */
export function checkNumbers(status: number): readonly [status: number, result: number] {
  const row = table[status] ?? table[0]!;
  return [row[2], row[3]];
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

/** `, code: N, info: "...", check duration: Nms` as logs have it; what an agent says has the code 0. */
export function describe(result: CheckResult, agent = false): string {
  const spoke = agent && (result.status === CheckStatus.L7OK || result.status === CheckStatus.L7STS);
  const code = result.code > 0 || spoke ? `, code: ${result.code}` : '';
  const info = result.info === '' ? '' : `, info: "${result.info}"`;
  return `, reason: ${checkText(result.status)}${code}${info}, check duration: ${result.durationMs}ms`;
}
