// The reply arguments that `return`, `deny`, `tarpit` and `http-error` share (manual 4.4, http-request return).

import { ConfigError, type ParseContext } from '../registry/define.ts';
import type { LogFormat } from '../sample/logformat.ts';
import { constantFormat } from '../sample/logformat-compile.ts';
import type { LocalReply, RuleTarget } from './rule.ts';
import { ERROR_CODES, readErrorFile } from '../config/error-file.ts';
import { reasonOf } from './reasons.ts';

const PAYLOADS = [
  'default-errorfiles',
  'errorfile',
  'errorfiles',
  'file',
  'lf-file',
  'string',
  'lf-string',
] as const;
type Payload = (typeof PAYLOADS)[number];

/** Headers that only the reply itself can know. */
const OWN_HEADERS: readonly string[] = ['content-length', 'content-type', 'transfer-encoding'];

/** How a keyword uses the words. */
export interface ReplyForm {
  /** The status where none is given. */
  readonly status: number;
  /** Words that may stand before the status. */
  readonly statusWords: readonly string[];
  /** Without any argument, deny_status apart, the proxy's error page is meant, else an answer without content. */
  readonly bareIsDefault: boolean;
  /** False: whoever asks looks the page of `errorfiles` up. */
  readonly groupIsLate?: boolean;
}

/** What the words said. */
export interface ReplyWords {
  readonly status: number;
  readonly kind: Payload | null;
  /** The http-errors section of `errorfiles`. */
  readonly group: string | null;
  /** First word that is none of the reply's. */
  readonly next: number;
  /** Null: the proxy's error page for the status is meant. */
  readonly make: (target: RuleTarget) => LocalReply | null;
}

const toProxy = (): null => null;

/** Parses from `words[at]` until a word that is no reply argument. Throws ConfigError. */
export function parseReply(
  words: readonly string[],
  at: number,
  form: ReplyForm,
  phases: number,
  context: ParseContext,
): ReplyWords {
  let { status } = form;
  let contentType: string | null = null;
  let kind: Payload | null = null;
  let text = '';
  const headers: (readonly [string, LogFormat])[] = [];
  let next = at;
  let bare = true;
  const value = (what: string): string => {
    const word = words[next + 1];
    if (word === undefined) throw new ConfigError(`'${words[next]!}' expects ${what} as argument`);
    next++;
    return word;
  };
  for (; next < words.length; next++) {
    const word = words[next]!;
    const payload = PAYLOADS.find((name) => name === word);
    if (form.statusWords.includes(word)) {
      bare &&= word === 'deny_status';
      const code = words[++next];
      if (code === undefined) throw new ConfigError("'status' expects <status_code> as argument");
      status = Number.parseInt(code, 10) || 0;
      if (status < 200 || status > 599) throw new ConfigError(`Unexpected status code '${status}'`);
    } else if (word === 'content-type') contentType = value('<ctype>');
    else if (payload !== undefined) {
      if (kind !== null) {
        throw new ConfigError(`unexpected '${word}' argument, '${kind}' already defined`);
      }
      kind = payload;
      if (kind !== 'default-errorfiles') text = value(OPERANDS[kind]);
    } else if (word === 'hdr') {
      const [name, format] = [words[next + 1], words[next + 2]];
      if (name === undefined || format === undefined) {
        throw new ConfigError("'hdr' expects <name> and <value> as arguments");
      }
      next += 2;
      const lower = name.toLowerCase();
      if (OWN_HEADERS.includes(lower)) {
        context.warn(`header '${name}' always ignored by the http reply.`);
      } else headers.push([lower, context.logFormat(format, phases)]);
    } else break;
  }
  bare &&= kind === null && headers.length === 0 && contentType === null;
  if (bare && form.bareIsDefault) kind = 'default-errorfiles';
  const group = kind === 'errorfiles' ? text : null;
  const make = maker(kind, text, status, contentType, headers, form, phases, context);
  return { status, kind, group, next, make };
}

const OPERANDS: Readonly<Record<Exclude<Payload, 'default-errorfiles'>, string>> = {
  errorfile: '<fmt>',
  errorfiles: '<name>',
  file: '<file>',
  'lf-file': '<file>',
  string: '<str>',
  'lf-string': '<fmt>',
};

function maker(
  kind: Payload | null,
  text: string,
  status: number,
  contentType: string | null,
  headers: readonly (readonly [string, LogFormat])[],
  form: ReplyForm,
  phases: number,
  context: ParseContext,
): ReplyWords['make'] {
  if (kind === null) {
    if (contentType !== null) {
      ignored(contentType, 'because neither errorfile nor payload defined', context);
    }
    return replyMaker(status, null, null, headers);
  }
  if (kind === 'default-errorfiles' || kind === 'errorfile' || kind === 'errorfiles') {
    return pageMaker(kind, text, status, contentType, headers, form, context);
  }
  const payload = kind.endsWith('file') ? readText(text, context) : text;
  const body = kind.startsWith('lf-') ? context.logFormat(payload, phases) : constantFormat(payload);
  if ((status === 204 || status === 304) && payload !== '') {
    throw new ConfigError(`No body expected for ${status} responses`);
  }
  if (payload !== '' && contentType === null) {
    throw new ConfigError('a content type must be defined when non-empty payload is configured');
  }
  if (payload === '' && contentType !== null) {
    ignored(contentType, 'when used with an empty payload', context);
  }
  return replyMaker(status, payload === '' ? null : contentType, body, headers);
}

function ignored(contentType: string, why: string, context: ParseContext): void {
  context.warn(`content-type '${contentType}' ignored by the http reply ${why}.`);
}

/** Replies that are whole messages: they leave no room for a type and headers of their own. */
function pageMaker(
  kind: 'default-errorfiles' | 'errorfile' | 'errorfiles',
  text: string,
  status: number,
  contentType: string | null,
  headers: readonly unknown[],
  { groupIsLate = true }: ReplyForm,
  context: ParseContext,
): ReplyWords['make'] {
  if (kind !== 'errorfile' && groupIsLate && !ERROR_CODES.has(status)) {
    throw new ConfigError(`status code '${status}' not handled by default with '${kind}' argument.`);
  }
  if (contentType !== null) ignored(contentType, 'when used with an erorrfile', context);
  if (headers.length > 0) {
    context.warn('hdr parameters ignored by the http reply when used with an erorrfile.');
  }
  if (kind === 'default-errorfiles') return toProxy;
  if (kind === 'errorfile') {
    const reply = pageOf(status, readErrorFile(status, text, context).raw);
    return () => reply;
  }
  // Without a page for the status the answer has no content.
  let reply = pageOf(status, null);
  if (groupIsLate) {
    context.later(() => {
      const owner = `Proxy '${context.proxy?.name ?? ''}':`;
      const group = context.config.httpErrors.get(text);
      const page = group?.get(status);
      if (page !== undefined) reply = pageOf(status, page.raw);
      else if (group === undefined) {
        context.alertPlain(`${owner} unknown http-errors section '${text}' referenced by an http reply .`);
      } else {
        const missing = `not declared in http-errors section '${text}'`;
        context.warnPlain(`${owner} status '${status}' referenced by an http reply ${missing}.`);
      }
    });
  }
  return () => reply;
}

const pageOf = (status: number, raw: string | null): LocalReply => ({
  status,
  reason: reasonOf(status),
  headers: [],
  contentType: null,
  body: '',
  raw,
});

function replyMaker(
  status: number,
  contentType: string | null,
  body: LogFormat | null,
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
      raw: null,
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
