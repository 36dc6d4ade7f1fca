import type { HttpStream } from '../stream/http-stream.ts';
export function hideCookie(_s: HttpStream): void {}
