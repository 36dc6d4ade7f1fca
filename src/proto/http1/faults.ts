/** Why a message is refused. The status is what a client is answered; a faulty server always means 502. */
export const Fault = {
  NONE: 0,
  EMPTY_LINE: 1,
  METHOD: 2,
  TARGET: 3,
  VERSION: 4,
  STATUS: 5,
  REASON: 6,
  LINE_END: 7,
  NAME: 8,
  VALUE: 9,
  TOO_MANY: 10,
  LENGTH: 11,
  ENCODING: 12,
  ENCODING_UNKNOWN: 13,
  HOST: 14,
  AUTHORITY: 15,
  PAYLOAD: 16,
  WEBSOCKET: 17,
  CHUNK_SIZE: 18,
  CHUNK_EXTENSION: 19,
  CHUNK_END: 20,
  TRAILER_SIZE: 21,
} as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

const table: readonly (readonly [status: number, state: string])[] = [
  [200, 'none'],
  [400, 'message-start'],
  [400, 'method'],
  [400, 'target'],
  [400, 'version'],
  [502, 'status'],
  [502, 'reason'],
  [400, 'line-end'],
  [400, 'header-name'],
  [400, 'header-value'],
  [400, 'header-count'],
  [400, 'content-length'],
  [400, 'transfer-encoding'],
  [422, 'transfer-coding'],
  [400, 'host'],
  [400, 'authority'],
  [413, 'payload'],
  [400, 'websocket-key'],
  [400, 'chunk-size'],
  [400, 'chunk-extension'],
  [400, 'chunk-end'],
  [400, 'trailer-size'],
];

/** The status that answers a faulty request. */
export const faultStatus: readonly number[] = table.map(([status]) => status);
/** The parser's state in a word, for logs and "show errors". */
export const faultState: readonly string[] = table.map(([, state]) => state);

/** What went wrong and where. `offset` is an absolute position in the memory that was parsed. */
export interface FaultReport {
  status: number;
  offset: number;
  state: string;
}
