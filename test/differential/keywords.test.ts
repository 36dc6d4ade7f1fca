// Single lines through Debian's haproxy and through our loader: the same messages. keywords.txt has the lines; those
// whose answer changed between 2.6 and 3.5, or that HAProxy reads more leniently, are not among them.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadText } from '../../src/testing/load.ts';

const missing = spawnSync('haproxy', ['-v']).error !== undefined;
const skip = missing ? 'haproxy is not installed' : false;

const TIMEOUTS = 'defaults\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n';
const SECTIONS: Readonly<Record<string, (line: string) => string>> = {
  g: (line) => `global\n ${line}\n${TIMEOUTS}`,
  d: (line) => `defaults d\n ${line}\n`,
  f: (line) => `${TIMEOUTS}frontend x\n bind :80\n mode http\n ${line}\n`,
  b: (line) => `${TIMEOUTS}backend x\n mode http\n ${line}\n`,
  l: (line) => `${TIMEOUTS}listen x\n bind :80\n mode http\n ${line}\n`,
  e: (line) => `http-errors E1\n errorfile 404 404.http\n ${line}\n${TIMEOUTS}`,
  r: (line) =>
    `http-errors E1\n errorfile 404 404.http\n${TIMEOUTS}listen x\n bind :80\n mode http\n ${line}\n`,
  u: (line) => `userlist L1\n${line.replaceAll(/(?:^|\|)/g, '\n ')}\n${TIMEOUTS}`,
  t: (line) => `${TIMEOUTS}listen x\n bind :80\n mode tcp\n ${line}\n`,
};
/** Files that the lines of sections e and r name. */
const FILES: Readonly<Record<string, string>> = {
  '404.http': 'HTTP/1.1 404 Not Found\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc',
  'bad-length.http': 'HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\n\r\nabc',
  'bad-header.http': 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nfoo\r\n\r\n',
  'two-lengths.http': 'HTTP/1.1 404 NF\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc',
  'bad-status.http': 'HTTP/1.1 4x4 foo\r\n\r\nabc',
  'bad-name.http': 'HTTP/1.1 404 foo\r\na b: c\r\n\r\nabc',
  'cut.http': 'HTTP/1.1 404 foo\r\na: b',
  'old-fold.http': 'HTTP/1.1 404 foo\r\n a: b\r\n\r\n',
  'odd-length.http': 'HTTP/1.1 404 foo\r\ncontent-length: 3x\r\n\r\nabc',
  'chunked.http': 'HTTP/1.1 404 foo\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'feeds.http': 'HTTP/1.0 404 Not Found\ncache-control: no-cache\n\nabc',
  'body.txt': 'hello',
  'empty.http': '',
};
const CLOSING = /Error\(s\) found|Fatal errors|version is|path to executable/;

/** Releases differ in the words before messages that name no line. */
const bare = (message: string): string => message.replace(/^(\w+) config : (?!parsing|\[|Parsing)/, '$1 ');

function reference(text: string, folder: string): string[] {
  writeFileSync(join(folder, 't.cfg'), text, 'latin1');
  const { stderr } = spawnSync('haproxy', ['-c', '-f', 't.cfg'], { cwd: folder, encoding: 'latin1' });
  return stderr
    .split(/\n(?=\[)/)
    .filter((message) => /^\[(ALERT|WARNING)/.test(message) && !CLOSING.test(message))
    .map((message) => message.replace(/\n(Warnings were|Configuration file)[^]*$/, '').trimEnd())
    .map((message) => bare(message.replace(/^\[(\w+)\] +\(\d+\) : /, '$1 ')));
}

test('lines that haproxy answers alike', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-'));
  try {
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text, 'latin1');
    const lines = readFileSync(new URL('keywords.txt', import.meta.url), 'latin1').split('\n');
    for (const entry of lines) {
      const section = SECTIONS[entry.slice(0, entry.indexOf(' '))];
      if (section === undefined) continue;
      const text = section(entry.slice(entry.indexOf(' ') + 1));
      const ours = loadText(text, { files: FILES }).messages.map(bare);
      assert.deepEqual(ours, reference(text, folder), entry);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
