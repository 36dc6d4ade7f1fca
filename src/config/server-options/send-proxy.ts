// The PROXY protocol header that a server gets (manual 5.2).

import { ConfigError, defineServerOption, type ServerOption } from '../../registry/define.ts';
import { Phase } from '../../sample/expression.ts';
import { rewording } from '../keywords/common.ts';
import { flag, valued } from './shapes.ts';

const tlv: ServerOption = defineServerOption({
  name: 'set-proxy-v2-tlv-fmt',
  usage: 'set-proxy-v2-tlv-fmt(<id>) <fmt>',
  doc: 'Adds a TLV to the PROXY v2 header.',
  defaultServer: true,
  parse() {
    throw new ConfigError("'set-proxy-v2-tlv-fmt' is used with the TLV type in parentheses.");
  },
});

export const sendProxyOptions: readonly ServerOption[] = [
  valued('proxy-v2-options', 'What the PROXY v2 header says beside addresses.', (server, value) => {
    server.proxyV2Options = value.split(',');
    for (const word of server.proxyV2Options) {
      if (['ssl', 'cert-cn', 'cert-key', 'cert-sig', 'ssl-cipher'].includes(word)) {
        throw new ConfigError(`'proxy-v2-options ${word}' is known but not yet supported`);
      }
      if (!['crc32c', 'unique-id', 'authority'].includes(word)) {
        throw new ConfigError(`'${word}' : proxy v2 option not implemented`);
      }
    }
  }),
  flag('send-proxy', 'Sends a PROXY protocol v1 header.', (server) => {
    server.sendProxy = 1;
  }),
  flag('no-send-proxy', 'Undoes `send-proxy`.', (server) => {
    server.sendProxy = 0;
  }),
  flag('send-proxy-v2', 'Sends a PROXY protocol v2 header.', (server) => {
    server.sendProxy = 2;
  }),
  flag('no-send-proxy-v2', 'Undoes `send-proxy-v2`.', (server) => {
    server.sendProxy = 0;
  }),
  tlv,
];

/** `set-proxy-v2-tlv-fmt(0x20)` carries its type in its name. */
export function tlvOption(name: string): ServerOption | undefined {
  const match = /^set-proxy-v2-tlv-fmt\((0x[0-9a-fA-F]{1,2}|\d{1,3})\)$/.exec(name);
  if (match === null) return undefined;
  const type = Number(match[1]);
  if (type > 255) return undefined;
  return {
    ...tlv,
    parse(words, at, server, context) {
      // At the end of the line the value is empty.
      const format = words[at + 1] ?? '';
      server.proxyV2Tlvs = [
        ...server.proxyV2Tlvs,
        {
          type,
          format: rewording(
            () => context.logFormat(format, Phase.REQUEST_CONTENT | Phase.REQUEST_HTTP | Phase.SESSION),
            (text) => `failed to parse '${name}' : ${text}`,
          ),
        },
      ];
      return 1;
    },
  };
}
