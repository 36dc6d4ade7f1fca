// -dK: the keywords of each class, in the lines and classes of HAProxy (management.txt 3), read from the registry.

import { ACL_DERIVATIVES } from './known/acls.ts';
import { Phase } from '../sample/expression.ts';
import { FILTERS } from '../config/keywords/filter.ts';
import { REGISTRY } from './index.ts';
import { RuleSet } from '../rules/rule.ts';
import { Type } from '../sample/sample.ts';
import { SERVICES } from '../rules/actions/use-service.ts';
import { SWITCHES } from '../config/keywords/option.ts';
import { bindOptions } from '../config/bind-options/index.ts';
import { commands } from '../cli/commands/index.ts';
import { globalKeywords, proxyKeywords } from '../config/keywords/index.ts';
import { serverOptions } from '../config/server-options/index.ts';
import type { ArgSpec } from './define.ts';

export const DUMP_CLASSES = ['acl', 'cfg', 'cli', 'cnv', 'flt', 'smp', 'svc'] as const;
export type DumpClass = (typeof DUMP_CLASSES)[number];

/** The text for `-dK<class,...>`: classes in HAProxy's order, `all` for each of them; unknown words give the list. */
export function dumpKeywords(list: string): string {
  const words = list.split(',').filter((word) => word !== '');
  const all = words.length === 0 || words.includes('all');
  const known = (word: string): boolean =>
    word === 'all' || (DUMP_CLASSES as readonly string[]).includes(word);
  if (words.some((word) => !known(word))) return HELP;
  return DUMP_CLASSES.filter((one) => all || words.includes(one))
    .map((one) => SECTIONS[one]())
    .join('');
}

const HELP = `# List of supported keyword classes:\n${['all', ...DUMP_CLASSES].map((one) => `${one}\n`).join('')}`;

const titled = (what: string, lines: Iterable<string>): string =>
  `# List of registered ${what}:\n${[...lines].map((line) => `${line}\n`).join('')}`;

const SECTIONS: Readonly<Record<DumpClass, () => string>> = {
  acl: () => titled('ACL keywords', aclLines()),
  cfg: () => titled('configuration keywords', configLines()),
  cli: () => titled('CLI keywords', commands.map(({ words }) => `${words.join(' ')} [WORKER] `).sort()),
  cnv: () => titled('sample converter functions', converterLines()),
  flt: () => titled('filter names', FILTERS.keys()),
  smp: () => titled('sample fetch functions', [...COLUMN_HEAD, ...fetchLines()]),
  svc: () => titled('service names', SERVICES),
};

/** Names of ACLs that are a fetch with a method, for fetches that are there: `hdr_beg`, `hdr`, `beg`. */
export function* aclNames(): Iterable<readonly [name: string, fetch: string, method: string]> {
  for (const name of ACL_DERIVATIVES.split(/\s+/)
    .filter((word) => word !== '')
    .sort()) {
    const cut = name.lastIndexOf('_');
    const method = cut < 0 ? '' : name.slice(cut + 1);
    const base = METHODS.has(method) ? name.slice(0, cut) : name;
    if (REGISTRY.fetches.has(base)) yield [name, base, METHODS.has(method) ? method : 'str'];
  }
}

function* aclLines(): Iterable<string> {
  for (const [name, fetch, method] of aclNames()) yield `${name} = ${fetch} -m ${method}`;
}

const METHODS = new Set(['beg', 'dir', 'dom', 'end', 'len', 'reg', 'sub']);

/** Whether the usage line says that a word follows. */
const more = (usage: string): string => (usage.includes(' ') ? ' +1' : '');

function* configLines(): Iterable<string> {
  yield 'global';
  for (const name of [...globalKeywords.keys()].sort()) yield `\t${name}`;
  yield 'listen';
  for (const option of [...bindOptions.values()].sort(byName)) {
    yield `\tbind <addr> ${option.name}${more(option.usage)}`;
  }
  for (const name of [...proxyKeywords.keys()].sort()) if (!WITH_WORDS.has(name)) yield `\t${name}`;
  for (const [name, side] of Object.entries(SWITCHES).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const sides = { front: 'FE', back: 'BE', both: 'FE BE' }[side];
    yield `\toption ${name} [ ${sides}${name.includes('http') ? ' HTTP' : ''} ]`;
  }
  for (const option of serverOptions.list()) {
    yield `\tserver <name> <addr> ${option.name}${more(option.usage)}`;
  }
  for (const set of Object.values(RuleSet).sort()) {
    for (const name of [...(REGISTRY.actions.get(set)?.keys() ?? [])].sort()) {
      yield `\t${set} ${name}${/^(un)?set-var(-fmt)?$/.test(name) ? '*' : ''}`;
    }
  }
}

/** Listed with each of their words. */
const WITH_WORDS = new Set([
  'bind',
  'http-after-response',
  'http-request',
  'http-response',
  'server',
  'tcp-request',
  'tcp-response',
]);

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : 1;

/** `(a,b[,c])`, or nothing. */
export function argumentText(specs: readonly ArgSpec[]): string {
  if (specs.length === 0) return '';
  let text = '';
  let open = 0;
  for (const [index, spec] of specs.entries()) {
    const name = spec.usage.replace(/[[\]<>]/g, '');
    if (spec.optional) {
      text += '[';
      open++;
    }
    text += `${index > 0 ? ',' : ''}${name}`;
  }
  return `(${text}${']'.repeat(open)})`;
}

export const typeNames: ReadonlyMap<Type, string> = new Map<Type, string>(
  Object.entries(Type).map(([name, type]) => [type, name.toLowerCase()]),
);

function converterLines(): string[] {
  return [...REGISTRY.converters]
    .map(([name, { args, from, to }]) => {
      const target = to === Type.ANY ? 'same' : typeNames.get(to)!;
      return `${name}${argumentText(args)}: ${typeNames.get(from)!} => ${target}`;
    })
    .sort();
}

const REQUEST = Phase.REQUEST_CONTENT | Phase.REQUEST_HTTP;
const RESPONSE = Phase.RESPONSE_CONTENT | Phase.RESPONSE_HTTP;

/** The places of HAProxy's table, and the phases that stand for each here. */
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
  ['frontend http-response header rule', Phase.RESPONSE_HTTP | Phase.AFTER_RESPONSE],
  ['frontend http-response body rule', Phase.RESPONSE_HTTP],
  ['logs', Phase.LOG],
  ['backend tcp-check rule', Phase.CHECK],
  ['configuration parser', Phase.CONFIG],
  ['CLI parser', 0],
];

/** The slanted lines that lead from the names of the places to their columns. */
const COLUMN_HEAD: readonly string[] = COLUMNS.map(([name], row) => {
  const indent = ' '.repeat(COLUMNS.length + 1 - row);
  return `#${indent}${'/ '.repeat(row)}_.${'-'.repeat(COLUMNS.length - row)} ${name}`;
}).concat([`# ${'/ '.repeat(COLUMNS.length)} `, `# ${'| '.repeat(COLUMNS.length)}`]);

function fetchLines(): string[] {
  return [...REGISTRY.fetches]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { args, phases, type }]) => {
      const marks = COLUMNS.map(([, mask]) => ((phases & mask) === 0 ? '.' : 'Y')).join(' ');
      return `[ ${marks} ] ${name}${argumentText(args)}: ${typeNames.get(type)!}`;
    });
}
