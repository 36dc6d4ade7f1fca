// The Connection header belongs to one hop: what it says about persistence is removed, other options stay.

import { HeaderId } from '../proto/http1/names.ts';
import type { Http1Message } from './http1-message.ts';

/** Removes `close`, `keep-alive` (and `upgrade` unless it is wanted) from every Connection line. */
export function stripConnection(message: Http1Message, keepUpgrade: boolean): void {
  for (let i = message.findId(HeaderId.CONNECTION); i >= 0;) {
    const value = message.valueAt(i);
    const kept = keptOptions(value, keepUpgrade);
    if (kept === '') {
      message.removeAt(i);
      i--;
    } else if (kept !== value) {
      message.replaceValueAt(i, kept);
    }
    i = message.find('connection', i + 1);
  }
}

function keptOptions(value: string, keepUpgrade: boolean): string {
  // The usual values are told apart without cutting them up.
  if (value === 'keep-alive' || value === 'close' || value === 'Keep-Alive' || value === 'Close') return '';
  let kept = '';
  for (const part of value.split(',')) {
    const option = part.trim();
    const word = option.toLowerCase();
    if (word === '' || word === 'close' || word === 'keep-alive') continue;
    if (word === 'upgrade' && !keepUpgrade) continue;
    kept = kept === '' ? option : `${kept}, ${option}`;
  }
  return kept;
}
