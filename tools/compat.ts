// Counts what is supported of the keywords that HAProxy knows, for the README: `bin/node tools/compat.ts --write`.

import { readFileSync, writeFileSync } from 'node:fs';
import { bindOptions } from '../src/config/bind-options/index.ts';
import { globalKeywords, proxyKeywords } from '../src/config/keywords/index.ts';
import { serverOptions } from '../src/config/server-options/index.ts';
import { REGISTRY } from '../src/registry/index.ts';
import { knownNames, type KeywordClass as KnownClass } from '../src/registry/known-keywords.ts';

const README = new URL('../README.md', import.meta.url);
const BEGIN = '<!-- compat:begin -->';
const END = '<!-- compat:end -->';

interface Row {
  readonly what: string;
  readonly supported: number;
  readonly known: number;
}

const RULE_SETS = [
  'http-request',
  'http-response',
  'http-after-response',
  'tcp-request connection',
  'tcp-request session',
  'tcp-request content',
  'tcp-response content',
] as const;

function count(what: string, kind: KnownClass, has: (name: string) => boolean): Row {
  const names = [...knownNames(kind)];
  return { what, supported: names.filter(has).length, known: names.length };
}

/** `track-sc` is listed once and written with its number. */
function hasAction(ruleset: (typeof RULE_SETS)[number], name: string): boolean {
  const actions = REGISTRY.actions.get(ruleset);
  return (
    actions !== undefined && (actions.has(name) || (name.startsWith('track-sc') && actions.has('track-sc0')))
  );
}

/** Supported and known keywords by class. A name counts as supported where a configuration may use it. */
export function compatibility(): Row[] {
  return [
    count('keywords of `global`', 'global', (name) => globalKeywords.has(name)),
    count('keywords of `defaults`, `frontend`, `backend`, `listen`', 'proxy', (name) =>
      proxyKeywords.has(name),
    ),
    count('`bind` options', 'bind', (name) => bindOptions.has(name)),
    count('`server` options', 'server', (name) => serverOptions.get(name) !== undefined),
    count('sample fetches', 'fetch', (name) => REGISTRY.fetches.has(name)),
    count('converters', 'converter', (name) => REGISTRY.converters.has(name)),
    ...RULE_SETS.map((set) => count(`\`${set}\` actions`, set, (name) => hasAction(set, name))),
  ];
}

/** The table as prettier would write it. */
function table(): string {
  const rows = compatibility().map(({ what, supported, known }) => [what, `${supported}`, `${known}`]);
  const cells = [['What', 'Supported', 'HAProxy 3.5'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = `| ${'-'.repeat(widths[0]!)} | ${'-'.repeat(widths[1]! - 1)}: | ${'-'.repeat(widths[2]! - 1)}: |`;
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
