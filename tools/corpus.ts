// Compares what Hawser says about a folder of real configurations with what HAProxy said (verdicts.tsv beside them).
// The folder: HAWSER_CORPUS, else ../shared/corpus beside the repository. `--verbose` lists every difference.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Diagnostics } from '../src/config/diagnostics.ts';
import { Environment } from '../src/config/environment.ts';
import { FileStore } from '../src/config/files.ts';
import { loadConfig } from '../src/config/load.ts';

/** What Hawser says of a keyword that it knows and cannot do yet. */
const UNSUPPORTED = 'known but not yet supported';
/** How HAProxy reports that it could not look up a name: `resolver` answers as a host without a network. */
const LOCAL: Readonly<Record<string, string>> = { localhost: '127.0.0.1', ip6_localhost: '::1' };
/** Verdicts were cut after so many characters, and each of their messages after so many. */
const CUT = 3000;
const MESSAGE_CUT = 215;

export interface Verdict {
  readonly file: string;
  readonly exit: number;
  /** First lines of messages, each with its level. */
  readonly messages: readonly string[];
  /** The last message may lack its end. */
  readonly cut: boolean;
}

export interface Comparison {
  readonly file: string;
  /** `unsupported`: Hawser refuses keywords, and what else it says agrees. */
  readonly result: 'equal' | 'unsupported' | 'different';
  /** Messages of one side only: `- ` HAProxy's, `+ ` Hawser's. */
  readonly differences: readonly string[];
}

/** The corpus's folder, or null where this checkout has none. */
export function corpusFolder(): string | null {
  const beside = fileURLToPath(new URL('../../shared/corpus', import.meta.url));
  const folder = resolve(process.env['HAWSER_CORPUS'] ?? beside);
  return existsSync(join(folder, 'verdicts.tsv')) ? folder : null;
}

export function readVerdicts(folder: string): Verdict[] {
  const rows = readFileSync(join(folder, 'verdicts.tsv'), 'utf8').split('\n').slice(1);
  return rows
    .filter((row) => row !== '')
    .map((row) => {
      const [file, exit, , text = ''] = row.split('\t');
      return {
        file: file!,
        exit: Number(exit),
        messages: text === '' ? [] : text.split(/ \| (?=(?:ALERT|WARNING|NOTICE) )/),
        cut: text.length >= CUT,
      };
    });
}

/** Exit status and messages of Hawser for one file, in the form of a verdict. */
export function judge(folder: string, file: string): Verdict {
  const diagnostics = new Diagnostics();
  const environment = new Environment([
    ['HAPROXY_LOCALPEER', 'localhost'],
    ['HAPROXY_CFGFILES', file],
  ]);
  const loaded = loadConfig({
    sources: [{ name: file, text: readFileSync(join(folder, file), 'latin1') }],
    environment,
    files: new FileStore(null),
    resolver: { lookup: (name) => LOCAL[name] ?? null },
    diagnostics,
  });
  const messages: string[] = [];
  for (const { severity, text } of diagnostics.messages) {
    if (severity === 'ALERT' || severity === 'WARNING')
      messages.push(`${severity} ${text.split('\n', 1)[0]!}`);
  }
  return { file, exit: loaded === null ? 1 : 0, messages, cut: false };
}

/** Where a message points to, or the message itself where it names no line. */
function place(message: string): string {
  return /[[(]?[^ [(]+\.cfg:\d+/.exec(message)?.[0] ?? message;
}

/** The line that a message points to; NaN where it points to none. */
function lineOf(message: string): number {
  return Number(/\.cfg:(\d+)/.exec(message)?.[1]);
}

export function compare(ours: Verdict, theirs: Verdict): Comparison {
  const last = theirs.messages.at(-1);
  const same = (one: string, other: string): boolean =>
    one === other ||
    ((other.length >= MESSAGE_CUT || (theirs.cut && other === last)) &&
      one.startsWith(other.replace(/…$/, '')));
  const missing = theirs.messages.filter((text) => !ours.messages.some((one) => same(one, text)));
  const extra = ours.messages.filter((text) => !theirs.messages.some((one) => same(text, one)));
  const differences = [...missing.map((text) => `- ${text}`), ...extra.map((text) => `+ ${text}`)];
  if (ours.exit !== theirs.exit) differences.push(`exit ${ours.exit}, not ${theirs.exit}`);
  const unsupported = ours.messages.filter((text) => text.includes(UNSUPPORTED));
  if (unsupported.length === 0) {
    const equal = differences.length === 0 || (theirs.cut && missing.length === 0);
    return { file: ours.file, result: equal ? 'equal' : 'different', differences };
  }
  // A refused keyword hides what HAProxy says later of its value, so only what Hawser adds can be judged. It ends
  // reading with the same words as any refusal, and a line that HAProxy refuses too may be refused for the keyword.
  const acls = new Set(unsupported.map((text) => / while parsing ACL '([^']*)'/.exec(text)?.[1] ?? ''));
  const added = extra.filter(
    (text) =>
      !text.includes(UNSUPPORTED) &&
      !acls.has(/: no such ACL : '!?([^']+)'/.exec(text)?.[1] ?? '?') &&
      !text.startsWith('ALERT config : Error(s) found in configuration file') &&
      !text.startsWith('ALERT config : Fatal errors found') &&
      !theirs.cut,
  );
  // A refused section hides what is wrong in it; where HAProxy ended reading at a refused line, the rest is not judged.
  const sections = unsupported.filter((text) => text.includes(" : section '")).map(lineOf);
  const hidden = Math.min(...sections);
  const refused = new Set(unsupported.map(place));
  const ended = theirs.messages.findLast((text) => /\.cfg:\d/.test(text)) ?? '';
  const fatal = (last ?? '').startsWith('ALERT config : Fatal') || theirs.exit === 0;
  const endLine = !fatal && (refused.has(place(ended)) || lineOf(ended) > hidden) ? lineOf(ended) : Infinity;
  const wrong = added.filter((text) => !(lineOf(text) > endLine)).map((text) => `+ ${text}`);
  // Every line that HAProxy refuses while it reads must be refused, for a keyword or for what follows from one.
  const spoken = new Set(extra.map(place));
  for (const text of missing) {
    if (/^ALERT config : parsing /.test(text) && !spoken.has(place(text)) && !(lineOf(text) > hidden))
      wrong.push(`- ${text}`);
  }
  return { file: ours.file, result: wrong.length === 0 ? 'unsupported' : 'different', differences: wrong };
}

export interface Counts {
  readonly comparisons: readonly Comparison[];
  readonly equal: number;
  readonly unsupported: number;
  readonly different: number;
}

/** Compares all files of the folder, from an empty working directory as HAProxy was run. */
export function compareAll(folder: string): Counts {
  const before = process.cwd();
  const empty = mkdtempSync(join(tmpdir(), 'hawser-corpus-'));
  process.chdir(empty);
  try {
    const comparisons = readVerdicts(folder).map((verdict) => compare(judge(folder, verdict.file), verdict));
    const count = (result: Comparison['result']): number =>
      comparisons.filter((one) => one.result === result).length;
    return {
      comparisons,
      equal: count('equal'),
      unsupported: count('unsupported'),
      different: count('different'),
    };
  } finally {
    process.chdir(before);
    rmSync(empty, { recursive: true });
  }
}

if (import.meta.main) {
  const folder = corpusFolder();
  if (folder === null) {
    console.log('no corpus here');
  } else {
    const counts = compareAll(folder);
    if (process.argv.includes('--verbose')) {
      for (const { file, result, differences } of counts.comparisons) {
        if (result !== 'equal' && differences.length > 0)
          console.log(`${file} ${result}\n  ${differences.join('\n  ')}`);
      }
    }
    console.log(
      `equal ${counts.equal}, unsupported-only ${counts.unsupported}, different ${counts.different}`,
    );
  }
}
