import type { Lookup } from '../../acl/inline.ts';
import { setOutput } from '../../acl/output.ts';
import type { PatternSet } from '../../acl/store.ts';
import { Sample, Type } from '../../sample/sample.ts';
import { type Answer, type Call, type Command, defineCommand, refuse } from '../command.ts';
import { findSet, type Kind, label as nameOf, unknown } from '../patterns.ts';

const TYPES: Readonly<Partial<Record<Type, string>>> = {
  [Type.SINT]: 'sint',
  [Type.IPV4]: 'ipv4',
  [Type.IPV6]: 'ipv6',
};

/** The value as a map gives it, with its type; none where only ACLs use the look-up. */
function valueText(set: PatternSet, lookup: Lookup, value: string | null): string {
  const output = set.outputs.get(lookup);
  if (output === undefined || value === null) return 'none';
  const sample = new Sample();
  return `"${value}", type="${setOutput(sample, output, value) ? (TYPES[sample.type] ?? 'str') : 'str'}"`;
}

function line(set: PatternSet, lookup: Lookup, kind: Kind, text: string): string {
  const { label, method, ignoreCase, index } = lookup;
  const sample = new Sample();
  sample.setStr(text);
  const pair = method === 'found' || method === 'bool' ? null : lookup.pair(sample);
  const head = `type=${label}, case=${ignoreCase ? 'insensitive' : 'sensitive'}`;
  const word = kind === 'map' ? 'found' : 'match';
  if (pair === null) return `${head}, ${word}=no\n`;
  const found = `${head}, ${word}=yes, idx=${index}`;
  if (kind === 'acl') return `${found}, pattern="${pair.key}"\n`;
  return `${found}, key="${pair.key}", value=${valueText(set, lookup, pair.value)}\n`;
}

function run(call: Call, kind: Kind): Answer {
  const [name, text] = call.args;
  if (name === undefined || text === undefined) {
    return refuse(call, `Missing ${nameOf(kind)} identifier and/or key.`);
  }
  const set = findSet(call, kind, name);
  if (set === null) return refuse(call, unknown(kind));
  return set.lookups.map((lookup) => line(set, lookup, kind, text));
}

const get = (kind: Kind, doc: string): Command =>
  defineCommand({
    words: ['get', kind],
    usage: `get ${kind} <acl> <value>`,
    doc,
    level: 'user',
    run: (call) => run(call, kind),
  });

export default [
  get('acl', 'report the patterns matching a sample for an ACL'),
  get('map', 'report the keys and values matching a sample for a map'),
];
