// Redirections (manual 4.2 redirect, 4.4 http-request redirect).

import { type HttpMessage } from '../../http/message.ts';
import { ConfigError, defineAction } from '../../registry/define.ts';
import { hostOf, pathqOf } from '../../sample/fetches/request-line.ts';
import type { LogFormat } from '../../sample/logformat.ts';
import { RULESET_PHASES } from '../parse.ts';
import { RuleSet, type RuleTarget, Verdict } from '../rule.ts';

const CODES = ['301', '302', '303', '307', '308'];
const REASONS: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
};
const FLAGS = ['drop-query', 'append-slash', 'ignore-empty', 'keep-query'];

interface Redirect {
  kind: 'location' | 'prefix' | 'scheme' | null;
  format: LogFormat | null;
  code: number;
  /** A Set-Cookie value, or null. */
  cookie: LogFormat | null;
  cookieTail: string;
  readonly flags: Set<string>;
}

/** Path and query as the flags leave them. */
function rest(request: HttpMessage, flags: ReadonlySet<string>): string {
  const text = pathqOf(request);
  const mark = text.indexOf('?');
  const kept = mark < 0 || !flags.has('drop-query') ? text : text.slice(0, mark);
  return flags.has('append-slash') && !kept.endsWith('/') ? kept + '/' : kept;
}

function locationOf({ kind, format, flags }: Redirect, target: RuleTarget): string {
  const text = format!.render(target);
  const { request } = target;
  if (request === null) return text;
  if (kind === 'scheme') return `${text}://${hostOf(request)}${rest(request, flags)}`;
  // The prefix '/' is nothing in front of the path's own.
  if (kind === 'prefix') return (text === '/' ? '' : text) + rest(request, flags);
  const mark = flags.has('keep-query') ? request.target.indexOf('?') : -1;
  if (mark < 0) return text;
  return text + (text.includes('?') ? '&' : '?') + request.target.slice(mark + 1);
}

function run(redirect: Redirect, target: RuleTarget): Verdict {
  const { code, cookie, cookieTail, flags } = redirect;
  if (flags.has('ignore-empty') && redirect.format!.render(target) === '') return Verdict.CONTINUE;
  const reason = REASONS[code]!;
  let raw = `HTTP/1.1 ${code} ${reason}\r\ncontent-length: 0\r\nlocation: ${locationOf(redirect, target)}\r\n`;
  // Temporary answers must not be kept, whatever a cache thinks of them.
  if (code === 302 || code === 303 || code === 307) raw += 'cache-control: no-cache\r\n';
  if (cookie !== null) raw += `set-cookie: ${cookie.render(target)}${cookieTail}\r\n`;
  raw += '\r\n';
  target.reply = { status: code, reason, headers: [], contentType: null, body: '', raw };
  return Verdict.REPLY;
}

export default defineAction({
  name: 'redirect',
  rulesets: [RuleSet.HTTP_REQUEST, RuleSet.HTTP_RESPONSE],
  usage: 'redirect {location <loc> | prefix <pfx> | scheme <sch>} [code <code>] <option>*',
  doc: 'Answers with a redirection, 302 by default.',
  parse(words, at, ruleset, context) {
    const phases = RULESET_PHASES[ruleset];
    const redirect: Redirect = {
      kind: null,
      format: null,
      code: 302,
      cookie: null,
      cookieTail: '',
      flags: new Set(),
    };
    let next = at + 1;
    const argument = (): string => {
      const text = words[next + 1];
      if (text === undefined) throw new ConfigError(`missing argument for '${words[next]!}'`);
      next++;
      return text;
    };
    for (; next < words.length; next++) {
      const word = words[next]!;
      if (word === 'location' || word === 'prefix' || word === 'scheme') {
        redirect.kind = word;
        redirect.format = context.logFormat(argument(), phases);
      } else if (word === 'code') {
        const code = argument();
        if (!CODES.includes(code)) {
          throw new ConfigError(
            `'code': unsupported HTTP code '${code}' (must be one of 301, 302, 303, 307 or 308)`,
          );
        }
        redirect.code = Number(code);
      } else if (word === 'set-cookie' || word === 'set-cookie-fmt') {
        const text = argument();
        redirect.cookie = context.logFormat(
          word === 'set-cookie' ? text.replaceAll('%', '%%') : text,
          phases,
        );
        redirect.cookieTail = '; path=/;';
      } else if (word === 'clear-cookie') {
        const text = argument().replaceAll('%', '%%');
        redirect.cookie = context.logFormat(text, phases);
        redirect.cookieTail = '; path=/; Max-Age=0;';
      } else if (FLAGS.includes(word)) redirect.flags.add(word);
      else if (word === 'if' || word === 'unless') break;
      else {
        throw new ConfigError(
          "expects 'code', 'prefix', 'location', 'scheme', 'set-cookie', 'clear-cookie', " +
            `'drop-query', 'ignore-empty' or 'append-slash' (was '${word}')`,
        );
      }
    }
    if (ruleset === RuleSet.HTTP_RESPONSE && redirect.kind !== null && redirect.kind !== 'location') {
      throw new ConfigError("response only supports redirect type 'location'");
    }
    if (redirect.kind === null) {
      throw new ConfigError("redirection type expected ('prefix', 'location', or 'scheme')");
    }
    return {
      next,
      action: {
        name: 'redirect',
        needsHttp: true,
        mayPass: redirect.flags.has('ignore-empty'),
        run: (target) => run(redirect, target),
      },
    };
  },
});
