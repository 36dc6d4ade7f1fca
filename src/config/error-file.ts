// Files with whole HTTP messages that replace built-in error pages (manual: errorfile, http-errors).

import { ConfigError, type ParseContext } from '../registry/define.ts';
import type { ErrorReply } from './model.ts';

/** Statuses that may have a page of their own. */
export const ERROR_CODES: ReadonlySet<number> = new Set([
  200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414, 421, 422, 425, 429, 431, 500, 501, 502, 503, 504,
]);

/** Reads a status code argument; throws ConfigError for one without a page. */
export function errorCode(text: string | undefined, keyword: string): number {
  const code = Number(text);
  if (text === undefined || !ERROR_CODES.has(code)) {
    throw new ConfigError(`${keyword} : status code '${text ?? ''}' not handled.`);
  }
  return code;
}

/** The message with the length that its body really has. */
function withLength(raw: string): string {
  const end = raw.indexOf('\r\n\r\n');
  if (end < 0) return raw;
  const head = raw.slice(0, end).replace(/\r\ncontent-length:[^\r]*/i, '');
  const body = raw.slice(end + 4);
  return `${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** Where the head of a message with bare line feeds ends. */
function headEnd(raw: string): number {
  const match = /\r?\n\r?\n/.exec(raw);
  return match === null ? raw.length : match.index + match[0].length;
}

/** Reads the page of `status` from a file; an empty file closes connections silently. Throws ConfigError. */
export function readErrorFile(status: number, path: string, context: ParseContext): ErrorReply {
  let raw: string;
  try {
    raw = Buffer.from(context.readFile(path)).toString('latin1');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`errorfile : error opening file '${path}'.`);
  }
  const most = context.config.global.bufsize - context.config.global.maxrewrite;
  if (raw.length > most) {
    context.warn(`errorfile : custom error file '${path}' larger than ${most} bytes. Truncating.`);
    raw = raw.slice(0, most);
  }
  if (raw !== '') {
    const end = headEnd(raw);
    const lined = /^[^\n]*\r\n/.test(raw)
      ? raw
      : raw.replace(/\r?\n/g, (feed, at: number) => (at < end ? '\r\n' : feed));
    if (!/^HTTP\/\d\.\d \d{3}[ \r\n]/.test(lined)) {
      throw new ConfigError(`errorfile : unable to convert message in HTX for HTTP return code ${status}.`);
    }
    raw = withLength(lined);
  }
  return { status, raw, make: null, source: path };
}

/** The pages of an http-errors section, which must stand before its users. Throws ConfigError. */
export function errorGroup(name: string, context: ParseContext): ReadonlyMap<number, ErrorReply> {
  const group = context.config.httpErrors.get(name);
  if (group === undefined) throw new ConfigError(`unable to find the http-errors section '${name}'`);
  return group;
}
