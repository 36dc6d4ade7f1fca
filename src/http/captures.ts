// `capture request header`, `capture response header`, `capture cookie`: what the frontend's log line wants to keep of
// a message, taken before any rule edits it.

import { CookieScanner } from './cookie-scanner.ts';
import type { CaptureHeader } from '../config/model.ts';
import type { Http1Message } from './http1-message.ts';
import type { HttpStream } from '../stream/http-stream.ts';

const scanner = new CookieScanner();

/** Fills the request's capture slots and `requestCookieCaptured`. */
export function captureRequestHeaders(stream: HttpStream): void {
  const { requestCaptures, responseCaptures, captureCookie } = stream.frontend;
  // Logs show the response's slots as well when there is no response.
  while (stream.responseCaptured.length < responseCaptures.length) stream.responseCaptured.push(null);
  if (requestCaptures.length > 0) captureInto(stream.request, requestCaptures, stream.requestCaptured);
  if (captureCookie !== null) {
    stream.requestCookieCaptured = findCookie(stream.request, 'cookie', captureCookie);
  }
}

/** Fills the response's capture slots and `responseCookieCaptured`. */
export function captureResponseHeaders(stream: HttpStream): void {
  const { responseCaptures, captureCookie } = stream.frontend;
  if (responseCaptures.length > 0) captureInto(stream.response, responseCaptures, stream.responseCaptured);
  if (captureCookie !== null) {
    stream.responseCookieCaptured = findCookie(stream.response, 'set-cookie', captureCookie);
  }
}

/** The whole value of the last line of each name (manual: capture request header). */
function captureInto(
  message: Http1Message,
  wanted: readonly CaptureHeader[],
  slots: (string | null)[],
): void {
  for (let i = 0; i < wanted.length; i++) {
    const { name, length } = wanted[i]!;
    const line = lastLine(message, name);
    // Slots of `declare capture` stand between these and are filled by rules.
    while (slots.length <= i) slots.push(null);
    if (line < 0) slots[i] = null;
    else slots[i] = message.valueAt(line).slice(0, length);
  }
}

function lastLine(message: Http1Message, name: string): number {
  let last = -1;
  for (let i = message.find(name, 0); i >= 0; i = message.find(name, i + 1)) last = i;
  return last;
}

/** The first cookie whose name is (or with `prefix`: begins with) `name`, as `name=value`. */
function findCookie(
  message: Http1Message,
  header: string,
  wanted: { readonly name: string; readonly length: number; readonly prefix: boolean },
): string | null {
  for (let i = message.find(header, 0); i >= 0; i = message.find(header, i + 1)) {
    const text = message.valueAt(i);
    scanner.begin(text, header === 'set-cookie');
    while (scanner.next()) {
      const { nameAt, nameEnd, valueAt, valueEnd } = scanner;
      if (!text.startsWith(wanted.name, nameAt)) continue;
      const length = nameEnd - nameAt;
      if (wanted.prefix ? length < wanted.name.length : length !== wanted.name.length) continue;
      return `${text.slice(nameAt, nameEnd)}=${text.slice(valueAt, valueEnd)}`.slice(0, wanted.length);
    }
  }
  return null;
}
