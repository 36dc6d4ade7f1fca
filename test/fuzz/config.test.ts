// Configurations of random lines: loading them ends soon and takes no memory to speak of, nothing is thrown, and what is
// refused is refused with a place and in words that a terminal can show.

import { test } from 'node:test';
import { ok } from 'node:assert/strict';
import fc from 'fast-check';
import { loadText } from '../../src/testing/load.ts';
import { holds, soon } from './fuzz.ts';
import { configurations } from './lines.ts';

const MEBIBYTE = 1 << 20;
const FILES = {
  '/etc/passwd': 'a b\n10.0.0.0/8 net\n\n#x\n^a.* r\n',
  '/x': 'HTTP/1.0 503 No\r\ncontent-length: 2\r\n\r\nno',
};

/** What `text` gets for an answer; fails where loading is not what it should be. */
function check(text: string): void {
  const before = process.memoryUsage.rss();
  const { config, messages } = soon(
    () => loadText(text, { files: FILES, names: { 'a.example.com': '10.1.2.3' } }),
    () => text,
  );
  const grown = (process.memoryUsage.rss() - before) / MEBIBYTE;
  ok(grown < 256, `${Math.round(grown)} MiB`);
  const alerts = messages.filter((message) => message.startsWith('ALERT'));
  ok((config === null) === alerts.length > 0, messages.join('\n'));
  const lines = text.split('\n');
  for (const message of messages) {
    // oxlint-disable-next-line no-control-regex
    ok(/^[\t\n\x20-\x7e\x80-\xff]*$/.test(message), JSON.stringify(message));
    const place = /\[t\.cfg:(\d+)\] ?: ([^]*)/.exec(message);
    // What joins several lines names its proxy instead, as HAProxy does.
    ok(place !== null || /'[^']+'|at t\.cfg:\d|server\(s\)|\[t\.cfg:\d/.test(message), message);
    if (place === null) continue;
    ok(Number(place[1]) >= 1 && Number(place[1]) <= lines.length, message);
    const source = lines[Number(place[1]) - 1]!;
    ok(/[a-z]{2}/i.test(place[2]!) || /^\s*\.[a-z]/.test(source), message);
    ok(
      !/\[object|undefined|\bNaN\b|=> |\bnull\b(?! value)/.test(message) ||
        /undefined|null|NaN|=>|object/.test(text),
      message,
    );
  }
}

test('configurations: random lines are loaded or refused in words', () => {
  holds(5000, fc.property(configurations, check));
});
