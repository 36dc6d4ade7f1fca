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

test('what nothing here can do is refused', () => {
  for (const source of [
    '(?R)',
    '(?1)',
    '(*SKIP)',
    'a\\G',
    '\\pL',
    '(?|a)',
    '(?(1)a)',
    '(?U)a*',
    '\\X',
    '\\q',
  ]) {
    throws(() => compileRegex(source, false), /is not supported/, source);
  }
});

test('what is wrong is told in the words of PCRE2, with its place', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['(a', 'missing closing parenthesis', 2],
    ['a)', 'unmatched closing parenthesis', 1],
    ['[a', 'missing terminating ] for character class', 2],
    ['*a', 'quantifier does not follow a repeatable item', 0],
    ['a\\', '\\ at end of pattern', 2],
    ['[[:foo:]]', 'unknown POSIX class name', 1],
    ['[z-a]', 'range out of order in character class', 3],
    ['(?<n>a)(?<n>b)', 'two named subpatterns have the same name', 11],
    ['(?<=a+)b', 'lookbehind assertion is not fixed length', 0],
    ['a{3,2}', 'numbers out of order in {} quantifier', 6],
    ['(a)\\2', 'reference to non-existent subpattern', 5],
  ];
  for (const [source, why, offset] of cases) {
    throws(
      () => compileRegex(source, false),
      { message: `regex '${source}' is invalid (error=${why}, erroffset=${offset})` },
      source,
    );
  }
});

test('what V8 does not have, or means otherwise, is as in PCRE2', () => {
  const cases: readonly (readonly [string, string, readonly (string | undefined)[] | null])[] = [
    ['a++b', 'aab', ['aab']],
    ['a++a', 'aaa', null],
    ['(?>a|ab)c', 'abc', null],
    ['(?>a+)(b)', 'aab', ['aab', 'b']],
    ['foo\\Kbar', 'foobar', ['bar']],
    ['a(?i)b|c', 'C', ['C']],
    ['(?i:a)b|c', 'AB', null],
    ['(a)?\\1b', 'b', null],
    ['(?:(a)|b)*', 'ab', ['ab', 'a']],
    ['(?i)(ab)\\1', 'abAB', ['abAB', 'ab']],
    ['(a)\\g{-1}', 'aa', ['aa', 'a']],
    ["(?'n'a)\\k{n}", 'aa', ['aa', 'a']],
    ['a$', 'a\n', ['a']],
    ['a\\z', 'a\n', null],
    ['a$', 'a\n\n', null],
    ['(?m)^b$', 'a\nb\nc', ['b']],
    ['(?m)a$', 'a\rb', null],
    ['(?s)a.b', 'a\nb', ['a\nb']],
    ['(?x) a b # c', 'ab', ['ab']],
    ['\\Rx', '\r\nx', ['\r\nx']],
    ['[^[:^digit:]]', '7', ['7']],
    ['[\\Q^]\\E]', '^', ['^']],
    ['(?<=ab|c)d', 'abd', ['d']],
    ['(?<!ab|c)d', 'abd', null],
    ['(?<!ab|c)d', 'xd', ['d']],
    ['a{,2}', 'a{,2}', ['a{,2}']],
    ['a{2,3}?', 'aaa', ['aa']],
    ['\\x{e9}', '\xc9', null],
    ['(?i)\\x{e9}', '\xc9', null],
    ['[a-c[:digit:]-]+', 'b-7', ['b-7']],
    ['(?:a|b)*?c', 'abc', ['abc']],
    ['(?=(a+))a*b\\1', 'baaabac', ['aba', 'a']],
  ];
  for (const [source, text, wanted] of cases) {
    const match = compileRegex(source, false).exec(text);
    deepStrictEqual(match === null ? null : [...match], wanted, `${source} on ${JSON.stringify(text)}`);
  }
});

test('options in the middle of a group hold up to its end', () => {
  const regex = compileRegex('^a(?i)(b|c)', false);
  deepStrictEqual(
    ['aB', 'ac', 'AB'].map((text) => regex.test(text)),
    [true, true, false],
  );
});

test('replacing goes on behind each match', () => {
  strictEqual('aXbXc'.replace(compileRegex('(?>x)', true, true), '-'), 'a-b-c');
  strictEqual('abc'.replace(compileRegex('(?=b)|\\Kc', false, true), '-'), 'a-b-');
  strictEqual('a\na\n'.replace(compileRegex('a$', false, true), '-'), 'a\n-\n');
});

test('groups in replacement texts', () => {
  deepStrictEqual(expandGroups('a\\1b\\0\\\\c', ['xy', 'x']), 'axbxy\\c');
  deepStrictEqual(expandGroups('\\9z', ['xy']), 'z');
  deepStrictEqual(expandGroups('\\x41\\1\\x4z\\x', ['b', 'c']), 'Acx4zx');
});
