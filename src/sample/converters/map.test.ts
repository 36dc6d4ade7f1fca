import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';
import { Phase } from '../expression.ts';
import { Sample, Type } from '../sample.ts';

const FILES: Readonly<Record<string, string>> = {
  t: '/a one\n/a/b two words\n/ slash\n',
  n: '10.0.0.0/8 ten\n::/0 any\n',
  i: '1:5 five\n7 seven\n',
  r: '^/(x)(y) \\2-\\1\n',
  numbers: '/a 12\n/b -5\n/big 9223372036854775807\n',
  addresses: '/a 1.2.3.4\n/b 2001:db8::1\n',
};

/** The value of an expression, null without one. */
function value(source: string): string | null {
  const context = fakeParse();
  for (const [name, text] of Object.entries(FILES)) context.files.set(name, text);
  return context.expression(source, Phase.REQUEST_HTTP).text(new FakeStream());
}

test('map by method and output', () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ['str(/a),map(t)', 'one'],
    ['str(/c),map(t)', null],
    ['str(/c),map(t,other)', 'other'],
    ['str(/c),map(t,)', ''],
    ['str(/a/b),map_str(t)', 'two words'],
    ['str(/a/c),map_beg(t)', 'one'],
    ['str(/x),map_beg(t)', 'slash'],
    ['str(x/a),map_end(t)', 'one'],
    ['str(x/a/y),map_dir(t)', 'one'],
    ['str(x.a.y),map_dom(t)', 'one'],
    ['str(x/ay),map_sub(t)', 'one'],
    ['str(/xyz),map_reg(r)', '\\2-\\1'],
    ['str(/xyz),map_regm(r)', 'y-x'],
    ['str(/zz),map_regm(r,none)', 'none'],
    ['int(3),map_int(i)', 'five'],
    ['int(6),map_int(i,no)', 'no'],
    ['ipv4(10.1.1.1),map_ip(n)', 'ten'],
    ['ipv4(11.1.1.1),map_ip(n)', 'any'],
    ['str(/a/c),map_beg_key(t)', '/a'],
    ['ipv4(10.1.1.1),map_ip_key(n)', '10.0.0.0/8'],
    ['str(/a),map_str_int(numbers),add(1)', '13'],
    ['str(/big),map_str_int(numbers)', '9223372036854775807'],
    ['str(/zz),map_str_int(numbers,7),add(1)', '8'],
    ['str(/a),map_str_ip(addresses),ipmask(8)', '1.0.0.0'],
    ['str(/b),map_str_ip(addresses)', '2001:db8::1'],
    ['str(/c),map_str_ip(addresses,9.9.9.9)', '9.9.9.9'],
  ];
  for (const [source, wanted] of cases) strictEqual(value(source), wanted, source);
});

test('values have the type that the converter names', () => {
  const context = fakeParse();
  context.files.set('a', FILES['addresses']!);
  const sample = new Sample();
  context.expression('str(/b),map_str_ip(a)', Phase.REQUEST_HTTP).evaluate(new FakeStream(), sample);
  strictEqual(sample.type, Type.IPV6);
  context.expression('str(/a),map_str_ip(a)', Phase.REQUEST_HTTP).evaluate(new FakeStream(), sample);
  strictEqual(sample.type, Type.IPV4);
});

test('what is wrong is refused', () => {
  throws(() => value('str(/a),map'), /failed to open pattern file <>/);
  throws(() => value('str(/a),map(zz)'), /failed to open pattern file <zz>/);
  throws(() => value('str(/a),map_str_int(t)'), /unable to parse 'one' at line 1 of file 't'/);
  throws(() => value('str(/a),map_ip(t)'), /'\/a' is not a valid IPv4 or IPv6 address at line 1 of file 't'/);
  throws(() => value('str(/a),map_str_int(numbers,x)'), /failed to parse 'x' as type 'integer'/);
  throws(() => value('str(/a),map_str_ip(addresses,x)'), /failed to parse 'x' as type 'address'/);
});
