import type { PatternSet } from '../../acl/store.ts';
import { PatternMemoryFull } from '../../acl/memory.ts';
import { type Answer, type Call, defineCommand, refuse } from '../command.ts';
import { findSet, type Kind, unknown, versionOf } from '../patterns.ts';

const MAP_EXPECTS =
  "'add map' expects three parameters (map identifier, key and value) or one parameter (map identifier) and a payload";
const ACL_EXPECTS = "'add acl' expects two parameters: ACL identifier and pattern.";
/** Lines of a payload that are added before others may have their turn. */
const BATCH = 1000;

/** Adds one entry; returns what is wrong with it, or null. */
function add(set: PatternSet, version: number | null, key: string, value: string | null): string | null {
  const problem = set.problemWith(key, value);
  if (problem !== null) return `${problem}.`;
  try {
    set.list.add(key, value, version ?? set.list.current);
  } catch (error) {
    if (error instanceof PatternMemoryFull) return 'Out of memory error.';
    throw error;
  }
  return null;
}

function refusedVersion(set: PatternSet, version: number | null, kind: Kind): string | null {
  if (version === null) return null;
  const { list } = set;
  if (((version - list.next) | 0) > 0) {
    return `Version number in the future, please use 'prepare ${kind}' before.`;
  }
  return ((version - list.current) | 0) < 0 ? 'Version number out of range.' : null;
}

function run(call: Call, kind: Kind): Answer {
  const { version, rest } = versionOf(call.args);
  const [name, key, value] = rest;
  const { payload } = call;
  const complete =
    kind === 'acl' ? key !== undefined : payload !== null ? key === undefined : value !== undefined;
  if (name === undefined || !complete) return refuse(call, kind === 'map' ? MAP_EXPECTS : ACL_EXPECTS);
  const set = findSet(call, kind, name);
  if (set === null) return refuse(call, unknown(kind));
  if (kind === 'acl' && set.inMaps) {
    return refuse(
      call,
      "This ACL is shared with a map containing samples. You must use the command 'add map' to add values.",
    );
  }
  const refusal = refusedVersion(set, version, kind);
  if (refusal !== null) return refuse(call, refusal);
  if (kind === 'map' && payload !== null) return addLines(call, set, version, payload);
  const problem = add(set, version, key!, kind === 'map' ? value! : null);
  return problem === null ? [] : refuse(call, problem);
}

/** Each line is a key and, behind blanks, its value. What stands before a bad line stays added. */
async function* addLines(
  call: Call,
  set: PatternSet,
  version: number | null,
  payload: string,
): AsyncGenerator<string> {
  let count = 0;
  for (const line of payload.split('\n')) {
    const [, key = '', value = ''] = /^[ \t]*([^ \t]*)[ \t]*(.*)$/.exec(line) ?? [];
    if (key === '') continue;
    const problem = value === '' ? `Missing value for key '${key}'.` : add(set, version, key, value);
    if (problem !== null) {
      yield* refuse(call, problem);
      return;
    }
    if (++count % BATCH === 0 && (await call.sleep(0))) return;
  }
}

export default [
  defineCommand({
    words: ['add', 'acl'],
    usage: 'add acl [@<ver>] <acl> <pattern>',
    doc: 'add an acl entry',
    level: 'operator',
    run: (call) => run(call, 'acl'),
  }),
  defineCommand({
    words: ['add', 'map'],
    usage: 'add map [@<ver>] <map> <key> <val>',
    doc: 'add a map entry (payload supported instead of key/val)',
    level: 'operator',
    run: (call) => run(call, 'map'),
  }),
];
