import type { HttpStream } from './http-stream.ts';
export function assignServer(stream: HttpStream): void {
  stream.slot.start(null, false);
}
