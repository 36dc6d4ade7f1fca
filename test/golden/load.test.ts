// Each file under load/: a configuration, a rule of dashes, the messages that it gets. With UPDATE_GOLDEN=1 the
// messages are rewritten; read the difference before committing it.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { loadText } from '../../src/testing/load.ts';

const folder = new URL('load/', import.meta.url);
const RULE = '----------\n';

for (const name of readdirSync(folder).sort()) {
  test(`golden: load/${name}`, () => {
    const [text, expected] = readFileSync(new URL(name, folder), 'latin1').split(RULE) as [string, string];
    const { config, messages } = loadText(text, { name: name.replace('.txt', '.cfg') });
    const got = [...messages, config === null ? 'refused' : 'accepted'].map((line) => `${line}\n`).join('');
    if (process.env['UPDATE_GOLDEN'] === '1')
      writeFileSync(new URL(name, folder), text + RULE + got, 'latin1');
    else assert.equal(got, expected);
  });
}
