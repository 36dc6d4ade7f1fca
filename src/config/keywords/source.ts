import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { BACK, proxyOf } from './common.ts';
import { readSource } from '../source-words.ts';

export default defineKeyword({
  name: 'source',
  sections: BACK,
  usage:
    'source <addr>[:<port>] [ usesrc { <addr2>[:<port2>] | client | clientip | hdr_ip(<hdr>[,<occ>]) } ] [ interface <name> ]',
  doc: 'The address that connections to servers come from.',
  parse(words, context) {
    const { source, used } = readSource(words, 1, context, {
      missing: "'source' expects <addr>[:<port>], and optionally 'usesrc' <addr>, and 'interface' <name>.",
      usesrc: "'usesrc' expects <addr>[:<port>], 'client', or 'clientip' as argument.",
      interface: "'source' : missing interface name.",
      portRange: false,
    });
    if (words[1 + used] !== undefined) {
      throw new ConfigError("'source' only supports optional keywords 'interface' and 'usesrc'.");
    }
    proxyOf(context).source = source;
  },
});
