// set-dumpable: whether a crash leaves a core file although the process changed its user.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { atMost } from './common.ts';

export default defineKeyword({
  name: 'set-dumpable',
  sections: ['global'],
  negatable: true,
  usage: '[no] set-dumpable [ on | off ]',
  doc: 'A process that changed its user may still leave a core file.',
  parse(words, context, form) {
    const value = words[1] ?? 'on';
    atMost(words, 1);
    if (value === 'libs') throw new ConfigError("'set-dumpable libs' is known but not yet supported.");
    if (value !== 'on' && value !== 'off') {
      throw new ConfigError(`'set-dumpable' expects 'on', 'off' or 'libs' but got '${value}'.`);
    }
    context.config.global.dumpable = value === 'on' && form !== 'no';
  },
});
