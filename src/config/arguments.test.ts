import { test } from 'node:test';
import assert from 'node:assert/strict';
import { isCallError, parseCall, parseCalls } from './arguments.ts';

const args = (text: string): readonly string[] | null => {
  const call = parseCall(text, 0);
  assert.ok(!isCallError(call));
  assert.equal(call.end, text.length);
  return call.args?.map((arg) => arg.text) ?? null;
};

test('arguments are cut at commas and end at the parenthesis', () => {
  assert.equal(args('path'), null);
  assert.deepEqual(args('f()'), ['']);
  assert.deepEqual(args('regsub(foo,blah,g)'), ['foo', 'blah', 'g']);
  assert.deepEqual(args('f( a, b)'), [' a', ' b']);
});

test('quotes and backslashes protect delimiters, and other backslashes stay', () => {
  assert.deepEqual(args('regsub("(foo|bar)",blah,g)'), ['(foo|bar)', 'blah', 'g']);
  assert.deepEqual(args('regsub("^/(here)(/|$)","my/\\1",g)'), ['^/(here)(/|$)', 'my/\\1', 'g']);
  assert.deepEqual(args(`str(\\'foo\\')`), [`'foo'`]);
  assert.deepEqual(args(`f('a\\"b',"c\\"d",\\#\\$\\x41)`), ['a\\"b', 'c"d', '\\#\\$\\x41']);
});

test('what follows the parenthesis is left to the caller', () => {
  const call = parseCall('regsub((foo|bar),blah,g)', 0);
  assert.ok(!isCallError(call));
  assert.deepEqual(
    call.args?.map((arg) => arg.text),
    ['(foo|bar'],
  );
  assert.equal('regsub((foo|bar),blah,g)'.slice(call.end), ',blah,g)');
});

test('missing ends are told apart', () => {
  assert.deepEqual(parseCall('f(a,b', 0), { kind: 'unclosed', at: 5, name: 'f', count: 2 });
  assert.deepEqual(parseCall('f(a,"b', 0), { kind: 'quote', at: 4, name: 'f', count: 2 });
});

test('an expression is a chain of calls', () => {
  const calls = parseCalls('path,regsub("a,b",c),lower -m', 0);
  assert.ok(!isCallError(calls));
  assert.deepEqual(
    calls.map((call) => call.name),
    ['path', 'regsub', 'lower'],
  );
  assert.equal(calls[2]!.end, 26);
});
