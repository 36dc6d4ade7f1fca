// The persistence cookie in responses: inserted, rewritten, prefixed, removed or left alone (manual: cookie), and the
// fourth letter of the termination flags that tells which (manual 8.5).

import { CookieScanner } from './cookie-scanner.ts';
import { DATE_SEPARATOR, unitsOf, writeDate } from './cookie-dates.ts';
import { HeaderId } from '../proto/http1/names.ts';
import { Method } from '../proto/http1/head.ts';
import { PREFIX_SEPARATOR } from './cookies.ts';
import { isCacheable } from './cacheability.ts';
import type { CookieSettings } from '../config/model.ts';
import type { HttpStream } from '../stream/http-stream.ts';

const scanner = new CookieScanner();
/** A date that makes a client forget a cookie. */
const LONG_AGO = 'Thu, 01-Jan-1970 00:00:01 GMT';
const attributes = new WeakMap<CookieSettings, string>();

/** Does to the response what the backend's `cookie` asks for. */
export function setCookie(stream: HttpStream): void {
  const settings = stream.backend!.cookie;
  if (settings === null || stream.server === null || stream.persistIgnored) return;
  const { server, cookieServer } = stream;
  // The cookie's server failed and another one answered: the cookie was no good after all.
  if (stream.cookieSeen === 'V' && server !== cookieServer) stream.cookieSeen = 'D';
  const holds = server === cookieServer;
  if (stream.response.findId(HeaderId.SET_COOKIE) >= 0) treatServerCookies(stream, settings, holds);
  if (settings.mode === 'insert') insert(stream, settings, holds);
}

/** `holds`: the client already has a good cookie for this server. */
function treatServerCookies(stream: HttpStream, settings: CookieSettings, holds: boolean): void {
  if (settings.mode === 'passive' && !settings.indirect) return;
  const { response } = stream;
  const value = stream.server!.cookie;
  let line = response.find('set-cookie', 0);
  for (; line >= 0; line = response.find('set-cookie', line + 1)) {
    const text = response.valueAt(line);
    scanner.begin(text, true);
    if (!scanner.next() || !scanner.isNamed(settings.name)) continue;
    stream.cookieAction = 'P';
    if (settings.preserve) continue;
    if (settings.mode === 'insert' || (settings.indirect && holds)) {
      response.removeAt(line--);
      stream.cookieAction = 'D';
    } else if (value !== null && settings.mode === 'rewrite') {
      response.replaceValueAt(line, text.slice(0, scanner.valueAt) + value + text.slice(scanner.valueEnd));
      stream.cookieAction = 'R';
    } else if (value !== null && settings.mode === 'prefix') {
      const { valueAt } = scanner;
      response.replaceValueAt(line, text.slice(0, valueAt) + value + PREFIX_SEPARATOR + text.slice(valueAt));
      stream.cookieAction = 'R';
    }
  }
}

function insert(stream: HttpStream, settings: CookieSettings, holds: boolean): void {
  const value = stream.server!.cookie;
  if (stream.server === stream.ruleServer || stream.cookieAction === 'P') return;
  if (settings.postonly && stream.request.head.method !== Method.POST) return;
  const dated = settings.maxidle > 0 || settings.maxlife > 0;
  const now = dated ? unitsOf(stream.wallMs) : 0;
  if (holds && !(dated && needsUpdate(stream, settings, now))) return;
  const { response } = stream;
  if (value === null) {
    // No cookie names this server: whatever one the client has leads elsewhere.
    response.add('set-cookie', `${settings.name}=; Expires=${LONG_AGO}${attributesOf(settings)}`);
    stream.cookieAction = 'I';
    return;
  }
  let cookie = `${settings.name}=${value}`;
  if (dated) cookie += DATE_SEPARATOR + writeDate(now);
  if (settings.maxlife > 0) cookie += DATE_SEPARATOR + writeDate(stream.cookieFirst || now);
  response.add('set-cookie', cookie + attributesOf(settings));
  if (settings.nocache && isCacheable(stream.request, response)) response.add('cache-control', 'private');
  stream.cookieAction = holds ? 'U' : 'I';
}

/** A good cookie is sent again when its date changes or is missing. */
function needsUpdate(stream: HttpStream, settings: CookieSettings, now: number): boolean {
  if (stream.cookieLast !== 0 ? stream.cookieLast !== now : settings.maxidle > 0) return true;
  return settings.maxlife > 0 && stream.cookieFirst === 0;
}

function attributesOf(settings: CookieSettings): string {
  let text = attributes.get(settings);
  if (text === undefined) {
    text = '; path=/';
    for (const domain of settings.domains) text += `; domain=${domain}`;
    if (settings.httponly) text += '; HttpOnly';
    if (settings.secure) text += '; Secure';
    for (const attribute of settings.attrs) text += `; ${attribute}`;
    attributes.set(settings, text);
  }
  return text;
}
