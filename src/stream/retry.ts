// Layer 7 retries (manual: retry-on): the request is sent again where the server's answer, or the lack of one, says so.

import { Req, Res } from './http-stream.ts';
import type { HttpStream } from './http-stream.ts';

const RETRYABLE_STATUS = new Set([401, 403, 404, 408, 421, 425, 429, 500, 501, 502, 503, 504]);
/** Words that all-retryable-errors stands for. */
const ALL = new Set([
  'conn-failure',
  'empty-response',
  'junk-response',
  'response-timeout',
  '0rtt-rejected',
  '500',
  '502',
  '503',
  '504',
]);

/** `reason`: a word of retry-on or a status. True: another attempt runs. */
export function mayRetry(stream: HttpStream, reason: string | number): boolean {
  const words = stream.backend!.retryOn;
  if (words.size === 0 || (words.size === 1 && words.has('conn-failure'))) return false;
  if (typeof reason === 'number' && !RETRYABLE_STATUS.has(reason)) return false;
  const word = String(reason);
  if (!words.has(word) && !(words.has('all-retryable-errors') && ALL.has(word))) return false;
  if (stream.retriesDisabled || !stream.replayable || stream.upstream?.busySending) return false;
  // The client may have gone meanwhile: nobody would read the answer.
  if (stream.session.client.failed < 0) return false;
  stream.req = Req.ASSIGN;
  stream.res = Res.NONE;
  stream.direction = 'request';
  return stream.slot.retryRequest();
}
