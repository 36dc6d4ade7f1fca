// unix-bind: where the unix sockets of `bind` lines are, and whose they are unless their lines say so.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { findGroup, findUser } from '../../sys/identity.ts';
import { MAX_ID, modeOf } from '../bind-options/owner.ts';
import { numberOf, rewording } from './common.ts';
import type { UnixBindSettings } from '../model.ts';

function valueOf(name: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  if (name === 'prefix') throw new ConfigError("unix_bind 'prefix' expects a path as an argument.");
  throw new ConfigError(`'unix-bind' : '${name}' expects a value.`);
}

const OPTIONS: Readonly<Record<string, (settings: UnixBindSettings, value: string) => void>> = {
  prefix(settings, value) {
    settings.prefix = value;
  },
  mode(settings, value) {
    settings.mode = rewording(
      () => modeOf(value),
      (text) => `'unix-bind' : ${text}`,
    );
  },
  uid(settings, value) {
    settings.uid = numberOf(value, 'unix-bind uid', 0, MAX_ID);
  },
  gid(settings, value) {
    settings.gid = numberOf(value, 'unix-bind gid', 0, MAX_ID);
  },
  user(settings, value) {
    const user = findUser(value);
    if (user === null) throw new ConfigError(`'unix-bind' : '${value}' unknown user.`);
    settings.uid = user.uid;
  },
  group(settings, value) {
    const gid = findGroup(value);
    if (gid < 0) throw new ConfigError(`'unix-bind' : '${value}' unknown group.`);
    settings.gid = gid;
  },
};

export default defineKeyword({
  name: 'unix-bind',
  sections: ['global'],
  usage:
    'unix-bind [ prefix <prefix> ] [ mode <mode> ] [ user <user> | uid <uid> ] [ group <group> | gid <gid> ]',
  doc: 'What stands before the paths of unix sockets of `bind` lines behind it, and their owner and access mode by default.',
  parse(words, context) {
    for (let at = 1; at < words.length; at += 2) {
      const name = words[at]!;
      if (!Object.hasOwn(OPTIONS, name)) {
        throw new ConfigError(
          "'unix-bind' only supports the 'prefix', 'mode', 'uid', 'gid', 'user' and 'group' options.",
        );
      }
      OPTIONS[name]!(context.config.global.unixBind, valueOf(name, words[at + 1]));
    }
  },
});
