// The machine against V8, on expressions that both can run, and against the clock.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileRegex } from '../regex.ts';
import { MachineRegExp } from './machine.ts';
import { parse } from './parser.ts';
import { print } from './print.ts';
import { compileProgram } from './program.ts';

const { expression } = fc.letrec<{ expression: string; item: string }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\b', '^', '\\z', 'ab'),
    tie('expression').map((text) => `(${text})`),
    tie('expression').map((text) => `(?:${text})`),
    tie('expression').map((text) => `(?=${text})`),
    tie('expression').map((text) => `(?!${text})`),
  ),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .array(
        fc.tuple(tie('item'), fc.constantFrom('', '', '*', '+', '?', '*?', '+?', '{2}', '{1,2}', '{0,2}?')),
        {
          minLength: 1,
          maxLength: 3,
        },
      )
      .map((items) =>
        items
          .map(([item, mode]) => (mode === '' ? item : `${/^[\^\\]/.test(item) ? 'a' : item}${mode}`))
          .join(''),
      ),
    fc.tuple(tie('item'), tie('item')).map(([a, b]) => `${a}|${b}`),
  ),
}));

test('the machine finds what V8 finds', () => {
  let compared = 0;
  fc.assert(
    fc.property(
      expression,
      fc.array(fc.constantFrom('a', 'b', 'c', '\n'), { maxLength: 8 }),
      (source, letters) => {
        const text = letters.join('');
        const tree = parse(source, false);
        const spelled = print(tree.root);
        // Loops around what may be empty are not for V8.
        if (spelled === null) return;
        const wanted = new RegExp(spelled).exec(text);
        const found = new MachineRegExp(compileProgram(source, tree), false).exec(text);
        deepStrictEqual(
          found === null ? null : [found.index, found[0]],
          wanted === null ? null : [wanted.index, wanted[0]],
          `${source} as ${spelled} on ${JSON.stringify(text)}`,
        );
        compared++;
      },
    ),
    { numRuns: 12_000, seed: 20261123 },
  );
  ok(compared > 2000, `${compared} expressions were compared`);
});

test('nothing takes long, whatever the subject', () => {
  const a = 'a'.repeat(16_000);
  const cases: readonly (readonly [string, string])[] = [
    ['^(a+)+$', `${a}!`],
    ['^(a|a)*$', `${a}!`],
    ['^(a|aa)+$', `${a}!`],
    ['(.*)*x', a],
    ['^(?:a?){40}a{40}!', a],
    ['^(a+)+(?=$)b', `${a}!`],
    ['^(a+)+\\1$', `${a}!`],
    ['^(?!b)(a+)+$', `${a}!`],
    ['(x+x+)+y', 'x'.repeat(16_000)],
    ['^([a-z0-9]+[-.])*(?=x)$', `${'a-'.repeat(8000)}!`],
    ['(?=.*)(.*)(.*)(.*)(.*)!', a],
    ['\\[("T":"(?!v)\\w+"[^\\]]*)+\\]', `[${'"T":"a"'.repeat(1000)}`],
    ['((a{1,30}){1,30}){1,30}$', `${a}!`],
    ['a*a*a*a*a*b', a],
    ['(?>a*)*b', a],
  ];
  for (const [source, text] of cases) {
    const regex = compileRegex(source, false);
    regex.test(text);
    const before = performance.now();
    ok(!regex.test(text), source);
    const took = performance.now() - before;
    ok(took < 250, `${source}: ${took} ms`);
  }
});
