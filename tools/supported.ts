// What HAProxy 3.5 knows, by class, and whether a configuration may use it here: for the README's table and the manual.

import { commands } from '../src/cli/commands/index.ts';
import { bindOptions } from '../src/config/bind-options/index.ts';
import { globalKeywords } from '../src/config/keywords/index.ts';
import { SECTIONS } from '../src/config/sections/index.ts';
import { serverOptions } from '../src/config/server-options/index.ts';
import { masterCommands } from '../src/process/master/commands.ts';
import { aclNames } from '../src/registry/dump.ts';
import { SERVICES } from '../src/rules/actions/use-service.ts';
import { FILTERS } from '../src/config/keywords/filter.ts';
import { REGISTRY } from '../src/registry/index.ts';
import { knownNames, type KeywordClass } from '../src/registry/known-keywords.ts';
import { ACL_DERIVATIVES } from '../src/registry/known/acls.ts';
import { ALIASES } from '../src/sample/aliases.ts';
import { loadText } from '../src/testing/load.ts';

/** Words that stand before a keyword and are none themselves; options are a class of their own. */
const PREFIXES = new Set(['no', 'default', 'option']);

/**
 * The names of a class. A first word that only groups others (`stats` of `stats socket`) is not counted beside them; of
 * `acl` only the derivatives are, because each fetch is an ACL name too.
 */
export function knownIn(kind: KeywordClass): string[] {
  const names = kind === 'acl' ? ACL_DERIVATIVES.trim().split(/\s+/) : [...knownNames(kind)];
  const groups = new Set(names.filter((name) => name.includes(' ')).map((name) => name.split(' ', 1)[0]!));
  const alone = kind === 'cli' ? [...commands, ...masterCommands].map(({ words }) => words.join(' ')) : [];
  return names.filter((name) => (!groups.has(name) || alone.includes(name)) && !PREFIXES.has(name));
}

/** Whether the loader takes a line for what it is. What it thinks of the word that follows is another matter. */
function isRead(section: string, line: string): boolean {
  const { messages } = loadText(`${section}\n ${line} x\n`);
  return !messages.some(
    (text) => text.includes('is known but not yet') || text.includes(`unknown keyword '${line}'`),
  );
}

const derivatives = new Set([...aclNames()].map(([name]) => name));
/** `%o` only carries flags. */
const aliases = new Set(['o', ...ALIASES.map(({ name }) => name)]);

/** Commands of the stats socket and of the master socket. */
const allCommands = [...commands, ...masterCommands];

/** Supported, or an argument that the usage of a supported command names: `clear counters all`. */
function hasCommand(name: string): boolean {
  return allCommands.some(({ words, usage }) => {
    const command = words.join(' ');
    if (name === command) return true;
    const rest = name.slice(command.length + 1);
    return (
      name.startsWith(`${command} `) &&
      usage
        .slice(command.length)
        .split(/[^\w-]+/)
        .includes(rest)
    );
  });
}

/** Whether a configuration, or a user of the stats socket, may use `name`. */
export function supports(kind: KeywordClass, name: string): boolean {
  switch (kind) {
    case 'section':
      return Object.hasOwn(SECTIONS, name);
    case 'global':
      return globalKeywords.has(name) || isRead('global', name);
    case 'proxy':
      return isRead('listen l', name);
    case 'option':
      return isRead('listen l', `option ${name}`);
    case 'bind':
      return bindOptions.has(name);
    case 'server':
      return serverOptions.get(name) !== undefined;
    case 'balance':
      return isRead('listen l', `balance ${name}`);
    case 'fetch':
      return REGISTRY.fetches.has(name);
    case 'converter':
      return REGISTRY.converters.has(name);
    case 'acl':
      return derivatives.has(name);
    case 'log-alias':
      return aliases.has(name);
    case 'cli':
      return hasCommand(name);
    case 'filter':
      return FILTERS.has(name);
    case 'service':
      return SERVICES.includes(name);
    case 'quic-initial':
      return false;
    default: {
      const actions = REGISTRY.actions.get(kind);
      // `track-sc` is listed once and written with its number.
      return (
        actions?.has(name) === true || (name.startsWith('track-sc') && actions?.has('track-sc0') === true)
      );
    }
  }
}
