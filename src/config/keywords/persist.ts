// persist rdp-cookie: the server that the cookie of a terminal server names.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { BACK, proxyOf } from './common.ts';

export default [
  defineKeyword({
    name: 'persist',
    sections: BACK,
    usage: 'persist rdp-cookie [ (<name>) ]',
    doc: 'Connections go to the server whose address their RDP cookie holds.',
    parse(words, context) {
      const [, method, extra] = words;
      if (method === undefined) throw new ConfigError('missing persist method.');
      if (!method.startsWith('rdp-cookie')) throw new ConfigError('unknown persist method.');
      const name = method === 'rdp-cookie' ? 'msts' : /^rdp-cookie\((.+)\)$/.exec(method)?.[1];
      if (name === undefined) throw new ConfigError("persist rdp-cookie(name)' requires an rdp cookie name.");
      if (extra !== undefined)
        throw new ConfigError(`'persist' cannot handle unexpected argument '${extra}'.`);
      proxyOf(context).rdpPersist = name.toLowerCase();
    },
  }),
];
