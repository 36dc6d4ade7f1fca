// The PROXY protocol header in front of a new server connection (server send-proxy, send-proxy-v2).

import { Tlv } from '../proto/proxy/format.ts';
import { writeProxyV1, writeProxyV2, type ProxyTlv } from '../proto/proxy/writer.ts';
import type { ServerConnection } from './server-connection.ts';
import type { Stream } from './stream.ts';

/**
 * Writes the header at `at` of thread memory and returns its end, or -1 where it does not fit before `limit`. The
 * caller sends it in front of the stream's own bytes.
 */
export function writeProxyHeader(
  stream: Stream,
  connection: ServerConnection,
  at: number,
  limit: number,
): number {
  const { config } = connection.server;
  const { source, destination } = stream.session;
  const { bytes } = stream.plane.reactor.memory;
  if (config.sendProxy === 1) return writeProxyV1(bytes, at, source, destination);
  const tlvs: ProxyTlv[] = [];
  for (const option of config.proxyV2Options) {
    if (option === 'unique-id') tlvs.push({ type: Tlv.UNIQUE_ID, value: stream.uniqueId() });
    else if (option === 'authority') {
      const authority = stream.session.proxyTlvs?.get(Tlv.AUTHORITY);
      if (authority !== undefined) tlvs.push({ type: Tlv.AUTHORITY, value: authority });
    }
  }
  for (const { type, format } of config.proxyV2Tlvs) tlvs.push({ type, value: format.render(stream) });
  const checksum = config.proxyV2Options.includes('crc32c');
  return writeProxyV2(bytes, at, limit, source, destination, tlvs, checksum, true);
}
