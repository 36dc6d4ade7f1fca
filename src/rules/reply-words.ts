// The reply arguments that `return`, `deny` and `tarpit` share (manual 4.4, http-request return).

import { ConfigError, type ParseContext } from '../registry/define.ts';
import type { LogFormat } from '../sample/logformat.ts';
import { constantFormat } from '../sample/logformat-compile.ts';
import type { LocalReply, RuleTarget } from './rule.ts';
import { errorGroup, readErrorFile } from '../config/error-file.ts';
import { reasonOf } from './reasons.ts';

/** What the words said. */
export interface ReplyWords {
  readonly status: number;
  /** No content at all: the proxy's own error reply is meant, or an empty answer for `return`. */
  readonly bare: boolean;
  /** `default-errorfiles`: the proxy's error reply for the status. */
  readonly defaultErrors: boolean;
  readonly next: number;
  make(target: RuleTarget): LocalReply;
}

/** Parses from `words[at]` until a word that is no reply argument. `statusWords` name the status. */
export function parseReply(
  words: readonly string[],
  at: number,
  defaultStatus: number,
  statusWords: readonly string[],
  phases: number,
  context: ParseContext,
): ReplyWords {
  let status = defaultStatus;
  let contentType: string | null = null;
  let body: LogFormat | null = null;
  let raw: string | null = null;
  let errorFile: string | null = null;
  let group: string | null = null;
  let defaultErrors = false;
  const headers: (readonly [string, LogFormat])[] = [];
  let next = at;
  const value = (what: string): string => {
    const text = words[next + 1];
    if (text === undefined) throw new ConfigError(`'${words[next]!}' expects ${what} as argument`);
    next++;
    return text;
  };
  for (; next < words.length; next++) {
    const word = words[next]!;
    if (statusWords.includes(word)) {
      const text = words[++next];
      if (text === undefined) throw new ConfigError("'status' expects <status_code> as argument");
      status = /^\d+$/.test(text) ? Number(text) : 0;
      if (status < 200 || status > 599) throw new ConfigError(`Unexpected status code '${status}'`);
    } else if (word === 'content-type') contentType = value('<ctype>');
    else if (word === 'string') body = constantFormat(value('<str>'));
    else if (word === 'lf-string') body = context.logFormat(value('<fmt>'), phases);
    else if (word === 'file') body = constantFormat(readText(value('<file>'), context));
    else if (word === 'lf-file') body = context.logFormat(readText(value('<file>'), context), phases);
    else if (word === 'errorfile') errorFile = value('<file>');
    else if (word === 'default-errorfiles') defaultErrors = true;
    else if (word === 'errorfiles') group = value('<name>');
    else if (word === 'hdr') {
      const [name, format] = [words[next + 1], words[next + 2]];
      if (name === undefined || format === undefined) {
        throw new ConfigError("'hdr' expects <name> and <value> as arguments");
      }
      headers.push([name.toLowerCase(), context.logFormat(format, phases)]);
      next += 2;
    } else break;
  }
  if (errorFile !== null) raw = readErrorFile(status, errorFile, context).raw;
  if (group !== null) {
    // Without a page for the status the proxy's own are meant.
    raw = errorGroup(group, context).get(status)?.raw ?? null;
    if (raw === null) defaultErrors = true;
  }
  if (body !== null && body.constant !== '' && contentType === null) {
    throw new ConfigError('a content type must be defined when non-empty payload is configured');
  }
  if (contentType !== null && body === null) {
    context.warn(
      `content-type '${contentType}' ignored by the http reply because neither errorfile nor payload defined.`,
    );
  }
  return {
    status,
    bare: body === null && raw === null && headers.length === 0 && !defaultErrors,
    defaultErrors,
    next,
    make: makeReply(status, body === null ? null : contentType, body, raw, headers),
  };
}

function makeReply(
  status: number,
  contentType: string | null,
  body: LogFormat | null,
  raw: string | null,
  headers: readonly (readonly [string, LogFormat])[],
): (target: RuleTarget) => LocalReply {
  const reason = reasonOf(status);
  const make = (target: RuleTarget): LocalReply => {
    const lines: (readonly [string, string])[] = [];
    for (const [name, format] of headers) {
      const value = format.render(target);
      // A header without a value is left out.
      if (value !== '') lines.push([name, value]);
    }
    return {
      status,
      reason,
      headers: lines,
      contentType,
      body: body === null ? '' : body.render(target),
      raw,
    };
  };
  const varies =
    (body !== null && body.constant === null) || headers.some(([, { constant }]) => constant === null);
  if (varies) return make;
  // Nothing depends on the stream: one reply serves all.
  const reply = make(undefined as unknown as RuleTarget);
  return () => reply;
}

function readText(path: string, context: ParseContext): string {
  try {
    const bytes = context.readFile(path);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  } catch {
    throw new ConfigError(`error opening file '${path}'`);
  }
}
