import { type Answer, type Call, type Command, defineCommand, refuse } from '../command.ts';
import { entryOf, type Kind, label, patternArgs } from '../patterns.ts';

function run(call: Call, kind: Kind): Answer {
  const expects = `This command expects two parameters: ${label(kind)} identifier and key.`;
  if (call.args.length < 2) return refuse(call, expects);
  const found = patternArgs(call, kind, expects);
  if (Array.isArray(found)) return found;
  const key = found.rest[0];
  if (key === undefined) return refuse(call, expects);
  const { list } = found.set;
  const entry = entryOf(key);
  const gone = entry >= 0 ? list.editAt(entry, null) : list.delete(key) > 0;
  return gone ? [] : refuse(call, 'Key not found.');
}

const del = (kind: Kind, doc: string): Command =>
  defineCommand({
    words: ['del', kind],
    usage: `del ${kind} <${kind}> [<key>|#<ref>]`,
    doc,
    level: 'operator',
    run: (call) => run(call, kind),
  });

export default [
  del('acl', 'delete acl entries matching <key>'),
  del('map', 'delete map entries matching <key>'),
];
