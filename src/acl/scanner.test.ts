// Rule sets in one function answer what their conditions answer one by one.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { REGISTRY } from '../registry/index.ts';
import { Phase } from '../sample/expression.ts';
import { fakeParse } from '../testing/fake-parse.ts';
import { FakeStream } from '../testing/fake-stream.ts';
import { compileAcl, type CompiledCondition, type Test } from './compile.ts';
import type { Condition } from './condition.ts';
import { scannerOf } from './scanner.ts';

const TERMS = [
  '{ path /a /b }',
  '{ path_beg /a /ab }',
  '{ path_beg -i /A }',
  '{ path_end b .png }',
  '{ path_sub "a\'\\\\b" a/ }',
  '{ path_dir a }',
  '{ path_reg ^/[ab]+$ }',
  '{ path -m str -i /A /B /C /D /E /F /G /H /I }',
  '{ path_beg / }',
  '{ hdr(x) -i ONE two }',
  '{ hdr(x) -m found }',
  '{ hdr(x) -m sub w }',
  '{ hdr(x) -m reg ^t }',
  '{ hdr_cnt(x) gt 1 }',
  '{ hdr(y) -m end o }',
  '{ method GET }',
  '{ method PUT POST }',
  '{ src 127.0.0.0/8 10.0.0.1 }',
  '{ src 192.168.0.0/16 }',
  '{ query -m sub q }',
  '{ query -m found }',
  '{ url_param(q) 1 }',
  '{ url_len 3 }',
  '{ var(txn.n) -m found }',
  'named',
  'TRUE',
  'FALSE',
];
const term = fc
  .tuple(fc.boolean(), fc.constantFrom(...TERMS))
  .map(([not, text]) => (not ? `!${text}` : text));
const condition = fc
  .tuple(
    fc.constantFrom('if', 'if', 'unless'),
    fc.array(fc.array(term, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
  )
  .map(([word, suites]) => `${word} ${suites.map((terms) => terms.join(' ')).join(' or ')}`);

const stream = fc
  .record({
    method: fc.constantFrom('GET', 'PUT', 'HEAD'),
    target: fc.constantFrom(
      '/',
      '/a',
      '/A',
      '/ab?q=1',
      '/x/a/b.png',
      'http://h/a',
      'http://h?q=2',
      '*',
      "/a'\\b",
      '/#q',
    ),
    x: fc.array(fc.constantFrom('one', ' Two ', '', 'one,two', '"two, o"'), { maxLength: 2 }),
    y: fc.array(fc.constantFrom('o', 'no'), { maxLength: 1 }),
    gone: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  })
  .map(({ method, target, x, y, gone }) => {
    const made = new FakeStream();
    made.request!.method = method;
    made.request!.target = target;
    for (const value of x) made.request!.add('x', value);
    for (const value of y) made.request!.add('y', value);
    if (gone) made.request = null;
    return made;
  });

function compile(lines: readonly (string | null)[]): { condition: Condition | null }[] {
  const context = fakeParse();
  const { acls } = context.proxy!;
  compileAcl(['named', 'path_beg', '/a'], acls, context, REGISTRY);
  compileAcl(['named', 'hdr(y)', 'no'], acls, context, REGISTRY);
  return lines.map((line) => ({
    condition: line === null ? null : context.condition(line.split(' '), Phase.REQUEST_HTTP),
  }));
}

test('one by one and all at once agree', () => {
  let held = 0;
  fc.assert(
    fc.property(
      fc.array(fc.option(condition, { freq: 8 }), { maxLength: 80 }),
      fc.array(stream, { minLength: 1, maxLength: 4 }),
      (lines, streams) => {
        const rules = compile(lines);
        const scan = scannerOf(rules);
        for (const one of streams) {
          const wanted: number[] = [];
          for (const [i, rule] of rules.entries()) if (rule.condition?.test(one) ?? true) wanted.push(i);
          const found: number[] = [];
          for (let at = scan(one, 0); at < rules.length; at = scan(one, at + 1)) found.push(at);
          deepStrictEqual(found, wanted);
          held += wanted.length;
        }
      },
    ),
    { numRuns: 400, seed: 20261123 },
  );
  ok(held > 1000, `${held} conditions held`);
});

test('patterns that change at run time are followed', () => {
  const rules = compile(['if { path_beg /new }']);
  const one = new FakeStream();
  one.request!.target = '/newer';
  strictEqual(scannerOf(rules)(one, 0), 0);
  const compiled = rules[0]!.condition as CompiledCondition;
  const { tests } = compiled.suites[0]![0]!.acl as unknown as { tests: Test[] };
  const { list } = tests[0]!.sources!.inline;
  list.delete('/new');
  strictEqual(scannerOf(rules)(one, 0), 1);
});

test('-i is about letters of ASCII, whoever compares: one condition, a rule set, few patterns or many', () => {
  const tails = ['\xe9', '\xe9 1 2 3 4 5 6 7 8 9'];
  for (const method of ['str', 'beg', 'end', 'sub', 'dir', 'dom']) {
    for (const tail of tails) {
      const rules = compile([
        `if { hdr(x) -m ${method} -i ${tail} }`,
        `if { hdr(x) -m ${method} -i A${tail} }`,
      ]);
      const upper = new FakeStream();
      upper.request!.add('x', '\xc9');
      strictEqual(rules[0]!.condition!.test(upper), false, `${method} ${tail}`);
      strictEqual(scannerOf(rules)(upper, 0), 2, `${method} ${tail}`);
      const mixed = new FakeStream();
      mixed.request!.add('x', 'a\xe9');
      strictEqual(rules[1]!.condition!.test(mixed), true, `${method} A${tail}`);
      strictEqual(scannerOf(rules.slice(1))(mixed, 0), 0, `${method} A${tail}`);
    }
  }
});
