// Files with whole HTTP messages that replace built-in error pages (manual: errorfile, http-errors).

import { ConfigError, type ParseContext } from '../registry/define.ts';
import type { ErrorReply } from './model.ts';

/** Statuses that may have a page of their own. */
export const ERROR_CODES: ReadonlySet<number> = new Set([
  200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414, 421, 422, 425, 429, 431, 500, 501, 502, 503, 504,
]);

/** Reads a status code argument; throws ConfigError for one without a page. */
export function errorCode(text: string | undefined, keyword: string): number {
  const code = Number.parseInt(text ?? '', 10) || 0;
  if (!ERROR_CODES.has(code)) throw new ConfigError(`${keyword} : status code '${code}' not handled.`);
  return code;
}

const STATUS_LINE = /^HTTP\/\d\.\d \d{3}(?: [^\r\n]*)?\r?\n/;
const HEADER = /([!#$%&'*+.^_`|~\w-]+)[ \t]*:[ \t]*([^\r\n]*)\r?\n/y;
const TOKEN = /[!#$%&'*+.^_`|~\w-]*/y;
const BLANK = /\r?\n/y;

/** What the head of a page says. */
interface PageHead {
  /** Where the body begins. */
  readonly end: number;
  /** Announced length of the body, -1 where there is none. */
  readonly length: number;
}

const broken = (path: string, offset: number): ConfigError =>
  new ConfigError(`'${path}': unable to parse headers (error offset: ${offset})`);

/** First character of the status line that is wrong. */
function statusFault(raw: string): number {
  const model = 'HTTP/0.0 000';
  for (let at = 0; at < model.length; at++) {
    const fits = model[at] === '0' ? /\d/.test(raw[at] ?? '') : raw[at] === model[at];
    if (!fits) return at < 8 ? 0 : at;
  }
  return model.length;
}

function parseHead(raw: string, path: string): PageHead {
  const line = STATUS_LINE.exec(raw);
  if (line === null) throw broken(path, statusFault(raw));
  let at = line[0].length;
  let length = -1;
  for (;;) {
    BLANK.lastIndex = at;
    if (BLANK.test(raw)) return { end: BLANK.lastIndex, length };
    HEADER.lastIndex = at;
    const header = HEADER.exec(raw);
    if (header === null) {
      if (!raw.includes('\n', at)) throw broken(path, -2);
      TOKEN.lastIndex = at;
      TOKEN.test(raw);
      throw broken(path, TOKEN.lastIndex);
    }
    const [whole, name, value] = header;
    const key = name!.toLowerCase();
    if (key === 'transfer-encoding') {
      throw new ConfigError(`'${path}': chunk-encoded payload not supported`);
    }
    if (key === 'content-length') {
      const said = /^\d+$/.test(value!) ? Number(value) : -1;
      if (said < 0 || (length >= 0 && said !== length)) throw broken(path, at + whole.indexOf(value!));
      length = said;
    }
    at = HEADER.lastIndex;
  }
}

/**
 * Reads the page of `status` from a file; an empty file closes connections silently. Throws ConfigError, without the
 * keyword before its text.
 */
export function readErrorFile(status: number, path: string, context: ParseContext): ErrorReply {
  let raw: string;
  try {
    raw = Buffer.from(context.readFile(path)).toString('latin1');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`error opening file '${path}'.`);
  }
  const most = context.config.global.bufsize - context.config.global.maxrewrite;
  if (raw.length > most) {
    context.warn(`errorfile : custom error file '${path}' larger than ${most} bytes. Truncating.`);
    raw = raw.slice(0, most);
  }
  if (raw !== '') {
    const { end, length } = parseHead(raw, path);
    const body = raw.slice(end);
    if (length >= 0 && length !== body.length) {
      throw new ConfigError(
        `'${path}': payload size does not match the announced content-length (${body.length} != ${length})`,
      );
    }
    const head = raw.slice(0, end).trimEnd().replace(/\r?\n/g, '\r\n');
    raw = `${head}${length >= 0 ? '' : `\r\ncontent-length: ${body.length}`}\r\n\r\n${body}`;
  }
  return { status, raw, make: null, source: path };
}

/** The same for the keyword errorfile, which names itself in what it says. */
export function readPage(status: number, path: string, context: ParseContext): ErrorReply {
  try {
    return readErrorFile(status, path, context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`errorfile : ${error.message}`);
  }
}
