// An HttpMessage made of literals, for tests.

import type { HttpMessage } from '../http/message.ts';

/** Headers are [name, value] pairs; names may be written in any case. */
export class FakeMessage implements HttpMessage {
  readonly isResponse: boolean;
  method = 'GET';
  target = '/';
  version = '1.1';
  status = 200;
  reason = 'OK';
  proxied = false;
  revision = 0;
  /** Bytes that one edit may add. */
  room = Infinity;
  bodyText = '';
  bodyComplete = true;
  contentLength = -1;
  readonly headers: [string, string][] = [];

  constructor(isResponse: boolean, headers: readonly (readonly [string, string])[] = []) {
    this.isResponse = isResponse;
    for (const [name, value] of headers) this.add(name.toLowerCase(), value);
  }

  headerCount(): number {
    return this.headers.length;
  }
  nameAt(index: number): string {
    return this.headers[index]![0];
  }
  valueAt(index: number): string {
    return this.headers[index]![1];
  }
  find(name: string, from: number): number {
    for (let at = from; at < this.headers.length; at++) if (this.headers[at]![0] === name) return at;
    return -1;
  }
  hasRoom(more: number): boolean {
    return more <= this.room;
  }
  add(name: string, value: string): boolean {
    this.revision++;
    this.headers.push([name, value]);
    return true;
  }
  remove(name: string): number {
    let removed = 0;
    for (let at = this.find(name, 0); at >= 0; at = this.find(name, 0)) {
      this.removeAt(at);
      removed++;
    }
    return removed;
  }
  removeAt(index: number): void {
    this.revision++;
    this.headers.splice(index, 1);
  }
  replaceValueAt(index: number, value: string): void {
    this.revision++;
    this.headers[index]![1] = value;
  }
  setMethod(method: string): void {
    this.revision++;
    this.method = method;
  }
  setTarget(target: string): void {
    this.revision++;
    this.target = target;
  }
  setStatus(status: number, reason: string): void {
    this.revision++;
    this.status = status;
    this.reason = reason;
  }
  body(): string {
    return this.bodyText;
  }
}
