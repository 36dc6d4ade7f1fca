// The HTTP exchange of `option httpchk` and `http-check` (manual 4.2).

import type { CheckExpect, CheckSettings } from '../../config/model.ts';
import type { Exchange, Verdict } from './probe.ts';
import { CheckStatus } from './status.ts';

/** Methods whose requests need not say that they have no body (RFC 9110 section 8.6). */
const BODILESS: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS']);

/** The request. `state`: value of the state header (`http-check send-state`), or null. */
export function httpCheckRequest(settings: CheckSettings, state: string | null): string {
  const { method, uri, version, host, headers, body } = settings.http;
  let text = `${method} ${uri} ${version}\r\n`;
  if (host !== null) text += `host: ${host}\r\n`;
  let closing = version !== 'HTTP/1.1';
  for (const header of headers) {
    const name = header.name.toLowerCase();
    if (name === 'content-length' || name === 'transfer-encoding') continue;
    if (name === 'host' && host !== null) continue;
    if (name === 'connection') {
      closing = true;
      // What HTTP/1.1 means anyway.
      if (version === 'HTTP/1.1' && header.value.toLowerCase() === 'keep-alive') continue;
    }
    text += `${name}: ${header.value}\r\n`;
  }
  if (state !== null) text += `x-haproxy-server-state: ${state}\r\n`;
  if (body !== '' || !BODILESS.has(method)) text += `content-length: ${body.length}\r\n`;
  if (!closing) text += 'connection: close\r\n';
  return `${text}\r\n${body}`;
}

/** One check's request and the judgement of its answer. */
export class HttpExchange implements Exchange {
  readonly request: string;
  private readonly expects: readonly CheckExpect[];
  private readonly softStop: boolean;
  private readonly needsBody: boolean;

  /** `running`: the server is up, so that a 404 may stop it softly (`disable-on-404`). */
  constructor(settings: CheckSettings, state: string | null, running: boolean) {
    this.request = httpCheckRequest(settings, state);
    this.expects = settings.expects;
    this.softStop = settings.disableOn404 && running;
    this.needsBody = settings.expects.some((expect) => expect.kind === 'string' || expect.kind === 'rstring');
  }

  judge(received: string, over: boolean): Verdict | null {
    const end = received.indexOf('\r\n\r\n');
    const first = received.indexOf('\r\n');
    const line = /^HTTP\/\d\.\d (\d{3})(?: (.*))?$/.exec(first < 0 ? received : received.slice(0, first));
    if (first >= 0 && line === null) return { status: CheckStatus.L7RSP, code: 0, info: '' };
    if (end < 0) return over ? { status: CheckStatus.L7RSP, code: 0, info: '' } : null;
    const code = Number(line![1]);
    const info = line![2] ?? '';
    if (code >= 100 && code < 200 && code !== 101) return this.judge(received.slice(end + 4), over);
    if (code === 404 && this.softStop) return { status: CheckStatus.L7OKC, code, info: '' };
    const head = received.slice(first + 2, end + 2).toLowerCase();
    const body = this.needsBody ? completeBody(head, received.slice(end + 4), over) : '';
    if (body === null) return null;
    if (this.expects.length === 0 && (code < 200 || code > 399))
      return { status: CheckStatus.L7STS, code, info };
    for (const expect of this.expects) {
      if (matches(expect, code, body) !== expect.negate) continue;
      if (expect.kind === 'status' || expect.kind === 'rstatus')
        return { status: CheckStatus.L7STS, code, info };
      const what = expect.negate ? 'matched unwanted content' : 'content check did not match';
      return { status: CheckStatus.L7RSP, code: 0, info: `HTTP ${what}` };
    }
    return { status: CheckStatus.L7OK, code, info: '' };
  }
}

function matches(expect: CheckExpect, code: number, body: string): boolean {
  switch (expect.kind) {
    case 'status':
      return expect.ranges.some(([low, high]) => code >= low && code <= high);
    case 'rstatus':
      return expect.regex!.test(String(code));
    case 'string':
      return body.includes(expect.pattern);
    case 'rstring':
      return expect.regex!.test(body);
  }
}

/** The body without its coding, or null while more of it is to come. */
function completeBody(head: string, raw: string, over: boolean): string | null {
  if (/^transfer-encoding:.*chunked/m.test(head)) {
    let text = '';
    let at = 0;
    for (;;) {
      const line = raw.indexOf('\r\n', at);
      const size = line < 0 ? Number.NaN : Number.parseInt(raw.slice(at, line), 16);
      if (Number.isNaN(size)) return over ? text : null;
      if (size === 0) return text;
      text += raw.slice(line + 2, line + 2 + size);
      at = line + 2 + size + 2;
    }
  }
  const length = /^content-length:\s*(\d+)/m.exec(head);
  if (length !== null && raw.length >= Number(length[1])) return raw.slice(0, Number(length[1]));
  return over ? raw : null;
}
