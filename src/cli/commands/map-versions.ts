// clear, prepare and commit of maps and ACLs.

import type { PatternList } from '../../acl/list.ts';
import { type Answer, type Call, type Command, defineCommand, message, refuse } from '../command.ts';
import { type Kind, label, patternArgs, unknown } from '../patterns.ts';

/** Removes entries some at a time, so that data threads and other commands have their turn. */
async function* purge(
  call: Call,
  list: PatternList,
  dies: (version: number) => boolean,
): AsyncGenerator<string> {
  for (const _turn of list.purge(dies)) {
    await call.sleep(0);
    yield '';
  }
}

function clear(call: Call, kind: Kind): Answer {
  const found = patternArgs(call, kind, `Missing ${label(kind)} identifier.`);
  if (Array.isArray(found)) return found;
  const { list } = found.set;
  const version = found.version === null ? list.current : found.version | 0;
  return purge(call, list, (one) => one === version);
}

function prepare(call: Call, kind: Kind): Answer {
  const found = patternArgs(call, kind, unknown(kind));
  if (Array.isArray(found)) return found;
  return message(call, 'info', `New version created: ${found.set.list.prepare()}`);
}

function commit(call: Call, kind: Kind): Answer {
  if (!call.args[0]?.startsWith('@')) return refuse(call, 'Missing version number.');
  const found = patternArgs(call, kind, unknown(kind));
  if (Array.isArray(found)) return found;
  const { list } = found.set;
  const version = found.version!;
  if (((version - list.current) | 0) <= 0 || ((version - list.next) | 0) > 0) {
    return refuse(call, 'Version number out of range.');
  }
  list.commit(version);
  // Versions that were prepared later stay.
  return purge(call, list, (one) => ((one - version) | 0) < 0);
}

const RUNS = { clear, prepare, commit };

const define = (verb: keyof typeof RUNS, kind: Kind, usage: string, doc: string): Command =>
  defineCommand({
    words: [verb, kind],
    usage: `${verb} ${kind} ${usage}`,
    doc,
    level: 'operator',
    run: (call) => RUNS[verb](call, kind),
  });

export default [
  define('clear', 'acl', '[@<ver>] <acl>', 'clear the contents of this acl'),
  define('clear', 'map', '[@<ver>] <map>', 'clear the contents of this map'),
  define('commit', 'acl', '@<ver> <acl>', 'commit the ACL at this version'),
  define('commit', 'map', '@<ver> <map>', 'commit the map at this version'),
  define('prepare', 'acl', '<acl>', 'prepare a new version for atomic ACL replacement'),
  define('prepare', 'map', '<acl>', 'prepare a new version for atomic map replacement'),
];
