// Where and when a log line is made (manual 8.2.6 %OG, 8.3.5 log-profile, 4.2 log-steps, 4.4 do-log).

export const Origin = {
  UNSPEC: 0,
  SESS_ERROR: 1,
  SESS_KILLED: 2,
  TXN_ACCEPT: 3,
  TXN_REQUEST: 4,
  TXN_CONNECT: 5,
  TXN_RESPONSE: 6,
  TXN_CLOSE: 7,
  QUIC_INIT: 8,
  TCP_REQ_CONN: 9,
  TCP_REQ_SESS: 10,
  TCP_REQ_CONT: 11,
  TCP_RES_CONT: 12,
  HTTP_REQ: 13,
  HTTP_RES: 14,
  HTTP_AFTER_RES: 15,
} as const;
export type Origin = (typeof Origin)[keyof typeof Origin];

/** What %OG says, by origin. */
export const ORIGIN_NAMES: readonly string[] = [
  'unspec',
  'sess_error',
  'sess_killed',
  'txn_accept',
  'txn_request',
  'txn_connect',
  'txn_response',
  'txn_close',
  'quic-init',
  'tcp-req-conn',
  'tcp-req-sess',
  'tcp-req-cont',
  'tcp-res-cont',
  'http-req',
  'http-res',
  'http-after-res',
];

/** Steps of a transaction that `log-steps` may name. */
export const STEPS: ReadonlyMap<string, Origin> = new Map([
  ['accept', Origin.TXN_ACCEPT],
  ['request', Origin.TXN_REQUEST],
  ['connect', Origin.TXN_CONNECT],
  ['response', Origin.TXN_RESPONSE],
  ['close', Origin.TXN_CLOSE],
]);

/** What may stand behind `on` in a log-profile, besides `any`; an error has two origins. */
export const PROFILE_STEPS: ReadonlyMap<string, readonly Origin[]> = new Map<string, readonly Origin[]>([
  ...[...STEPS].map(([name, origin]) => [name, [origin]] as const),
  ['error', [Origin.SESS_ERROR, Origin.SESS_KILLED]],
  ...ORIGIN_NAMES.flatMap((name, origin) =>
    origin >= Origin.QUIC_INIT ? [[name, [origin as Origin]] as const] : [],
  ),
]);

/** All steps of a transaction. */
export const ALL_STEPS = [...STEPS.values()].reduce<number>((mask, origin) => mask | (1 << origin), 0);
