// Reads the PROXY header in front of a connection that brings log messages (bind accept-proxy).

import { ProxyHeader, ProxyParse, parseProxyHeader } from '../../proto/proxy/parser.ts';

/** A header with all its values is shorter. */
const LONGEST = 4096;

export class ProxySource {
  private readonly header = new ProxyHeader();
  private held = Buffer.alloc(0);
  /** The header was read: bytes are messages. */
  isDone = false;
  /** The client as the header names it; null where it names none. */
  address: string | null = null;

  /** Gives what follows the header, empty while it is not whole; null where there is none. */
  feed(bytes: Buffer): Buffer | null {
    if (this.isDone) return bytes;
    this.held = Buffer.concat([this.held, bytes]);
    const verdict = parseProxyHeader(this.held, 0, this.held.length, this.header);
    if (verdict === ProxyParse.ERROR || (verdict === ProxyParse.NEED_DATA && this.held.length > LONGEST)) {
      return null;
    }
    if (verdict === ProxyParse.NEED_DATA) return Buffer.alloc(0);
    const { end, local, source } = this.header;
    if (!local && source !== null && source.family !== 'unix') this.address = source.text;
    this.isDone = true;
    return this.held.subarray(end);
  }
}
