// -dK: the keywords of each class as this program supports them, one a line (management manual 3).

import { FETCHES } from '../sample/fetches/index.ts';
import { CONVERTERS } from '../sample/converters/index.ts';
import { Phase } from '../sample/expression.ts';
import { Type } from '../sample/sample.ts';
import { bindOptions } from '../config/bind-options/index.ts';
import { commands } from '../cli/commands/index.ts';
import { globalKeywords, proxyKeywords } from '../config/keywords/index.ts';
import { serverOptions } from '../config/server-options/index.ts';
import type { ArgSpec, ConverterKeyword, FetchKeyword } from './define.ts';

const REQUEST = Phase.REQUEST_CONTENT | Phase.REQUEST_HTTP;
const RESPONSE = Phase.RESPONSE_CONTENT | Phase.RESPONSE_HTTP;

/** Where a fetch may stand: a title and a mask of phases for each column of the table. */
const COLUMNS: readonly (readonly [string, number])[] = [
  ['frontend tcp-request connection rule', Phase.CONNECTION],
  ['frontend tcp-request session rule', Phase.SESSION],
  ['frontend tcp-request content rule', Phase.REQUEST_CONTENT],
  ['frontend http-request header rule', Phase.REQUEST_HTTP],
  ['frontend http-request body rule', Phase.REQUEST_HTTP],
  ['frontend use-backend rule', REQUEST],
  ['backend tcp-request content rule', Phase.REQUEST_CONTENT],
  ['backend http-request header rule', Phase.REQUEST_HTTP],
  ['backend http-request body rule', Phase.REQUEST_HTTP],
  ['backend use-server, balance or stick-match rule', REQUEST],
  ['server source selection', REQUEST],
  ['backend tcp-response content rule', Phase.RESPONSE_CONTENT],
  ['backend http-response header rule', Phase.RESPONSE_HTTP],
  ['backend http-response body rule', Phase.RESPONSE_HTTP],
  ['backend stick-store rule', RESPONSE],
  ['frontend tcp-response content rule', Phase.RESPONSE_CONTENT],
  ['frontend http-response header rule', Phase.RESPONSE_HTTP],
  ['frontend http-response body rule', Phase.RESPONSE_HTTP],
  ['logs', Phase.LOG],
  ['backend tcp-check rule', Phase.CHECK],
  ['configuration parser', Phase.CONFIG],
  ['CLI parser', Phase.CONFIG],
];

const TYPE_NAMES: Readonly<Record<Type, string>> = {
  [Type.ANY]: 'any',
  [Type.BOOL]: 'bool',
  [Type.SINT]: 'sint',
  [Type.ADDR]: 'addr',
  [Type.IPV4]: 'ipv4',
  [Type.IPV6]: 'ipv6',
  [Type.STR]: 'str',
  [Type.BIN]: 'bin',
  [Type.METH]: 'meth',
};

const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name < other.name ? -1 : 1;

/** `(string[,integer])`, or nothing. */
function argsText(args: readonly ArgSpec[]): string {
  let out = '';
  let optional = 0;
  for (const { kind, optional: may } of args) {
    const comma = out === '' ? '' : ',';
    if (may) optional++;
    out += may ? `[${comma}${kind}` : `${comma}${kind}`;
  }
  return out === '' ? '' : `(${out}${']'.repeat(optional)})`;
}

function* tableHead(): Iterable<string> {
  const width = COLUMNS.length;
  for (let i = 0; i < width; i++) {
    const bars = ' /'.repeat(i);
    const line = `${' '.repeat(width - i)}${bars} _.${'-'.repeat(width - i)} ${COLUMNS[i]![0]}`;
    yield `#${line}`;
  }
  yield `# ${'| '.repeat(width)}`;
}

function fetchLine({ name, args, type, phases }: FetchKeyword): string {
  const marks = COLUMNS.map(([, mask]) => ((phases & mask) === 0 ? '.' : 'Y'));
  return `[ ${marks.join(' ')} ] ${name}${argsText(args)}: ${TYPE_NAMES[type]}`;
}

function* configuration(): Iterable<string> {
  yield 'global';
  for (const name of [...globalKeywords.keys()].sort()) yield `\t${name}`;
  yield 'listen';
  for (const name of [...proxyKeywords.keys()].sort()) yield `\t${name}`;
  for (const name of [...bindOptions.keys()].sort()) yield `\tbind <addr> ${name}`;
  for (const name of [...serverOptions.keys()].sort()) yield `\tserver <name> <addr> ${name}`;
}

interface KeywordClass {
  readonly help: string;
  readonly title: string;
  lines(): Iterable<string>;
}

const CLASSES: Readonly<Record<string, KeywordClass>> = {
  cfg: {
    help: 'configuration keywords',
    title: 'configuration keywords',
    lines: configuration,
  },
  cli: {
    help: 'CLI keywords',
    title: 'CLI keywords',
    lines: () => commands.map((command) => command.words.join(' ')).sort(),
  },
  cnv: {
    help: 'sample converter keywords',
    title: 'sample converter functions',
    lines: () =>
      [...CONVERTERS]
        .sort(byName)
        .map(
          ({ name, args, from, to }: ConverterKeyword) =>
            `${name}${argsText(args)}: ${TYPE_NAMES[from]} => ${TYPE_NAMES[to]}`,
        ),
  },
  smp: {
    help: 'sample fetch functions',
    title: 'sample fetch functions',
    *lines() {
      yield* tableHead();
      for (const fetch of [...FETCHES].sort(byName)) {
        yield fetchLine(fetch);
        for (const alias of fetch.aliases ?? []) yield fetchLine({ ...fetch, name: alias });
      }
    },
  },
};

/**
 * The lists of the classes named in `text` (`cfg,smp`, `all`, `help`), each line with its line feed. An empty text, and
 * a class that is not known, give what `help` gives.
 */
export function dumpKeywords(text: string): string {
  let out = '';
  const wanted = text === '' ? ['help'] : text.split(',');
  for (const name of wanted.includes('all') ? Object.keys(CLASSES) : wanted) {
    const chosen = Object.hasOwn(CLASSES, name) ? CLASSES[name]! : null;
    if (chosen === null) {
      out += '# List of supported keyword classes:\nall: list all keywords\n';
      for (const [key, { help }] of Object.entries(CLASSES)) out += `${key}: ${help}\n`;
      continue;
    }
    out += `# List of registered ${chosen.title}:\n`;
    for (const line of chosen.lines()) out += `${line}\n`;
  }
  return out;
}
