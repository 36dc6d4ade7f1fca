// How `show errors` prints a message that broke the protocol (management.txt 9.3).

/** Encoded characters of a line, so that none is wider than 79 columns. */
const LINE_MAX = 70;

const ESCAPES: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 27: '\\e', 92: '\\\\' };

/** One refused message, as the data thread that refused it kept it. */
export interface ErrorCapture {
  readonly atMs: number;
  readonly side: 'request' | 'response';
  readonly frontend: string;
  readonly frontendId: number;
  /** Empty where none was chosen yet. */
  readonly backend: string;
  readonly backendId: number;
  readonly server: string;
  readonly serverId: number;
  /** Counts the messages refused by this thread, from 0. */
  readonly event: number;
  readonly source: string;
  /** What was wrong, in a word of the parser's. */
  readonly state: string;
  /** Offset of the byte that was wrong. */
  readonly position: number;
  readonly bufferSize: number;
  /** What was in the buffer, latin1. */
  readonly bytes: string;
}

/** A proxy keeps its last refused request and its last refused response. */
export const captureKey = ({ side, frontend, backend }: ErrorCapture): string =>
  side === 'request' ? `request ${frontend}` : `response ${backend}`;

/** How many messages were refused in all, and the last of each kind. */
export interface Refusals {
  readonly total: number;
  readonly captures: readonly ErrorCapture[];
}

export const NO_REFUSALS: Refusals = { total: 0, captures: [] };

/** What several threads or generations kept, oldest first. */
export function joinRefusals(parts: readonly Refusals[]): Refusals {
  const last = new Map<string, ErrorCapture>();
  let total = 0;
  for (const part of parts) {
    total += part.total;
    for (const one of part.captures) {
      const key = captureKey(one);
      const before = last.get(key);
      if (before === undefined || before.atMs <= one.atMs) last.set(key, one);
    }
  }
  return { total, captures: [...last.values()].sort((one, other) => one.atMs - other.atMs) };
}

/** `date`: the moment of the capture as logs write it. */
export function errorText(error: ErrorCapture, date: string): string {
  const { side, bytes } = error;
  const named = (name: string, id: number): string => (name === '' ? '<NONE> (#-1)' : `${name} (#${id})`);
  const head =
    side === 'request'
      ? `frontend ${named(error.frontend, error.frontendId)}: invalid request\n` +
        `  backend ${named(error.backend, error.backendId)}, server ${named(error.server, error.serverId)}`
      : `backend ${named(error.backend, error.backendId)}: invalid response\n` +
        `  frontend ${named(error.frontend, error.frontendId)}, server ${named(error.server, error.serverId)}`;
  return (
    ` \n[${date}] ${head}, event #${error.event}, src ${error.source}\n` +
    `  buffer starts at 0 (including 0 out), ${error.bufferSize - bytes.length} free,\n` +
    `  len ${bytes.length}, wraps at ${error.bufferSize}, error at position ${error.position}\n` +
    `  H1 msg state ${error.state} :\n  \n${dump(bytes)}`
  );
}

/** Lines with the offset of their first byte; a plus sign marks one that goes on with the line before. */
export function dump(bytes: string): string {
  let text = '';
  let line = '';
  let from = 0;
  let goesOn = false;
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes.charCodeAt(at);
    const piece =
      ESCAPES[code] ?? (code < 32 || code > 126 ? `\\x${code.toString(16).padStart(2, '0')}` : bytes[at]!);
    if (line.length + piece.length > LINE_MAX) {
      text += `  ${String(from).padStart(5, '0')}${goesOn ? '+' : ' '} ${line}\n`;
      [line, from, goesOn] = ['', at, true];
    }
    line += piece;
    if (code !== 10 && at < bytes.length - 1) continue;
    text += `  ${String(from).padStart(5, '0')}${goesOn ? '+' : ' '} ${line}\n`;
    [line, from, goesOn] = ['', at + 1, false];
  }
  return text;
}
