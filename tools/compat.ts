// Counts what is supported of the keywords that HAProxy knows, for the README: `bin/node tools/compat.ts --write`.

import { readFileSync, writeFileSync } from 'node:fs';
import type { KeywordClass } from '../src/registry/known-keywords.ts';
import { knownIn, supports } from './supported.ts';

const README = new URL('../README.md', import.meta.url);
const BEGIN = '<!-- compat:begin -->';
const END = '<!-- compat:end -->';

interface Row {
  readonly what: string;
  readonly supported: number;
  readonly known: number;
}

const CLASSES: Readonly<Record<KeywordClass, string>> = {
  section: 'sections',
  global: 'keywords of `global`',
  proxy: 'keywords of `defaults`, `frontend`, `backend`, `listen`',
  option: 'words after `option`',
  balance: '`balance` algorithms',
  bind: '`bind` options',
  server: '`server` options',
  fetch: 'sample fetches',
  converter: 'converters',
  acl: 'ACL names derived from fetches',
  'log-alias': 'log format aliases',
  'http-request': '`http-request` actions',
  'http-response': '`http-response` actions',
  'http-after-response': '`http-after-response` actions',
  'tcp-request connection': '`tcp-request connection` actions',
  'tcp-request session': '`tcp-request session` actions',
  'tcp-request content': '`tcp-request content` actions',
  'tcp-response content': '`tcp-response content` actions',
  'quic-initial': '`quic-initial` actions',
  filter: 'filters',
  service: 'services',
  cli: 'commands of the stats socket and the master socket',
};

/** Supported and known keywords by class. A name counts as supported where a configuration may use it. */
export function compatibility(): Row[] {
  return (Object.keys(CLASSES) as KeywordClass[]).map((kind) => {
    const names = knownIn(kind);
    const supported = names.filter((name) => supports(kind, name)).length;
    return { what: CLASSES[kind], supported, known: names.length };
  });
}

/** The table as prettier would write it. */
function table(): string {
  const rows = compatibility().map(({ what, supported, known }) => [
    what,
    `${supported}`,
    `${known}`,
    `${Math.floor((100 * supported) / known)} %`,
  ]);
  const cells = [['What', 'Supported', 'HAProxy 3.5', 'Share'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = `| ${'-'.repeat(widths[0]!)} | ${widths
    .slice(1)
    .map((width) => `${'-'.repeat(width - 1)}:`)
    .join(' | ')} |`;
  return [line(cells[0]!), rule, ...cells.slice(1).map(line)].join('\n');
}

/** `readme` with the counts of this tree between its markers. */
export function withCounts(readme: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md lacks the markers ${BEGIN} and ${END}`);
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${table()}\n\n${readme.slice(end)}`;
}

export const readReadme = (): string => readFileSync(README, 'utf8');

if (import.meta.main) {
  const updated = withCounts(readReadme());
  if (process.argv.includes('--write')) writeFileSync(README, updated);
  else process.stdout.write(`${table()}\n`);
}
