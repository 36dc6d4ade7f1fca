import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Environment } from './environment.ts';
import { formatEmptyWord, formatLexError, isLexError, lexLine } from './lexer.ts';

const environment = new Environment([
  ['HOME', '/root'],
  ['LIST', ' a b  c '],
  ['EMPTY', ''],
]);
environment.file = 'f.cfg';
environment.line = 6;

const words = (text: string): readonly string[] => {
  const result = lexLine(text, environment);
  assert.ok(!isLexError(result), text);
  return result.words;
};

const complaint = (text: string): string => {
  const result = lexLine(text, environment);
  assert.ok(isLexError(result), text);
  return formatLexError(result, text);
};

test('words are cut at blanks, and a hash ends the line even when glued to a word', () => {
  assert.deepEqual(words(' \tbind\t :80   ssl # comment'), ['bind', ':80', 'ssl']);
  assert.deepEqual(words('global#comment'), ['global']);
  assert.deepEqual(words('# all'), []);
  assert.deepEqual(words(' \t'), []);
  assert.deepEqual(words('mode http\r\n'), ['mode', 'http']);
});

test('quotes and escapes follow the matrix of the manual', () => {
  assert.deepEqual(words(`a\\.b\\\\c\\ d\\#e\\"f\\'g\\$h\\zi$HOME\${HOME}`), [
    `a\\.b\\c d#e"f'g\\$h\\zi$HOME\${HOME}`,
  ]);
  assert.deepEqual(words(`"a\\.b\\\\c\\ d\\#e\\"f\\'g\\$h\\zi$HOME \\x41\\n"`), [
    `a\\.b\\c d#e"f'g$h\\zi/root A\n`,
  ]);
  assert.deepEqual(words(`'a\\.b\\\\c\\ d\\x'`), [`a\\.b\\\\c\\ d\\x`]);
  assert.deepEqual(words(`"a"'b'\\ c"$HOME"'$HOME'#foo`), ['ab c/root$HOME']);
  assert.deepEqual(words('a\\'), ['a\\']);
  assert.deepEqual(words('\\t\\r\\x0a'), ['\t\r\n']);
});

test('the four spellings of the manual are equivalent', () => {
  const spellings = [
    String.raw`log-format %{+Q}o\ %t\ %s\ %{-Q}r`,
    `log-format "%{+Q}o %t %s %{-Q}r"`,
    `log-format '%{+Q}o %t %s %{-Q}r'`,
    `log-format "%{+Q}o %t"' %s %{-Q}r'`,
    String.raw`log-format "%{+Q}o %t"' %s'\ %{-Q}r`,
  ];
  for (const spelling of spellings) assert.deepEqual(words(spelling), ['log-format', '%{+Q}o %t %s %{-Q}r']);
});

test('variables are expanded in double quotes alone', () => {
  assert.deepEqual(words('"${HOME-xx}x$HOME-y$HOME.z"'), ['/rootx/root-y/root.z']);
  assert.deepEqual(words('"x${NOPE-def ault}y${NOPE-}z"'), ['xdef aultyz']);
  assert.deepEqual(words('"${NOPE-a"b"c}"'), ['a"b"c']);
  assert.deepEqual(words('"${NOPE-$HOME}"'), ['$HOME']);
  assert.deepEqual(words('"${.LINE}${.FILE}[${.SECTION}]$.LINE"'), ['6f.cfg[]6']);
});

test('a list expands to words, glued to what surrounds it, or to nothing', () => {
  assert.deepEqual(words('x "1${LIST[*]}2" y'), ['x', '1a', 'b', 'c2', 'y']);
  assert.deepEqual(words('x "${NOPE[*]}" y'), ['x', 'y']);
  assert.deepEqual(words('x "${NOPE[*]-d e}"'), ['x', 'd', 'e']);
});

test('an empty word is reported where its variable, or the word, starts', () => {
  const line = lexLine('    acl check path "$NOPE"', environment);
  assert.ok(!isLexError(line));
  assert.equal(
    formatEmptyWord(line, '    acl check path "$NOPE"'),
    'argument number 3 at position 22 is empty and marks the end of the argument list:\n' +
      '  acl check path "$NOPE"\n' +
      '                   ^',
  );
  const literal = lexLine(`log ''`, environment);
  assert.ok(!isLexError(literal) && literal.emptyWord === 1);
});

test('errors carry a position and a caret', () => {
  assert.equal(complaint('  log "foo'), 'unmatched quote at position 7:\n  log "foo\n      ^');
  assert.equal(
    complaint(' log "${foo" '),
    'unmatched brace in environment variable name at position 8:\n  log "${foo" \n        ^',
  );
  assert.equal(
    complaint('\t.notice\t"tab\tinside" extra\t\\xZZ'),
    'truncated or invalid hexadecimal sequence at position 29:\n' +
      '  .notice "tab inside" extra \\xZZ\n                             ^',
  );
  assert.match(complaint(' log "$"'), /^forbidden first char in environment variable name at position 8:/);
  assert.match(complaint(' log "${A[x]}"'), /^truncated or invalid word expansion sequence at position 10:/);
});

test('a line has at most 64 words', () => {
  const numbers = Array.from({ length: 80 }, (_, i) => i).join(' ');
  assert.equal(complaint(` log ${numbers}`), 'too many words, truncating after word 64, position 181: <62>.');
});

test('property: any text gives words or one error, never an exception, and columns stay inside the text', () => {
  const alphabet = ['a', ' ', '"', "'", '\\', '$', '{', '}', '[', '*', ']', '-', 'x', '4', '#', '\0', 'LIST'];
  let seed = 1;
  for (let round = 0; round < 20_000; round++) {
    let text = '';
    for (let i = 0; i < 14; i++) {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      text += alphabet[(seed >> 8) % alphabet.length]!;
      const result = lexLine(text, environment);
      if (isLexError(result)) {
        assert.ok(result.column <= text.length, text);
        formatLexError(result, text);
      } else for (const column of result.columns) assert.ok(column < text.length, text);
    }
  }
});
