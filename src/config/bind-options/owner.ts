// Owner and access mode of a unix socket (manual 5.1).

import { ConfigError, type BindOption } from '../../registry/define.ts';
import { findGroup, findUser } from '../../sys/identity.ts';
import { integer, text } from './shapes.ts';

/** Largest user or group id. */
export const MAX_ID = 4294967294;

/** An octal access mode. Throws ConfigError. */
export function modeOf(value: string): number {
  if (!/^[0-7]{1,4}$/.test(value)) {
    throw new ConfigError(`'mode' : missing or invalid mode '${value}' (octal integer expected)`);
  }
  return Number.parseInt(value, 8);
}

export const ownerOptions: readonly BindOption[] = [
  text('gid', 'Group id of a unix socket.', 'missing value', (bind, value) => {
    bind.gid = integer('gid', value, 0, MAX_ID, 'invalid value %v');
  }),
  text('group', 'Group of a unix socket.', 'missing group name', (bind, value) => {
    const gid = findGroup(value);
    if (gid < 0) throw new ConfigError(`'group' : unknown group name '${value}'`);
    bind.gid = gid;
  }),
  text(
    'mode',
    'Access mode of a unix socket, octal.',
    "missing or invalid mode '' (octal integer expected)",
    (bind, value) => {
      bind.mode = modeOf(value);
    },
  ),
  text('uid', 'Owner id of a unix socket.', 'missing value', (bind, value) => {
    bind.uid = integer('uid', value, 0, MAX_ID, 'invalid value %v');
  }),
  text('user', 'Owner of a unix socket.', 'missing user name', (bind, value) => {
    const user = findUser(value);
    if (user === null) throw new ConfigError(`'user' : unknown user name '${value}'`);
    bind.uid = user.uid;
  }),
];
