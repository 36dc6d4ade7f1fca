// The Connection header belongs to one hop: what it says about persistence is removed, other options stay.

import { HeaderId } from '../proto/http1/names.ts';
import type { Http1Message } from './http1-message.ts';

const PERSISTENCE: readonly string[] = ['', 'close', 'keep-alive'];
const PERSISTENCE_AND_UPGRADE: readonly string[] = [...PERSISTENCE, 'upgrade'];
const HTTP2: readonly string[] = ['http2-settings'];
const HTTP2_AND_UPGRADE: readonly string[] = [...HTTP2, 'upgrade'];

/** Removes `close` and `keep-alive` from every Connection line, and `upgrade` where it speaks of no Upgrade header. */
export function stripConnection(message: Http1Message): void {
  const upgrades = message.status === 101 || message.head.upgradeAt >= 0;
  removeOptions(message, upgrades ? PERSISTENCE : PERSISTENCE_AND_UPGRADE);
}

/**
 * The parser took an offer of HTTP/2 out of a request's Upgrade header. What went with it (RFC 7540 section 3.2) means
 * nothing without: `upgrade`, where no other protocol is offered, and the settings.
 */
export function withdrawHttp2(request: Http1Message): void {
  removeOptions(request, request.head.upgradeAt < 0 ? HTTP2_AND_UPGRADE : HTTP2);
  for (let i = request.find('http2-settings', 0); i >= 0; i = request.find('http2-settings', i)) {
    request.removeAt(i);
  }
}

function removeOptions(message: Http1Message, options: readonly string[]): void {
  for (let i = message.findId(HeaderId.CONNECTION); i >= 0;) {
    const value = message.valueAt(i);
    const kept = keptOptions(value, options);
    if (kept === '') {
      message.removeAt(i);
      i--;
    } else if (kept !== value) {
      message.replaceValueAt(i, kept);
    }
    i = message.find('connection', i + 1);
  }
}

function keptOptions(value: string, unwanted: readonly string[]): string {
  // The usual values are told apart without cutting them up.
  if (value === 'keep-alive' || value === 'close' || value === 'Keep-Alive' || value === 'Close') return '';
  let kept = '';
  for (const part of value.split(',')) {
    const option = part.trim();
    if (unwanted.includes(option.toLowerCase())) continue;
    kept = kept === '' ? option : `${kept}, ${option}`;
  }
  return kept;
}
