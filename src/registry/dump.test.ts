import { match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { dumpKeywords } from './dump.ts';

test('each class lists its keywords', () => {
  const all = dumpKeywords('all');
  match(all, /^# List of registered configuration keywords:\nglobal\n/);
  match(all, /\n\tbind <addr> name\n/);
  match(all, /\nlower: str => str\n/);
  match(all, /\n\[( [Y.]){22} \] path: str\n/);
  ok(!dumpKeywords('cnv').includes('\tbind'));
});

test('no class and unknown ones show the classes', () => {
  match(dumpKeywords('help'), /^# List of supported keyword classes:\nall: list all keywords\n/);
  match(dumpKeywords('nosuch'), /\nsmp: sample fetch functions\n/);
});
