// Each file under config/: a configuration, a rule of dashes, the messages that the language gives for it. With
// UPDATE_GOLDEN=1 the messages are rewritten; read the difference before committing it.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { formatMessage } from '../../src/config/diagnostics.ts';
import { readText } from '../../src/testing/config.ts';

const folder = new URL('config/', import.meta.url);
const RULE = '----------\n';

for (const name of readdirSync(folder).sort()) {
  test(`golden: ${name}`, () => {
    const [text, expected] = readFileSync(new URL(name, folder), 'latin1').split(RULE) as [string, string];
    const { messages } = readText(text, name.replace('.txt', '.cfg'), [['HOME', '/root']]).diagnostics;
    const got = messages
      .map((message) => `${message.level.toUpperCase()} ${formatMessage(message)}\n`)
      .join('');
    if (process.env['UPDATE_GOLDEN'] === '1')
      writeFileSync(new URL(name, folder), text + RULE + got, 'latin1');
    else assert.equal(got, expected);
  });
}
