import type { ServerConnection } from './server-connection.ts';
import type { Stream } from './stream.ts';
export function sendProxyHeader(_s: Stream, _c: ServerConnection): void {}
