import { test } from 'node:test';
import { equal, match } from 'node:assert/strict';
import { newGlobal } from '../config/defaults.ts';
import { threadNotice, threadsOf } from './threads.ts';
import type { Config } from '../config/model.ts';

test('data threads: nbthread, else the processors as far as they are supported, and a word where not', () => {
  const config = { global: newGlobal() } as unknown as Config;
  equal(threadsOf(config, 3), 3);
  equal(threadNotice(config, 64), null);
  equal(threadsOf(config, 128), 64);
  match(
    threadNotice(config, 128)!,
    /^'nbthread' is not set and 128 processors may be used : 64 data threads/,
  );
  config.global.nbthread = 2;
  equal(threadsOf(config, 128), 2);
  equal(threadNotice(config, 128), null);
  config.global.threadHardLimit = 4;
  equal(threadsOf(config, 128), 2);
  config.global.nbthread = 0;
  equal(threadsOf(config, 128), 4);
  equal(threadNotice(config, 128), null);
});
