import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { parseMasterBind } from './listen.ts';

const plain = { level: 'admin', severity: 'none', mode: null, uid: null, gid: null };

test('addresses of -S', () => {
  deepEqual(parseMasterBind('fd@7'), { address: { kind: 'fd', fd: 7 }, ...plain });
  deepEqual(parseMasterBind('127.0.0.1:1234'), {
    address: { kind: 'tcp', host: '127.0.0.1', port: 1234 },
    ...plain,
  });
  deepEqual(parseMasterBind('[::1]:1'), { address: { kind: 'tcp', host: '::1', port: 1 }, ...plain });
  deepEqual(parseMasterBind(':1'), { address: { kind: 'tcp', host: '0.0.0.0', port: 1 }, ...plain });
  deepEqual(parseMasterBind('abns@m'), { address: { kind: 'unix', path: '\0m' }, ...plain });
});

test('options follow after commas', () => {
  deepEqual(parseMasterBind('/tmp/master-socket,uid,1000,gid,1000,mode,600,level,user'), {
    address: { kind: 'unix', path: '/tmp/master-socket' },
    severity: 'none',
    level: 'user',
    mode: 0o600,
    uid: 1000,
    gid: 1000,
  });
});

const refused: readonly (readonly [string, string])[] = [
  ['here', "'here' is neither a path, nor fd@<number>, nor <address>:<port>"],
  ['1.1.1.1:70000', "'1.1.1.1:70000' is neither a path, nor fd@<number>, nor <address>:<port>"],
  ['/m,level,root', "'level' takes 'user', 'operator' or 'admin': found 'root'"],
  ['/m,mode,99', "'mode' takes an octal file mode: found '99'"],
  ['/m,user,nobody-of-that-name', "'user' : unknown user 'nobody-of-that-name'"],
  ['/m,ssl', "'ssl' needs a value or is not an option of a master socket"],
  ['/m,crt,x', "'crt' is not supported on a master socket"],
];
for (const [text, reason] of refused) test(`-S ${text}`, () => equal(parseMasterBind(text), reason));
