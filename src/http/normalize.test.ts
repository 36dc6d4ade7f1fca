import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NORMALIZERS } from './normalize.ts';

const CASES: readonly (readonly [string, string, string | null])[] = [
  ['fragment-encode', '/#foo', '/%23foo'],
  ['fragment-strip', '/#foo', '/'],
  ['path-merge-slashes', '//a///b?c=//', '/a/b?c=//'],
  ['path-strip-dot', '/a/./a/.', '/a/a/'],
  ['path-strip-dot', '/.well-known/', '/.well-known/'],
  ['path-strip-dotdot', '/bar/../../', '/../'],
  ['path-strip-dotdot', '/foo//../', '/foo/'],
  ['path-strip-dotdot', '/../../x', '/../../x'],
  ['path-strip-dotdot full', '/bar/../../', '/'],
  ['percent-decode-unreserved', '/%%36%36%3F', '/%66%3F'],
  ['percent-decode-unreserved strict', '/%%36%36', null],
  ['percent-to-uppercase', '/%6f%zz', '/%6F%zz'],
  ['percent-to-uppercase strict', '/%zz', null],
  ['path-strip-dotdot', '/a/../..', '/../'],
  ['path-strip-dotdot', '/..', '/../'],
  ['query-sort-by-name', '/s?a=2&a=1&b=0&&', '/s?&a=2&a=1&b=0'],
  ['query-sort-by-name', '/s?&', '/s?'],
  ['query-sort-by-name', '/s?b&', '/s?b'],
  ['query-sort-by-name', '/?a=3&b=4&a=1&aa=5', '/?a=3&a=1&aa=5&b=4'],
];

test('normalizers give the forms of the manual', () => {
  for (const [name, target, expected] of CASES) {
    assert.equal(NORMALIZERS.get(name)!(target), expected, `${name} ${target}`);
  }
});
