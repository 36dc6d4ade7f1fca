// Answers that do not come from a server: error pages, `return`, `redirect`, `deny`. They take the same way through
// http-after-response as a server's answer, so they are written as a message first and then parsed like one.

import { Counter } from '../core/shared.ts';
import { HeadParser, Parse } from '../proto/http1/parser.ts';
import { Req, Res } from './http-stream.ts';
import { addPersistence } from '../http/response-headers.ts';
import { countClientAbort } from './accounting.ts';
import { runAfterResponse } from './response.ts';
import { defaultError } from '../http/errors.ts';
import { failExchange, finishExchange } from './finish.ts';
import { pathqOf } from '../sample/fetches/request-line.ts';
import { writeLatin1 } from '../proto/http1/writer.ts';
import type { HttpStream } from './http-stream.ts';
import type { ErrorReply, ProxyConfig } from '../config/model.ts';
import type { LocalReply } from '../rules/rule.ts';

const parser = new HeadParser('response', { headersMax: 101, relaxed: true });

/** The proxy's error reply for `status`: an errorfile, errorloc or the built-in page. */
export function replyError(stream: HttpStream, status: number): void {
  const { backend, frontend } = stream;
  const custom = ownError(backend, status) ?? ownError(frontend, status);
  if (status === 400 || status === 408 || status === 413 || status === 414) stream.clientKeeps = false;
  if (custom === null) replyRaw(stream, status, defaultError(status));
  else if (custom.make !== null) replyLocal(stream, custom.make(stream)!);
  else replyPage(stream, status, custom.raw!);
}

/** What the configuration says for a status; null where that is nothing. */
function ownError(proxy: ProxyConfig | null, status: number): ErrorReply | null {
  const page = proxy?.errors.get(status);
  return page === undefined || (page.raw === null && page.make === null) ? null : page;
}

/** A whole message from a file; an empty one closes the connection without a word. */
function replyPage(stream: HttpStream, status: number, raw: string): void {
  if (raw !== '') {
    replyRaw(stream, status, raw);
    return;
  }
  stream.clientKeeps = false;
  stream.status = status;
  failExchange(stream);
}

export function replyLocal(stream: HttpStream, reply: LocalReply): void {
  if (reply.raw !== null) {
    replyPage(stream, reply.status, reply.raw);
    return;
  }
  let text = `HTTP/1.1 ${reply.status} ${reply.reason}\r\n`;
  for (const [name, value] of reply.headers) text += `${name}: ${value}\r\n`;
  const bodiless = reply.status === 204 || reply.status === 304 || reply.status < 200;
  if (!bodiless) text += `content-length: ${reply.body.length}\r\n`;
  if (reply.contentType !== null && reply.body !== '') text += `content-type: ${reply.contentType}\r\n`;
  replyRaw(stream, reply.status, `${text}\r\n${bodiless ? '' : reply.body}`);
}

/** The client is to ask the server that was chosen for it by itself (redir); the connection closes, as HAProxy's does. */
export function replyElsewhere(stream: HttpStream, prefix: string): void {
  stream.clientKeeps = false;
  const location = `${prefix}${pathqOf(stream.request)}`;
  const raw = `HTTP/1.1 302 Found\r\ncache-control: no-cache\r\ncontent-length: 0\r\nlocation: ${location}\r\n\r\n`;
  replyRaw(stream, 302, raw);
}

/** Sends a whole HTTP/1 message. */
export function replyRaw(stream: HttpStream, status: number, raw: string): void {
  const { plane, session, response } = stream;
  const { client } = session;
  const { memory } = plane.reactor;
  stream.disarm();
  dropServer(stream);
  stream.direction = 'response';
  stream.status = status;
  if (client.failed < 0 || client.busySending) {
    failExchange(stream);
    return;
  }
  if (raw.length > memory.slabSize) {
    replyTooLong(stream, status);
    return;
  }
  const slab = stream.responseOut >= 0 ? stream.responseOut : memory.take();
  const second = slab >= 0 ? memory.take() : -1;
  if (second < 0) {
    if (slab >= 0) stream.responseOut = slab;
    stream.session.owner.block.counters[Counter.INTERNAL_ERRORS]! += 1;
    // The client may still be reading the answer before this one: it gets an end, no reset.
    stream.clientKeeps = false;
    stream.serverKeeps = false;
    finishExchange(stream);
    return;
  }
  stream.responseOut = slab;
  const at = memory.offsetOf(second);
  const end = writeLatin1(memory.bytes, at, raw);
  parser.reset();
  if (parser.parse(memory.bytes, at, end, response.head) !== Parse.HEAD) {
    // Not an HTTP message (an old errorfile): sent as it is, the connection closes after it.
    memory.release(second);
    const from = memory.offsetOf(slab);
    stream.clientKeeps = false;
    send(stream, from, writeLatin1(memory.bytes, from, raw));
    return;
  }
  response.begin();
  const { status: said } = response;
  response.bodyAt = response.head.end;
  response.bodyEnd = end;
  response.bodyComplete = true;
  response.remove('connection');
  if (stream.challenge !== null) {
    const name = stream.request.proxied ? 'proxy-authenticate' : 'www-authenticate';
    response.remove(name);
    response.add(name, stream.challenge);
    stream.challenge = null;
  }
  if (!stream.requestComplete || stream.session.isDraining) stream.clientKeeps = false;
  // Without a valid request there is nothing that rules could look at.
  const edited = stream.capturedMethod === null || runAfterResponse(stream);
  addPersistence(stream);
  const from = memory.offsetOf(slab);
  if (!edited || !response.writeTo(from, from + memory.slabSize)) {
    memory.release(second);
    if (edited) failExchange(stream);
    return;
  }
  let to = response.outEnd;
  const length = response.bodyEnd - response.bodyAt;
  const wanted = stream.broken || stream.capturedMethod !== 'HEAD';
  if (wanted && length <= from + memory.slabSize - to) {
    memory.bytes.copyWithin(to, response.bodyAt, response.bodyEnd);
    to += length;
  }
  response.forget();
  memory.release(second);
  // A page may say another status than the one it stands for; logs show what was meant, or what rules made of it.
  if (response.status !== said) stream.status = response.status;
  send(stream, from, to);
}

/** An answer that was made longer than tune.bufsize: the client gets a 500 for it. */
function replyTooLong(stream: HttpStream, status: number): void {
  stream.session.owner.block.counters[Counter.INTERNAL_ERRORS]! += 1;
  stream.endsRefused();
  // The page of 500 may be what is too long.
  if (status === 500) replyRaw(stream, 500, defaultError(500));
  else replyError(stream, 500);
}

function send(stream: HttpStream, from: number, to: number): void {
  stream.res = Res.LOCAL;
  stream.session.arm(stream.frontend.timeouts.client);
  stream.session.client.send(from, to, false);
}

/** The server's part is over: its connection is closed, its slot is free. */
function dropServer(stream: HttpStream): void {
  const { upstream } = stream;
  // What more comes of the request goes nowhere: it is thrown away when the connection closes.
  stream.req = Req.DONE;
  if (upstream !== null && upstream.busySending) {
    // Its memory stays until the kernel is done: finishExchange waits for that.
    upstream.cancelSending();
    return;
  }
  stream.serverKeeps = false;
  if (upstream !== null || stream.slot.waiting) stream.slot.end();
}

export function replySent(stream: HttpStream, result: number): void {
  if (result < 0) {
    countClientAbort(stream);
    failExchange(stream);
    return;
  }
  stream.bytesOut += result;
  if (stream.restOfReply !== null && stream.restAt < stream.restOfReply.length) {
    sendRest(stream, stream.restOfReply);
    return;
  }
  stream.res = Res.DONE;
  stream.serverKeeps = false;
  finishExchange(stream);
}

/**
 * A 200 whose body may be longer than a slab: it goes out piece by piece behind its head. `body` may be anything that
 * `type` says, for clients of all versions.
 */
export function replyLong(stream: HttpStream, type: string, body: Uint8Array): void {
  stream.restOfReply = stream.capturedMethod === 'HEAD' ? null : body;
  stream.restAt = 0;
  replyRaw(
    stream,
    200,
    `HTTP/1.1 200 OK\r\ncache-control: no-cache\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
}

function sendRest(stream: HttpStream, body: Uint8Array): void {
  const { memory } = stream.plane.reactor;
  const from = memory.offsetOf(stream.responseOut);
  const length = Math.min(memory.slabSize, body.length - stream.restAt);
  memory.bytes.set(body.subarray(stream.restAt, stream.restAt + length), from);
  stream.restAt += length;
  send(stream, from, from + length);
}

/** 103 Early Hints before the final answer. Skipped while another send is in flight. */
export function sendEarlyHints(stream: HttpStream, lines: readonly (readonly [string, string])[]): void {
  const { session, request } = stream;
  if (session.client.busySending || request.head.version < 11 || stream.requestOut >= 0) return;
  let text = 'HTTP/1.1 103 Early Hints\r\n';
  for (const [name, value] of lines) text += `${name}: ${value}\r\n`;
  text += '\r\n';
  session.client.sendAside(text);
}
