// The persistence cookie in requests: what it says, and what the server gets to see of it (manual: cookie).

import { CookieScanner } from './cookie-scanner.ts';
import { DATE_SEPARATOR, isOutdated, readDate, unitsOf } from './cookie-dates.ts';
import type { CookieSettings } from '../config/model.ts';
import type { HttpStream } from '../stream/http-stream.ts';

/** Between the server's name and the application's value in prefix mode. */
export const PREFIX_SEPARATOR = '~';
const SPACE = 32;
const TAB = 9;

const scanner = new CookieScanner();

/** What the request's cookie is worth: the third letter of the termination flags (manual 8.5). */
export type CookieFinding = 'N' | 'I' | 'V' | 'E' | 'O';

/**
 * Looks for the first cookie that names a server. On V, `cookieServer` and its dates are set: the server may be down.
 */
export function readCookie(stream: HttpStream, settings: CookieSettings): CookieFinding {
  const { request } = stream;
  let finding: CookieFinding = 'N';
  for (let line = request.find('cookie', 0); line >= 0; line = request.find('cookie', line + 1)) {
    const text = request.valueAt(line);
    scanner.begin(text, false);
    while (scanner.next()) {
      if (!scanner.isNamed(settings.name)) continue;
      const found = judge(stream, settings, text, scanner.valueAt, scanner.valueEnd);
      if (found === 'V') return 'V';
      if (finding === 'N' || finding === 'I') finding = found;
    }
  }
  return finding;
}

function judge(
  stream: HttpStream,
  settings: CookieSettings,
  text: string,
  at: number,
  end: number,
): CookieFinding {
  let nameEnd = end;
  let last = 0;
  let first = 0;
  if (settings.mode === 'prefix') {
    const mark = text.indexOf(PREFIX_SEPARATOR, at);
    if (mark >= 0 && mark < end) nameEnd = mark;
  } else if (settings.mode === 'insert') {
    const mark = text.indexOf(DATE_SEPARATOR, at);
    if (mark >= 0 && mark < end) {
      nameEnd = mark;
      const second = text.indexOf(DATE_SEPARATOR, mark + 1);
      const hasSecond = second >= 0 && second < end;
      last = readDate(text, mark + 1, hasSecond ? second : end);
      if (hasSecond) first = readDate(text, second + 1, end);
    }
  }
  const server = stream.farm!.serverByCookie(text.slice(at, nameEnd));
  if (server === null) return 'I';
  const now = unitsOf(stream.wallMs);
  if (settings.maxidle > 0 && isOutdated(last, settings.maxidle, now)) return 'E';
  if (settings.maxlife > 0 && isOutdated(first, settings.maxlife, now)) return 'O';
  stream.cookieServer = server;
  stream.cookieLast = last;
  stream.cookieFirst = first;
  return 'V';
}

/** Takes out of the request what the server must not see: the cookie (insert indirect) or its prefix. */
export function hideCookie(stream: HttpStream): void {
  const settings = stream.backend!.cookie;
  if (settings === null) return;
  const removes = settings.mode === 'insert' && settings.indirect;
  if (!removes && settings.mode !== 'prefix') return;
  const { request } = stream;
  for (let line = request.find('cookie', 0); line >= 0; line = request.find('cookie', line + 1)) {
    const text = request.valueAt(line);
    const kept = removes ? withoutCookie(text, settings.name) : withoutPrefix(text, settings.name);
    if (kept === text) continue;
    if (kept === '') request.removeAt(line--);
    else request.replaceValueAt(line, kept);
  }
}

/** The Cookie value without every cookie named `name`; the separators of the others stay as they are. */
export function withoutCookie(text: string, name: string): string {
  let kept = '';
  let from = 0;
  scanner.begin(text, false);
  while (scanner.next()) {
    if (!scanner.isNamed(name)) continue;
    const { separatorAt, end } = scanner;
    kept += text.slice(from, Math.max(separatorAt, from));
    from = end;
    // Without anything before it, the separator behind it goes too.
    if (kept === '') from = skipSpaces(text, end + 1);
  }
  if (from === 0) return text;
  return kept + text.slice(from);
}

function skipSpaces(text: string, at: number): number {
  while (at < text.length && (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === TAB)) at++;
  return at;
}

/** The Cookie value with `name=server~value` turned into `name=value`. */
export function withoutPrefix(text: string, name: string): string {
  let kept = '';
  let from = 0;
  scanner.begin(text, false);
  while (scanner.next()) {
    if (!scanner.isNamed(name)) continue;
    const mark = text.indexOf(PREFIX_SEPARATOR, scanner.valueAt);
    if (mark < 0 || mark >= scanner.valueEnd) continue;
    kept += text.slice(from, scanner.valueAt);
    from = mark + 1;
  }
  return from === 0 ? text : kept + text.slice(from);
}
