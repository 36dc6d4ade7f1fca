import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { compileRegex, expandGroups } from './regex.ts';

test('PCRE spellings keep their meaning', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['^/a.b$', '/axb', true],
    ['^a.b$', 'a\rb', true],
    ['(?i)abc', 'xABC', true],
    ['(?i)abc', 'xABd', false],
    ['a(?i:b)c', 'aBc', true],
    ['a(?i:b)c', 'aBC', false],
    ['((?i)a|b)c', 'Bc', true],
    ['((?i)a|b)c', 'BC', false],
    ['[[:digit:]]+x', '12x', true],
    ['[^[:space:]a]', ' a', false],
    ['[]a]b', ']b', true],
    ['\\Aa\\z', 'a', true],
    ['\\Qa.b\\E+', 'a.bb', true],
    ['\\Qa.b\\E', 'axb', false],
    ['(?P<n>a)(?P=n)', 'aa', true],
    ['(a)\\g{1}', 'aa', true],
    ['\\h', '\t', true],
    ['\\x{41}', 'A', true],
    ['a(?#note)b', 'ab', true],
    ['\\s', '\xa0', false],
  ];
  for (const [source, text, wanted] of cases) {
    strictEqual(compileRegex(source, false).test(text), wanted, `${source} on ${text}`);
  }
});

test('what V8 cannot do is refused', () => {
  for (const source of ['a++', 'a{2}+', '(?>a)', '(?R)', '(*SKIP)', 'a\\Kb', 'a(?i)b|c', '\\pL', '(?|a)']) {
    throws(() => compileRegex(source, false), /is not supported/, source);
  }
  throws(() => compileRegex('(a', false), /missing closing parenthesis/);
  throws(() => compileRegex('[a', false), /missing terminating/);
});

test('options in the middle of a group hold up to its end', () => {
  const regex = compileRegex('^a(?i)(b|c)', false);
  deepStrictEqual(
    ['aB', 'ac', 'AB'].map((text) => regex.test(text)),
    [true, true, false],
  );
});

test('groups in replacement texts', () => {
  deepStrictEqual(expandGroups('a\\1b\\0\\\\c', ['xy', 'x']), 'axbxy\\c');
  deepStrictEqual(expandGroups('\\9z', ['xy']), 'z');
});
