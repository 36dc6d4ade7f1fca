// -dC: the configuration as the tokenizer sees it, without comments and with forced indentation (management manual 3).
// With a key the dump can be shared: lines end before what is confidential, names and addresses are hashed.

import { anonymousAddress, anonymousName } from './anonymous.ts';

export interface DumpOptions {
  /** 32-bit key; 0 shows everything as it is. */
  readonly key: number;
  /** Whether each line starts with its number in the file. */
  readonly lineNumbers: boolean;
}

/** Reads `[[key],line]`, what follows -dC. Returns undefined when it is none of the accepted forms. */
export function parseDumpOptions(text: string): DumpOptions | undefined {
  const match = /^(\d{0,10})(,line)?$/.exec(text);
  if (match === null) return undefined;
  const key = Number(match[1]);
  return key > 0xffffffff ? undefined : { key, lineNumbers: match[2] !== undefined };
}

/** Keywords whose lines hold numbers and fixed words alone, and are shown whole. */
const HARMLESS: ReadonlySet<string> = new Set([
  'backlog',
  'balance',
  'compression',
  'daemon',
  'disabled',
  'enabled',
  'fullconn',
  'grace',
  'hard-stop-after',
  'hash-type',
  'http-reuse',
  'maxconn',
  'maxconnrate',
  'maxsessrate',
  'mode',
  'nbthread',
  'rate-limit',
  'retries',
  'retry-on',
  'spread-checks',
  'stick-table',
  'timeout',
  'zero-warning',
]);

/**
 * How many words of other lines are shown under a key, by keyword. Whatever is not listed is cut behind its keyword: a
 * word that nobody thought of must not leak.
 */
const SHOWN: Readonly<Record<string, number>> = {
  acl: 3,
  bind: 2,
  default_backend: 2,
  errorfiles: 2,
  filter: 2,
  'http-after-response': 2,
  'http-check': 2,
  'http-request': 2,
  'http-response': 2,
  log: 2,
  mailer: 3,
  nameserver: 3,
  option: 2,
  peer: 3,
  presetenv: 2,
  server: 3,
  'server-template': 3,
  setenv: 2,
  source: 2,
  stats: 2,
  stick: 2,
  table: 2,
  'tcp-check': 2,
  'tcp-request': 3,
  'tcp-response': 3,
  unsetenv: 2,
  use_backend: 2,
  'use-server': 2,
  user: 2,
};

/** Which word is a name or an address, by keyword; the words before it stay, those after it stay too. */
const NAMES: Readonly<Record<string, number>> = {
  acl: 1,
  default_backend: 1,
  errorfiles: 1,
  from: 1,
  group: 1,
  mailer: 1,
  nameserver: 1,
  peer: 1,
  server: 1,
  'server-template': 1,
  table: 1,
  use_backend: 1,
  'use-server': 1,
};
const ADDRESSES: Readonly<Record<string, number>> = {
  bind: 1,
  log: 1,
  mailer: 2,
  nameserver: 2,
  peer: 2,
  server: 2,
  source: 1,
};

/** Whether a word must be quoted to be read back as one word. */
const NEEDS_QUOTES = /[\s"'\\#$]|^$/;

/** The word so that the tokenizer gives the same word again. */
export function quoteWord(word: string): string {
  if (!NEEDS_QUOTES.test(word)) return word;
  const escaped = word.replace(/["\\$]/g, '\\$&').replace(/[\n\r\t\0]/g, (c) => CONTROLS[c]!);
  return `"${escaped}"`;
}

const CONTROLS: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\x00' };

/** One line of the dump, without its end; section keywords start at the margin after an empty line. */
export function dumpLine(
  words: readonly string[],
  line: number,
  isSection: boolean,
  options: DumpOptions,
): string {
  const shown = options.key === 0 ? words : anonymize(words, isSection, options.key);
  const number = options.lineNumbers ? `${line}: ` : '';
  return `${isSection ? '\n' : ''}${number}${isSection ? '' : '\t'}${shown.map(quoteWord).join(' ')}`;
}

function anonymize(words: readonly string[], isSection: boolean, key: number): string[] {
  const keyword = words[0]!;
  if (isSection)
    return words.map((word, i) => (i === 0 || word === 'from' ? word : anonymousName(word, key)));
  const known = Object.hasOwn(SHOWN, keyword) ? SHOWN[keyword]! : 1;
  const end = HARMLESS.has(keyword) || keyword.startsWith('tune.') ? words.length : known;
  const name = Object.hasOwn(NAMES, keyword) ? NAMES[keyword]! : -1;
  const address = Object.hasOwn(ADDRESSES, keyword) ? ADDRESSES[keyword]! : -1;
  return words.slice(0, end).map((word, i) => {
    if (i === name) return anonymousName(word, key);
    if (i === address && !(keyword === 'log' && word === 'global')) return anonymousAddress(word, key);
    return i === 1 && keyword === 'user' ? anonymousName(word, key) : word;
  });
}
