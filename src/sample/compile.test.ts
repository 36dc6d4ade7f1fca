import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeParse } from '../testing/fake-parse.ts';
import { FakeStream } from '../testing/fake-stream.ts';
import { Phase } from './expression.ts';
import { Sample, Type } from './sample.ts';

const HTTP = Phase.REQUEST_HTTP;

test('errors are worded as haproxy words them', () => {
  const context = fakeParse();
  const errors: Readonly<Record<string, string>> = {
    foo: "unknown fetch method 'foo'",
    'path,foo': "unknown converter 'foo'",
    'path,lower,foo(2)': "unknown converter 'foo'",
    'path(1)': "fetch method 'path' : expected ')' before '1)'",
    'str(a,b)': "fetch method 'str' : expected ')' before ',b)'",
    'str(a': "fetch method 'str' : expected ')'",
    'str(a)x': "missing comma after fetch keyword 'str'",
    'str(a),lower()x': "missing comma after converter 'lower'",
    'path,crc32(x,y)':
      "invalid arg 1 in converter 'crc32' : failed to parse 'x' as type 'integer' at position 1",
    'path,iif(': "invalid arg 2 in converter 'iif' : missing arguments (got 1/2), type 'string' expected",
    'path,add(1,2)': "invalid arg 2 in converter 'add' : expected ')' before ',2)'",
    'path,ltrim(': "invalid arg 2 in converter 'ltrim' : expected ')'",
    'path,sha2(': "invalid arg 1 in converter 'sha2' : expected ')'",
    '': 'missing fetch method',
    'path,field':
      "invalid arg 1 in converter 'field' : expected type 'integer' at position 1, but got nothing",
    'path,field()':
      "invalid arg 1 in converter 'field' : expected type 'integer' at position 1, but got nothing",
    'path,field(1)':
      "invalid arg 2 in converter 'field' : missing arguments (got 1/2), type 'string' expected",
    'path,field(1,2,3,4)': "invalid arg 3 in converter 'field' : expected ')' before ',4)'",
    'path,field(0,a)': "invalid args in converter 'field' : Unexpected value 0 for index",
    'path,field(a,a)':
      "invalid arg 1 in converter 'field' : failed to parse 'a' as type 'integer' at position 1",
    'path,lower(1)': "invalid arg 1 in converter 'lower' : expected ')' before '1)'",
    'int(x)': "fetch method 'int' : failed to parse 'x' as type 'integer' at position 1",
    'ipv4(x)': "fetch method 'ipv4' : failed to parse 'x' as type 'IPv4 address' at position 1",
    'src,ipmask(x)':
      "invalid arg 1 in converter 'ipmask' : failed to parse 'x' as type 'IPv4 mask' at position 1",
    'bool(x)': "invalid args in fetch method 'bool' : Expects 'true', 'false', '0' or '1'",
    'bin(zz)': "invalid args in fetch method 'bin' : an hex digit is expected (found 'z')",
    'bool(true),ipmask(24)': "converter 'ipmask' cannot be applied",
    'path,add(x)': "invalid args in converter 'add' : expects an integer or a variable name",
    'path,strcmp(x)': "invalid args in converter 'strcmp' : failed to register variable name 'x'",
    'var(txn.x-y)': "invalid args in fetch method 'var' : invalid syntax at char '-y'",
    'req.payload(1)': "fetch method 'req.payload' : missing arguments (got 1/2), type 'integer' expected",
    'hdr(a,-30)': "invalid args in fetch method 'hdr' : header occurrence must be >= -10",
    'res.hdr(a)':
      "fetch method 'res.hdr(a)' extracts information from 'HTTP response headers', none of which is available here",
  };
  const got: Record<string, string> = {};
  for (const source of Object.keys(errors)) {
    try {
      context.expression(source, HTTP);
      got[source] = 'accepted';
    } catch (error) {
      got[source] = (error as Error).message;
    }
  }
  deepStrictEqual(got, errors);
});

test('constants are computed at load', () => {
  const expression = fakeParse().expression('str(abc),upper,length', HTTP);
  strictEqual(expression.constant, true);
  strictEqual(expression.type, Type.SINT);
  strictEqual(expression.text(undefined as unknown as FakeStream), '3');
});

test('several values are given in turn', () => {
  const stream = new FakeStream();
  stream.request!.add('x-a', '1, 2');
  stream.request!.add('x-a', '3');
  const expression = fakeParse().expression('req.hdr(x-a)', HTTP);
  const sample = new Sample();
  const values: string[] = [];
  for (let index = 0; expression.evaluateAt(stream, sample, index); index++) values.push(sample.text);
  deepStrictEqual(values, ['1', '2', '3']);
  strictEqual(expression.text(stream), '3');
});

test('variables keep their type', () => {
  const context = fakeParse();
  const stream = new FakeStream();
  context.expression('int(5),set-var(txn.n)', HTTP).text(stream);
  strictEqual(context.expression('var(txn.n),add(txn.n)', HTTP).text(stream), '10');
  strictEqual(context.expression('var(txn.m),add(1)', HTTP).text(stream), null);
  context.expression('int(3),set-var(txn.n,iflt)', HTTP).text(stream);
  strictEqual(context.expression('var(txn.n)', HTTP).text(stream), '5');
});

test('proxies and servers are looked up when all is read', () => {
  const stream = new FakeStream();
  const context = fakeParse([stream.frontend, stream.backend!]);
  strictEqual(context.expression('be_conn(be)', HTTP).text(stream), '3');
  context.expression('nbsrv(nope)', HTTP);
  context.expression('srv_is_up(be/zz)', HTTP);
  context.finish();
  deepStrictEqual(context.alerts, [
    "unable to find backend 'nope' referenced in a sample expression.",
    "unable to find server 'zz' in proxy 'be'.",
  ]);
  throws(() => context.expression('srv_is_up', HTTP), /got nothing/);
});
