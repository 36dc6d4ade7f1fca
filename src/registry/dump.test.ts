import { test } from 'node:test';
import assert from 'node:assert/strict';
import { DUMP_CLASSES, dumpKeywords } from './dump.ts';

test('dumpKeywords prints the classes asked for, in their own order', () => {
  const text = dumpKeywords('smp,acl');
  const titles = text.split('\n').filter((line) => line.startsWith('# List'));
  assert.deepEqual(titles, [
    '# List of registered ACL keywords:',
    '# List of registered sample fetch functions:',
  ]);
});

test('dumpKeywords shows sides, words and arguments as HAProxy does', () => {
  const lines = dumpKeywords('all').split('\n');
  for (const line of [
    'path_beg = path -m beg',
    '\tbind <addr> accept-proxy',
    '\tbind <addr> backlog +1',
    '\toption dontlognull [ FE ]',
    '\toption http-buffer-request [ FE BE HTTP ]',
    '\tserver <name> <addr> backup',
    '\tserver <name> <addr> weight +1',
    '\ttcp-request connection set-var*',
    '[ . . Y Y Y Y Y Y Y Y Y . . . . . . . . . . . ] base: str',
    'lower: str => str',
  ]) {
    assert.ok(lines.includes(line), line);
  }
});

test('dumpKeywords answers an unknown class with the list of classes', () => {
  assert.deepEqual(dumpKeywords('nope').trimEnd().split('\n').slice(1), ['all', ...DUMP_CLASSES]);
});
