import type { PatternSet } from '../../acl/store.ts';
import { type Answer, type Call, type Command, defineCommand, refuse } from '../command.ts';
import { entryName, findSet, isKind, type Kind, unknown, versionOf } from '../patterns.ts';

function describe(set: PatternSet): string {
  const { list, name, uses } = set;
  const what = name === '' ? uses[0]! : `pattern loaded from file '${name}' used ${uses.join(', ')}`;
  const versions = `curr_ver=${list.current >>> 0} next_ver=${list.next >>> 0} entry_cnt=${list.count}`;
  return `${set.id} (${name}) ${what}. ${versions}\n`;
}

function* all(call: Call, kind: Kind): Generator<string> {
  yield '# id (file) description\n';
  const sets = call.view.patterns.sets.filter((set) => isKind(set, kind));
  for (const set of sets.sort((a, b) => a.id - b.id)) yield describe(set);
}

function run(call: Call, kind: Kind): Answer {
  const { version, rest } = versionOf(call.args);
  if (rest.length === 0) return all(call, kind);
  const set = findSet(call, kind, rest[0]!);
  if (set === null) return refuse(call, unknown(kind));
  const { list } = set;
  return list.dump(version === null ? list.current : version | 0, (entry, key, value) =>
    value === null ? `${entryName(entry)} ${key}\n` : `${entryName(entry)} ${key} ${value}\n`,
  );
}

const show = (kind: Kind, usage: string, doc: string): Command =>
  defineCommand({ words: ['show', kind], usage, doc, level: 'user', run: (call) => run(call, kind) });

export default [
  show('acl', 'show acl [@<ver>] <acl>]', "report available acls or dump an acl's contents"),
  show('map', 'show map [@ver] [map]', "report available maps or dump a map's contents"),
];
