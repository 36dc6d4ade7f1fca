// Runs the loader over a folder of real configurations and compares what it says with `verdicts.tsv`, which holds what
// HAProxy says to each. Usage: corpus.ts [-v] [folder]; the folder may also come from HAWSER_CORPUS.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Diagnostics, formatMessage } from '../src/config/diagnostics.ts';
import { Environment } from '../src/config/environment.ts';
import { FileStore } from '../src/config/files.ts';
import { loadConfig } from '../src/config/load.ts';

const NOT_YET = 'known but not yet supported';
/** Closing lines follow from the others. */
const CLOSING = /^ALERT config : (Error\(s\) found in configuration file|Fatal errors found)/;
const LINE = /\[[^\]:]+:(\d+)\]/;

/** What became of one file: `same` where each message is HAProxy's, `partly` where only what is missing differs. */
export type Outcome = 'same' | 'partly' | 'different';

export interface FileResult {
  readonly name: string;
  readonly outcome: Outcome;
  /** Messages of HAProxy that we did not give, and ours that HAProxy does not give. */
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  /** What we refuse because it is not there yet. */
  readonly unsupported: readonly string[];
}

/** The folder with the corpus, or null where there is none. */
export function corpusFolder(argument?: string): string | null {
  const candidates = [
    argument,
    process.env['HAWSER_CORPUS'],
    fileURLToPath(new URL('../../shared/corpus', import.meta.url)),
  ];
  return candidates.find((path) => path !== undefined && existsSync(join(path, 'verdicts.tsv'))) ?? null;
}

function verdicts(folder: string): Map<string, { exit: number; messages: string[] }> {
  const rows = readFileSync(join(folder, 'verdicts.tsv'), 'latin1').split('\n').slice(1);
  return new Map(
    rows
      .filter((row) => row !== '')
      .map((row) => {
        const [name = '', exit = '', , messages = ''] = row.split('\t');
        return [name, { exit: Number(exit), messages: messages.split(' | ').filter((text) => text !== '') }];
      }),
  );
}

/** Our messages, the first line of each, as the table writes them. No host name exists but localhost; Debian's error files must. */
function ours(name: string, text: string): { exit: number; messages: string[] } {
  const diagnostics = new Diagnostics();
  const loaded = loadConfig({
    sources: [{ name, text }],
    environment: Environment.fromProcess({}),
    files: FileStore.onDisk(),
    resolver: { lookup: (host) => (host === 'localhost' ? '127.0.0.1' : null) },
    diagnostics,
  });
  const messages = diagnostics.messages
    .filter(({ level }) => level === 'alert' || level === 'warning')
    .map((message) => `${message.level.toUpperCase()} ${formatMessage(message).split('\n')[0]!}`);
  return { exit: loaded === null ? 1 : 0, messages };
}

/** The table cuts long messages. */
const alike = (got: string, expected: string): boolean =>
  got === expected ||
  (expected.length > 200 && got.startsWith(expected.trimEnd())) ||
  // The list of actions is that of the program.
  (/: '[a-z-]+' expects '/.test(got) && got.split(' expects ')[0] === expected.split(' expects ')[0]);

/** The last line that HAProxy looked at where an error ended its reading. */
function stopLine(messages: readonly string[]): number {
  const stopped =
    messages.some((text) => text.includes('Error(s) found')) &&
    !messages.some((text) => text.includes('Fatal errors'));
  return stopped ? Math.max(...messages.map((text) => Number(lineOf(text)))) : Infinity;
}

const lineOf = (message: string): string => LINE.exec(message)?.[1] ?? '';

function compare(name: string, text: string, expected: { exit: number; messages: string[] }): FileResult {
  const got = ours(name, text);
  const unsupported = got.messages.filter((message) => message.includes(NOT_YET));
  const wanted = expected.messages.filter((message) => !CLOSING.test(message));
  const given = got.messages.filter((message) => !CLOSING.test(message) && !message.includes(NOT_YET));
  // A long row is cut in the middle of its last message.
  const last = wanted.at(-1) ?? '';
  const cut = given.some((message) => message !== last && message.startsWith(last) && last !== '');
  if (cut) wanted.pop();
  const missing = wanted.filter((message) => !given.some((one) => alike(one, message)));
  const end = cut ? Number(lineOf(last)) - 1 : stopLine(expected.messages);
  const extra = given.filter(
    (message) =>
      (lineOf(message) === '' ? !cut : Number(lineOf(message)) <= end) &&
      !wanted.some((one) => alike(message, one)),
  );
  if (unsupported.length === 0) {
    const same = missing.length === 0 && extra.length === 0 && got.exit === expected.exit;
    return { name, outcome: same ? 'same' : 'different', missing, extra, unsupported };
  }
  // What we refused hides what HAProxy says about those lines, and about everything once all lines are read.
  const refused = new Set(unsupported.map(lineOf));
  const sections = text.split('\n');
  const hidden = (message: string): boolean => {
    // An ACL that HAProxy could not compile and that we do not support is missing there alone.
    if (/no such ACL : /.test(message)) return true;
    const line = lineOf(message);
    if (line === '' || (!message.includes(' parsing [') && !message.includes('config : ['))) return true;
    return refused.has(line) || insideRefusedSection(Number(line), refused, sections);
  };
  const visible = missing.filter((message) => !hidden(message));
  const outcome = visible.length === 0 && extra.length === 0 ? 'partly' : 'different';
  return { name, outcome, missing: visible, extra, unsupported };
}

/** Whether the nearest line without indentation above was refused: then it opened a section that is not there yet. */
function insideRefusedSection(line: number, refused: ReadonlySet<string>, lines: readonly string[]): boolean {
  for (let at = line; at > 0; at--) {
    if (/^\S/.test(lines[at - 1] ?? '') && !lines[at - 1]!.startsWith('#')) return refused.has(String(at));
  }
  return false;
}

/** Compares every file of the corpus, in order of names. */
export function runCorpus(folder: string): FileResult[] {
  const table = verdicts(folder);
  return readdirSync(folder)
    .filter((name) => table.has(name))
    .sort()
    .map((name) => compare(name, readFileSync(join(folder, name), 'latin1'), table.get(name)!));
}

function report(results: readonly FileResult[], verbose: boolean): string {
  const lines: string[] = [];
  for (const { name, outcome, missing, extra } of results) {
    if (outcome !== 'different') continue;
    lines.push(name, ...missing.map((text) => `  - ${text}`), ...extra.map((text) => `  + ${text}`));
  }
  const words = new Map<string, number>();
  for (const { unsupported } of results) {
    const names = unsupported.map((text) => text.replace(/^.*?\] : /, '').replace(/ is known but.*/, ''));
    for (const one of new Set(names)) words.set(one, (words.get(one) ?? 0) + 1);
  }
  if (verbose) {
    for (const [word, files] of [...words].sort((a, b) => b[1] - a[1])) lines.push(`${files} ${word}`);
  }
  const count = (outcome: Outcome): number => results.filter((one) => one.outcome === outcome).length;
  lines.push(
    `${results.length} files: ${count('same')} with HAProxy's messages, ${count('partly')} refused for what is not ` +
      `there yet, ${count('different')} different`,
  );
  return `${lines.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2);
  const folder = corpusFolder(words.find((word) => !word.startsWith('-')));
  if (folder === null) process.stdout.write('no corpus: set HAWSER_CORPUS\n');
  else process.stdout.write(report(runCorpus(folder), words.includes('-v')));
}
