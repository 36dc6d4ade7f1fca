// The examples of the manual through Debian's haproxy, in one configuration: those whose keywords it knows.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { allExamples, evaluate, keywordsIn } from '../scenario/examples.ts';
import { haproxyMissing } from './twins.ts';

/** What 2.6 refuses or answers otherwise: arguments and behaviour of later versions, as the manual of 3.5 has them. */
const NEWER: ReadonlySet<string> = new Set([
  'str(0123456),bytes(txn.three,txn.four)',
  'req.body_param(COLOUR,i)',
  'url_param(LANG,,i)',
  // 2.6 keeps a method in a variable by its number and names it wrong.
  'meth(PATCH)',
  // Nothing where there is no such word, and not an empty text.
  'str(f1_f2_f3__f5),word(5,_)',
  // 0 where the input is not hexadecimal, and not nothing.
  'str(zz),hex2i',
  // False for a message that does not start as one, and not nothing.
  'bin(393d3101),fix_is_valid',
]);

/** 2.6 has no value for arrays and objects, nor for a whole token header. */
const giveJson = ({ gives }: { readonly gives: string | null }): boolean => /^[[{]/.test(gives ?? '');

/** Fetches and converters of the haproxy that is installed, from its own list. */
function known(): ReadonlySet<string> {
  const list = (kind: string): string =>
    spawnSync('haproxy', [`-dK${kind}`, '-c', '-f', '/dev/null'], { encoding: 'latin1' }).stdout;
  const names = (text: string): string[] =>
    [...text.matchAll(/^(?:\[[ .Y]+\] |\t)?([\w.+-]+)[(:]/gm)].map(([, name]) => name!);
  return new Set([
    'str(0123456),bytes(txn.three,txn.four)',
    ...names(list('smp')).map((name) => `fetch ${name}`),
    ...names(list('cnv')).map((name) => `converter ${name}`),
  ]);
}

test('haproxy gives what the examples of the manual say', { skip: haproxyMissing() }, async (t) => {
  const has = known();
  const list = allExamples().filter(
    (example) =>
      !NEWER.has(example.expression) &&
      !giveJson(example) &&
      keywordsIn(example).every((name) => has.has(name)),
  );
  ok(list.length > 300, `${list.length} of ${allExamples().length} examples are known to haproxy`);
  const found = await evaluate(t, 'haproxy', list);
  const rows = (values: readonly (string | null)[]): string[] =>
    list.map(({ expression, side }, at) => `${side}: ${expression} -> ${values[at] ?? 'no value'}`);
  deepStrictEqual(rows(found), rows(list.map(({ gives }) => gives)));
});
