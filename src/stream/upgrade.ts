import type { HttpStream } from './http-stream.ts';
export function startTunnel(stream: HttpStream): void {
  stream.tunnel.start(stream.session.client, stream.upstream!);
}
