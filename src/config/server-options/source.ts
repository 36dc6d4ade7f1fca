import { ConfigError, defineServerOption } from '../../registry/define.ts';
import { readSource } from '../source-words.ts';

export const source = defineServerOption({
  name: 'source',
  usage:
    'source <addr>[:<pl>[-<ph>]] [usesrc { <addr2>[:<port2>] | client | clientip | hdr_ip(<hdr>[,<occ>]) } ] [interface <name>]',
  doc: 'The address, and perhaps the ports, that connections to this server come from.',
  defaultServer: true,
  parse(words, at, server, context) {
    const found = readSource(words, at + 1, context, {
      missing:
        "'source' expects <addr>[:<port>[-<port>]], and optionally 'usesrc' <addr>, and 'interface' <name> as argument.",
      usesrc: "'usesrc' expects <addr>[:<port>], 'client', 'clientip', or 'hdr_ip(name,#)' as argument.",
      interface: "'server' : missing interface name.",
      portRange: true,
    });
    server.source = found.source;
    return found.used;
  },
});

/** Part of `source`; alone it is nothing. */
export const usesrc = defineServerOption({
  name: 'usesrc',
  usage: 'source <addr> usesrc ...',
  doc: 'The address that the server sees, behind `source`.',
  defaultServer: true,
  parse() {
    throw new ConfigError("'usesrc' only allowed after a 'source' statement.");
  },
});
