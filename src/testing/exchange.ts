// An exchange without sockets: parsed messages and as much of a stream as the code that dresses them looks at.

import { BodyReader } from '../http/body.ts';
import { HeadParser } from '../proto/http1/parser.ts';
import { Http1Message } from '../http/http1-message.ts';
import { MappedSlabs } from '../core/slab-memory.ts';
import { requestBody, responseBody } from '../proto/http1/framing.ts';
import { endpoint } from './fake-stream.ts';
import type { CookieSettings, ProxyConfig } from '../config/model.ts';
import type { HttpStream } from '../stream/http-stream.ts';

/** A server as persistence sees it. */
export interface FakeServer {
  readonly name: string;
  readonly cookie: string | null;
  acceptsPersistent: boolean;
}

export function fakeServer(name: string, cookie: string | null, acceptsPersistent = true): FakeServer {
  return { name, cookie, acceptsPersistent };
}

export const plainCookie: CookieSettings = {
  name: 'SRV',
  mode: 'insert',
  indirect: false,
  nocache: false,
  postonly: false,
  preserve: false,
  httponly: false,
  secure: false,
  dynamic: false,
  domains: [],
  attrs: [],
  maxidle: 0,
  maxlife: 0,
};

const memory = new MappedSlabs({ slabSize: 4096, slabCount: 4, permanentBytes: 4096, plain: true });

/** Parses a whole head, given with `\n` line ends and without the blank line. */
export function messageOf(text: string, isResponse: boolean): Http1Message {
  const slab = isResponse ? 1 : 0;
  const at = memory.offsetOf(slab);
  const bytes = `${text.trim().replaceAll('\n', '\r\n')}\r\n\r\n`;
  memory.buffer.write(bytes, at, 'latin1');
  const message = new Http1Message(memory, isResponse, 101);
  const parser = new HeadParser(isResponse ? 'response' : 'request', { headersMax: 101, relaxed: false });
  parser.parse(memory.bytes, at, at + bytes.length, message.head);
  message.begin();
  return message;
}

/** The lines of a message as `name: value`. */
export function linesOf(message: Http1Message): string[] {
  const lines: string[] = [];
  for (let i = 0; i < message.headerCount(); i++) lines.push(`${message.nameAt(i)}: ${message.valueAt(i)}`);
  return lines;
}

/** What the slot was asked for. */
export interface Asked {
  wanted: string | null;
  sticks: boolean;
  evenDown: boolean;
}

export interface Exchange {
  readonly stream: HttpStream;
  readonly asked: Asked[];
  readonly backend: ProxyConfig;
}

export interface ExchangeOptions {
  readonly request?: string;
  readonly response?: string;
  readonly cookie?: CookieSettings | null;
  readonly servers?: readonly FakeServer[];
  readonly backend?: Partial<ProxyConfig>;
  readonly frontend?: Partial<ProxyConfig>;
  readonly wallMs?: number;
}

export function exchange(options: ExchangeOptions): Exchange {
  const request = messageOf(options.request ?? 'GET / HTTP/1.1\nhost: a', false);
  const response = messageOf(options.response ?? 'HTTP/1.1 200 OK\ncontent-length: 0', true);
  const servers = options.servers ?? [fakeServer('a', 'aa'), fakeServer('b', 'bb')];
  const asked: Asked[] = [];
  const backend = {
    cookie: options.cookie ?? null,
    persistRules: [],
    useServer: [],
    options: new Set<string>(),
    ...options.backend,
  } as unknown as ProxyConfig;
  const responseReader = new BodyReader('response');
  responseReader.begin(responseBody(response.head, request.head.method), response.head.contentLength);
  const requestReader = new BodyReader('request');
  requestReader.begin(requestBody(request.head), request.head.contentLength);
  const stream = {
    request,
    response,
    requestBody: requestReader,
    responseBody: responseReader,
    backend,
    frontend: { requestCaptures: [], responseCaptures: [], captureCookie: null, ...options.frontend },
    farm: {
      persists: backend.options.has('persist'),
      serverByCookie: (value: string) => servers.find((server) => server.cookie === value) ?? null,
      serverByName: (name: string) => servers.find((server) => server.name === name) ?? null,
    },
    session: { source: endpoint('127.0.0.1', 4000), destination: endpoint('127.0.0.3', 80) },
    slot: {
      start(wanted: FakeServer | null, sticks: boolean, evenDown: boolean): void {
        asked.push({ wanted: wanted?.name ?? null, sticks, evenDown });
      },
    },
    server: null,
    cookieServer: null,
    cookieLast: 0,
    cookieFirst: 0,
    ruleServer: null,
    persistIgnored: false,
    cookieSeen: '-',
    cookieAction: '-',
    clientKeeps: true,
    serverKeeps: true,
    requestCaptured: [],
    responseCaptured: [],
    requestCookieCaptured: null,
    responseCookieCaptured: null,
    wallMs: options.wallMs ?? 1795411000000,
  };
  return { stream: stream as unknown as HttpStream, asked, backend };
}
