// Writes docs/manual/ from the registry: `bin/node tools/manual.ts --write`. A test keeps the pages true.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { METHODS } from '../src/acl/methods.ts';
import { PREDEFINED } from '../src/acl/predefined.ts';
import { commands } from '../src/cli/commands/index.ts';
import { masterCommands } from '../src/process/master/commands.ts';
import { bindOptions } from '../src/config/bind-options/index.ts';
import { globalKeywords, proxyKeywords } from '../src/config/keywords/index.ts';
import { optionNames } from '../src/config/keywords/option.ts';
import { TIMEOUTS } from '../src/config/keywords/timeout.ts';
import { SECTIONS } from '../src/config/sections/index.ts';
import { serverOptions } from '../src/config/server-options/index.ts';
import type { ArgSpec, SectionKeyword } from '../src/registry/define.ts';
import { aclNames, argumentText, typeNames } from '../src/registry/dump.ts';
import { REGISTRY } from '../src/registry/index.ts';
import { knownNames, type KeywordClass } from '../src/registry/known-keywords.ts';
import * as examples from '../src/registry/manual/examples.ts';
import { LOG_ALIAS_DOCS } from '../src/registry/manual/log-aliases.ts';
import * as words from '../src/registry/manual/words.ts';
import { RuleSet } from '../src/rules/rule.ts';
import { ALIASES } from '../src/sample/aliases.ts';
import { Phase } from '../src/sample/expression.ts';
import { Type } from '../src/sample/sample.ts';
import { knownIn, supports } from './supported.ts';

const FOLDER = new URL('../docs/manual/', import.meta.url);

/** One keyword of a page: `notes` are the short facts beneath its text. */
interface Entry {
  readonly name: string;
  readonly usage: string;
  readonly doc: string;
  readonly notes?: readonly string[];
  readonly examples?: readonly (readonly [string, string | null])[];
}

interface Page {
  readonly file: string;
  readonly title: string;
  readonly about: string;
  readonly entries: readonly Entry[];
  /** Names that HAProxy knows and Hawser refuses. */
  readonly missing?: readonly string[];
}

const RULE_SETS = Object.values(RuleSet);
const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

/** Phases as a reader of the manual calls them. */
const PLACES: readonly (readonly [number, string])[] = [
  [Phase.CONNECTION, 'tcp-request connection'],
  [Phase.SESSION, 'tcp-request session'],
  [Phase.REQUEST_CONTENT, 'tcp-request content'],
  [Phase.REQUEST_HTTP, 'http-request'],
  [Phase.RESPONSE_CONTENT, 'tcp-response content'],
  [Phase.RESPONSE_HTTP, 'http-response'],
  [Phase.AFTER_RESPONSE, 'http-after-response'],
  [Phase.LOG, 'logs'],
  [Phase.CHECK, 'checks'],
  [Phase.CONFIG, '`.if` and `global`'],
];

function places(phases: number): string {
  const named = PLACES.filter(([phase]) => (phases & phase) !== 0);
  return named.length === PLACES.length ? 'everywhere' : named.map(([, name]) => name).join(', ');
}

function argumentNotes(args: readonly ArgSpec[]): string[] {
  if (args.length === 0) return [];
  const described = args.map(({ usage, kind, optional, fallback }) => {
    const standard = typeof fallback === 'number' || (typeof fallback === 'string' && fallback !== '');
    const fate = optional ? (standard ? `, ${String(fallback)} if left out` : ', optional') : '';
    return `\`${usage.replace(/[[\]]/g, '')}\` (${kind}${fate})`;
  });
  return [`Arguments: ${[...new Set(described)].join(', ')}`];
}

function fetchEntries(): Entry[] {
  return [...REGISTRY.fetches].map(([name, fetch]) => ({
    name,
    usage: `${name}${argumentText(fetch.args)}: ${typeNames.get(fetch.type)!}`,
    doc: fetch.doc,
    notes: [
      ...(fetch.name === name ? [] : [`The same as \`${fetch.name}\``]),
      ...argumentNotes(fetch.args),
      `Reads: ${fetch.needs}${fetch.needsHttp ? ', in HTTP mode' : ''}`,
      `Works in: ${places(fetch.phases)}`,
    ],
    examples: examples.FETCH_EXAMPLES[name] ?? [],
  }));
}

const distinct = (list: NonNullable<Entry['examples']>): NonNullable<Entry['examples']> => [
  ...new Map(list.map((example) => [example[0], example])).values(),
];

function converterEntries(): Entry[] {
  return [...REGISTRY.converters].map(([name, { args, from, to, doc, examples: own = [] }]) => ({
    name,
    usage: `${name}${argumentText(args)}: ${typeNames.get(from)!} -> ${to === Type.ANY ? 'same' : typeNames.get(to)!}`,
    doc,
    notes: argumentNotes(args),
    examples: distinct([...own, ...(examples.CONVERTER_EXAMPLES[name] ?? [])]),
  }));
}

/** An action that several rule sets share is one entry. */
function actionEntries(): Entry[] {
  const entries = new Map<string, Entry>();
  for (const set of RULE_SETS) {
    for (const [name, action] of REGISTRY.actions.get(set) ?? []) {
      const key = `${name}\n${action.usage}\n${action.doc}`;
      const sets = RULE_SETS.filter((one) => REGISTRY.actions.get(one)?.get(name) === action);
      const before = entries.get(key)?.notes?.[0]?.slice('In: '.length).split(', ') ?? [];
      const all = RULE_SETS.filter((one) => sets.includes(one) || before.includes(one));
      const notes = [`In: ${all.join(', ')}`];
      if (action.experimental === true) notes.push('Only with `expose-experimental-directives`');
      entries.set(key, { name, usage: action.usage, doc: action.doc, notes });
    }
  }
  return [...entries.values()];
}

const sectionEntries = (keywords: Iterable<SectionKeyword>): Entry[] =>
  [...keywords].map(({ name, usage, doc, sections, negatable }) => ({
    name,
    usage,
    doc,
    notes: [
      ...(sections.includes('global') ? [] : [`Sections: ${sections.join(', ')}`]),
      ...(negatable === true && !usage.startsWith('[no]') ? ['May be preceded by `no`'] : []),
    ],
  }));

/** Entries of words that are part of one keyword's line. Throws where a word has no text, or a text no word. */
function wordEntries(
  names: Iterable<string>,
  docs: Readonly<Record<string, string>>,
  usage: (name: string) => string,
): Entry[] {
  const list = [...names];
  const odd = [
    ...list.filter((name) => docs[name] === undefined),
    ...Object.keys(docs).filter((n) => !list.includes(n)),
  ];
  if (odd.length > 0) throw new Error(`manual: keyword and text do not agree for ${odd.join(', ')}`);
  return list.map((name) => ({ name, usage: usage(name), doc: docs[name]! }));
}

const without = (kind: KeywordClass): string[] => knownIn(kind).filter((name) => !supports(kind, name));

const optionNotes = (options: Iterable<{ name: string; usage: string; doc: string }>): Entry[] =>
  [...options].map(({ name, usage, doc }) => ({ name, usage, doc }));

interface Spoken {
  readonly words: readonly string[];
  readonly usage: string;
  readonly doc: string;
  readonly level: string;
}

const commandEntries = (list: readonly Spoken[]): Entry[] =>
  list.map(({ words: name, usage, doc, level }) => ({
    name: name.join(' '),
    usage,
    doc: doc === '' ? 'Not listed by `help`.' : `${doc[0]!.toUpperCase()}${doc.slice(1)}.`,
    notes: [`Level: ${level}`],
  }));

/** All pages, entries sorted by name. */
export function pages(): Page[] {
  const all: Page[] = [
    {
      file: 'fetches.md',
      title: 'Sample fetches',
      about:
        "Where a value comes from: the start of each expression. Section 7.3.2 to 7.3.6 of HAProxy's manual.",
      entries: fetchEntries(),
      missing: without('fetch'),
    },
    {
      file: 'converters.md',
      title: 'Converters',
      about:
        'What an expression does with its value, one after the other, separated by commas. Section 7.3.1.',
      entries: converterEntries(),
      missing: without('converter'),
    },
    {
      file: 'actions.md',
      title: 'Actions',
      about: 'What the rules of the rule sets do. Section 4.4.',
      entries: actionEntries(),
      missing: RULE_SETS.flatMap((set) => without(set).map((name) => `${set} ${name}`)),
    },
    {
      file: 'acls.md',
      title: 'ACLs: matching methods and names',
      about:
        'How `acl` lines and `{ ... }` compare a sample with patterns: `-m <method>`. Section 7.1. A name such as ' +
        '`path_beg` is the fetch with its method, and predefined ACLs exist without a line of their own.',
      entries: [
        ...wordEntries(METHODS, words.METHOD_DOCS, (name) => `-m ${name}`),
        ...[...aclNames()].map(([name, fetch, method]) => ({
          name,
          usage: `${name} = ${fetch} -m ${method}`,
          doc: `The fetch \`${fetch}\`, compared by method \`${method}\`.`,
        })),
        ...Object.entries(PREDEFINED).map(([name, line]) => ({
          name,
          usage: `acl ${name} ${line.join(' ')}`,
          doc: 'Predefined.',
        })),
      ],
    },
    {
      file: 'log-aliases.md',
      title: 'Aliases of log formats',
      about: 'What `%<name>` stands for. Section 8.2.6.',
      entries: wordEntries(
        ALIASES.map(({ name }) => name),
        LOG_ALIAS_DOCS,
        (name) => `%${name}`,
      ).map((entry, at) => (ALIASES[at]!.needsHttp ? { ...entry, notes: ['In HTTP mode'] } : entry)),
      missing: without('log-alias'),
    },
    {
      file: 'proxies.md',
      title: 'Keywords of proxies',
      about: 'Lines of `defaults`, `frontend`, `backend` and `listen`. Section 4.2.',
      entries: sectionEntries(proxyKeywords.values()),
      missing: without('proxy'),
    },
    {
      file: 'options.md',
      title: 'option',
      about: 'Words after `option` in a proxy. Each may be preceded by `no`. Section 4.2.',
      entries: wordEntries(optionNames, words.OPTION_DOCS, (name) => `option ${name}`),
      missing: without('option'),
    },
    {
      file: 'timeouts.md',
      title: 'timeout',
      about: 'Words after `timeout` in a proxy, each with a time: milliseconds, or with a unit. Section 4.2.',
      entries: wordEntries(Object.keys(TIMEOUTS), words.TIMEOUT_DOCS, (name) => `timeout ${name} <time>`),
    },
    {
      file: 'balance.md',
      title: 'balance',
      about: 'Load balancing algorithms. Section 4.2.',
      entries: wordEntries(knownNames('balance'), words.ALGORITHM_DOCS, (name) => `balance ${name}`),
    },
    {
      file: 'bind-options.md',
      title: 'Options of bind',
      about: 'Section 5.1.',
      entries: optionNotes(bindOptions.values()),
      missing: without('bind'),
    },
    {
      file: 'server-options.md',
      title: 'Options of server and default-server',
      about: 'Section 5.2.',
      entries: optionNotes(serverOptions.list()),
      missing: without('server'),
    },
    {
      file: 'global.md',
      title: 'Keywords of global',
      about: 'Section 3.',
      entries: sectionEntries(globalKeywords.values()),
      missing: without('global'),
    },
    {
      file: 'sections.md',
      title: 'Sections',
      about: 'The first words of sections.',
      entries: wordEntries(Object.keys(SECTIONS), words.SECTION_DOCS, (name) => name),
      missing: without('section'),
    },
    {
      file: 'commands.md',
      title: 'Commands of the stats socket',
      about: "Section 9.3 of HAProxy's management guide.",
      entries: commandEntries(commands),
      missing: without('cli'),
    },
    {
      file: 'master-commands.md',
      title: 'Commands of the master socket',
      about: "Of the socket that `-S` opens with `-W`. Section 9.4 of HAProxy's management guide.",
      entries: commandEntries(masterCommands),
    },
  ];
  return all.map((page) => ({ ...page, entries: [...page.entries].sort(byName) }));
}

const NOTE = 'Written by `bin/node tools/manual.ts --write`; change the registry, not this page.';

function exampleLines(list: Entry['examples']): string[] {
  if (list === undefined || list.length === 0) return [];
  const rows = list.map(
    ([expression, gives]) => `${expression}  ->  ${gives === null ? 'no value' : JSON.stringify(gives)}`,
  );
  return ['', '```', ...rows, '```'];
}

/** Text as a page shows it: `<name>` outside of code is no tag. */
const inMarkdown = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .split('`')
    .map((part, at) => (at % 2 === 0 ? part.replaceAll('<', '&lt;') : part))
    .join('`');

function pageText({ title, about, entries, missing = [] }: Page): string {
  const lines = [`# ${title}`, '', about, '', `${entries.length} entries. ${NOTE}`];
  for (const { name, usage, doc, notes = [], examples: list } of entries) {
    lines.push('', `## \`${name}\``, '', '```', usage, '```', '', inMarkdown(doc));
    if (notes.length > 0) lines.push('', ...notes.map((note) => `- ${note}`));
    lines.push(...exampleLines(list));
  }
  if (missing.length > 0) {
    const names = [...missing].sort().map((name) => `\`${name}\``);
    lines.push(
      '',
      '## Known and refused',
      '',
      'HAProxy has these; Hawser refuses them by name.',
      '',
      names.join(', '),
    );
  }
  return `${lines.join('\n')}\n`;
}

function indexText(all: readonly Page[]): string {
  const head = ['# Manual', '', `Every keyword that Hawser reads. ${NOTE}`, ''];
  const rows = all.map(({ file, title, entries }) => `| [${title}](${file}) | ${entries.length} |`);
  const headers = (list: readonly (readonly [string, string])[]): string[] =>
    list.map(([name, value]) => `${name}: ${value}`);
  const block = (about: string, lines: readonly string[]): string[] => [
    '',
    about,
    '',
    '```',
    ...lines,
    '```',
  ];
  const foot = [
    ...block(
      'Examples of fetches read this request, sent from 192.0.2.1:4321 to 198.51.100.2:80 (PROXY protocol):',
      [
        `POST ${examples.EXAMPLE_TARGET} HTTP/1.1`,
        ...headers(examples.EXAMPLE_HEADERS),
        '',
        examples.EXAMPLE_BODY,
      ],
    ),
    ...block('Those of answers read this one, from server `a` of backend `app`:', [
      'HTTP/1.1 200 OK',
      ...headers(examples.EXAMPLE_ANSWER),
      '',
      'abc',
    ]),
    ...block(
      'Variables that are set before:',
      Object.entries(examples.EXAMPLE_VARIABLES).map(([name, expression]) => `${name} = ${expression}`),
    ),
    ...block(
      'And the files that maps name:',
      Object.entries(examples.EXAMPLE_FILES).flatMap(([name, text]) => [
        `${name}:`,
        ...text.trim().split('\n'),
      ]),
    ),
  ];
  return `${[...head, '| Page | Entries |', '| --- | ---: |', ...rows, ...foot].join('\n')}\n`;
}

/** Every file of docs/manual/ with its text. */
export function manual(): Map<string, string> {
  const all = pages();
  return new Map([['README.md', indexText(all)], ...all.map((page) => [page.file, pageText(page)] as const)]);
}

/** What lies in docs/manual/ now. */
export function manualOnDisk(): Map<string, string> {
  return new Map(readdirSync(FOLDER).map((file) => [file, readFileSync(new URL(file, FOLDER), 'utf8')]));
}

if (import.meta.main) {
  const files = manual();
  if (process.argv.includes('--write')) {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER);
    for (const [file, text] of files) writeFileSync(new URL(file, FOLDER), text);
  } else for (const [file, text] of files) process.stdout.write(`==> ${file}\n${text}`);
}
