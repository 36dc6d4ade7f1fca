import type { HttpStream } from '../stream/http-stream.ts';
import type { ForwardedSettings } from '../config/model.ts';
export function forwardedValue(_s: HttpStream, _f: ForwardedSettings): string {
  return '';
}
