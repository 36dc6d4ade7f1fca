import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { BACK, addressOf, notYet, proxyOf } from './common.ts';

export default defineKeyword({
  name: 'source',
  sections: BACK,
  usage: 'source <addr>[:<port>] [ interface <name> ]',
  doc: 'The address that connections to servers come from.',
  parse(words, context) {
    const [, text, option, name] = words;
    if (text === undefined) {
      throw new ConfigError(
        "'source' expects <addr>[:<port>], and optionally 'usesrc' <addr>, and 'interface' <name>.",
      );
    }
    const address = addressOf(text, `'source ${text}'`, context, { portRange: true });
    if (address.portKind === 'range') throw notYet("'source' with a range of ports");
    if (option === 'usesrc') throw notYet("'source ... usesrc'");
    if (option !== undefined && option !== 'interface') {
      throw new ConfigError("'source' only supports optional keywords 'interface' and 'usesrc'.");
    }
    if (option === 'interface' && name === undefined) {
      throw new ConfigError("'source' : missing interface name.");
    }
    proxyOf(context).source = { address, interfaceName: name ?? null };
  },
});
