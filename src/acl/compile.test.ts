import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { REGISTRY } from '../registry/index.ts';
import { Phase } from '../sample/expression.ts';
import { fakeParse } from '../testing/fake-parse.ts';
import { FakeStream } from '../testing/fake-stream.ts';
import { compileAcl } from './compile.ts';
import { Match } from './condition.ts';

function stream(): FakeStream {
  const made = new FakeStream();
  made.request!.target = '/images/png/logo/32x32.png?q=1';
  made.request!.add('x-a', 'One, two');
  made.request!.add('x-a', '7');
  made.request!.add('x-ip', '10.1.2.3');
  return made;
}

/** Each is an `if` condition that holds for the stream above; with ! in front it does not. */
const TRUE = [
  'TRUE',
  'METH_GET',
  'HTTP_1.1',
  '!FALSE',
  'FALSE or TRUE',
  'FALSE || TRUE TRUE',
  '{ path_beg /images }',
  '{ path_beg /x /images/ }',
  '{ path_beg -i /IMAGES }',
  '{ path_end .gif .png }',
  '{ path_end -i .PNG }',
  '{ path_dir png/logo }',
  '{ path_dir /logo/ }',
  '{ path_sub 32x }',
  '{ path_reg ^/im.*\\.png$ }',
  '{ path_len 26 }',
  '{ path /images/png/logo/32x32.png }',
  '{ path -m end png }',
  '{ path_beg -m end png }',
  '{ url_beg / }',
  '{ hdr(host) -i EXAMPLE.com }',
  '{ hdr_dom(host) example }',
  '{ hdr_end(host) .com }',
  '{ hdr(x-a) two }',
  '{ hdr(x-a) -i one }',
  '{ hdr(x-a) 7 }',
  '{ hdr(x-a),lower one }',
  '{ hdr_cnt(x-a) 3 }',
  '{ hdr_cnt(x-a) gt 2 }',
  '{ hdr_cnt(x-a) 2:4 }',
  '{ hdr_cnt(x-a) :3 }',
  '{ hdr_val(x-a) ge 7 }',
  '{ req.hdr_cnt(zz) eq 0 }',
  '{ req.hdr(x-a) -m found }',
  '!{ req.hdr(zz) -m found }',
  '{ req.hdr(x-a) -m len 3 }',
  '{ req.hdr(x-ip) -m ip 10.0.0.0/8 }',
  '{ hdr_ip(x-ip) 10.1/8 192.168.0.0/255.255.0.0 }',
  '{ src 192.0.2.0/24 }',
  '{ src ::ffff:192.0.2.1 }',
  '{ src 10.0.0.0/8 192.0.2.1 }',
  '{ dst_port 80 443 }',
  '{ method GET POST }',
  '{ str(a) -m bin 61 }',
  '{ int(0) -m bool } or TRUE',
  '{ urlp(q) 1 }',
  '{ ssl_fc } or { always_true }',
];

test('conditions that hold, and their opposites', () => {
  const context = fakeParse();
  const wrong: string[] = [];
  for (const source of TRUE) {
    const condition = context.condition(['if', ...source.split(' ')], Phase.REQUEST_HTTP);
    const opposite = context.condition(['unless', ...source.split(' ')], Phase.REQUEST_HTTP);
    if (!condition.test(stream()) || opposite.test(stream())) wrong.push(source);
    if (condition.probe(stream()) !== Match.YES || opposite.probe(stream()) !== Match.NO) wrong.push(source);
  }
  deepStrictEqual(wrong, []);
});

test('lines of one name are alternatives', () => {
  const context = fakeParse();
  const acls = context.proxy!.acls;
  compileAcl(['a', 'path', '/x'], acls, context, REGISTRY);
  const condition = context.condition(['if', 'a'], Phase.REQUEST_HTTP);
  strictEqual(condition.test(stream()), false);
  compileAcl(['a', 'method', 'GET'], acls, context, REGISTRY);
  strictEqual(condition.test(stream()), true);
  throws(() => compileAcl(['fo/o', 'path'], acls, context, REGISTRY), /character '\/' is not permitted/);
  throws(() => compileAcl(['or', 'path'], acls, context, REGISTRY), /will never match/);
});

test('patterns from a file, with -i in front of some', () => {
  const context = fakeParse();
  context.files.set('list', '# comment\n/abc\n\n  /images/png/logo/32x32.png\n');
  context.files.set('other', '/other\n/IMAGES/png/logo/32x32.png\n');
  context.files.set('beginnings', '/x\n/images/\n');
  context.files.set('expressions', '^/x\n^/im.*g$\n');
  context.files.set('words', 'none\nthree\n');
  context.files.set('networks', '10.1.0.0/16\n2001:db8::/32\n');
  context.files.set('counts', '7\n2:4\n');
  context.files.set('map', '/x 1\n/images/png/logo/32x32.png two words\n');
  ok(context.condition('if { path -f list }'.split(' '), Phase.REQUEST_HTTP).test(stream()));
  const holds = (source: string): boolean =>
    context.condition(`if { ${source} }`.split(' '), Phase.REQUEST_HTTP).test(stream());
  strictEqual(holds('path -f list /other'), true);
  strictEqual(holds('path -f other -f list'), true);
  strictEqual(holds('path -f other'), false);
  strictEqual(holds('path -f other -i -f list'), true);
  strictEqual(holds('path -M -f map'), true);
  strictEqual(holds('path -m beg -f beginnings'), true);
  strictEqual(holds('path -m reg -f expressions'), true);
  strictEqual(holds('hdr(x-a) -f words -i ONE'), true);
  strictEqual(holds('hdr_ip(x-ip) -f networks'), true);
  strictEqual(holds('hdr_cnt(x-a) -f counts'), true);
  strictEqual(holds('path -f opt@missing -f virt@none'), false);
  strictEqual(holds('path -f file@list --'), true);
  // The same file is one list, whoever names it.
  strictEqual(context.patterns.find('file@list'), context.patterns.find('list'));
  context.patterns.find('virt@none')!.list.add('/images/png/logo/32x32.png', null);
  strictEqual(holds('path -f virt@none'), true);
  throws(() => context.condition('if { path -f no }'.split(' '), 1), /failed to open pattern file <no>/);
});

test('patterns of a line follow their list, and numbers are given in order', () => {
  const context = fakeParse();
  const condition = context.condition('if { path_beg -u 7 /x }'.split(' '), Phase.REQUEST_HTTP);
  const length = context.condition('if { path -m len gt 40 }'.split(' '), Phase.REQUEST_HTTP);
  context.condition('if { path -f virt@a }'.split(' '), Phase.REQUEST_HTTP);
  context.patterns.finish();
  deepStrictEqual(
    context.patterns.sets.map(({ id, name, uses }) => `${id} ${name} ${uses[0]!}`),
    [
      "7  acl 'path_beg' file 'test.cfg' line 9",
      "0  acl 'path' file 'test.cfg' line 9",
      "1 virt@a by acl at file 'test.cfg' line 9",
      "2  acl 'path' file 'test.cfg' line 9",
    ],
  );
  strictEqual(condition.test(stream()), false);
  const { list } = context.patterns.find('#7')!;
  list.add('/ima', null);
  strictEqual(condition.test(stream()), true);
  list.delete('/ima');
  strictEqual(condition.test(stream()), false);
  // A pattern that reaches into the query compares the path alone.
  list.add('/images/png/logo/32x32.png?', null);
  strictEqual(condition.test(stream()), false);
  strictEqual(length.test(stream()), false);
  context.patterns.find('#0')!.list.add('26', null);
  strictEqual(length.test(stream()), true);
  throws(() => context.condition('if { path -u 7 /y }'.split(' '), 1), /the id is already used/);
});

test('missing bytes leave a condition undecided until inspection is over', () => {
  const made = stream();
  made.inspectionOver = false;
  const condition = fakeParse().condition('if { req.len gt 5 }'.split(' '), Phase.REQUEST_CONTENT);
  strictEqual(condition.probe(made), Match.UNDECIDED);
  made.payload = 'abcdefgh';
  strictEqual(condition.probe(made), Match.YES);
  made.payload = '';
  made.inspectionOver = true;
  strictEqual(condition.probe(made), Match.NO);
});

test('errors and warnings', () => {
  const context = fakeParse();
  const errors: Readonly<Record<string, string>> = {
    foo: "no such ACL : 'foo'",
    '{ path /a': "missing closing '}' in condition",
    '{ }': "missing fetch method in ACL expression ''",
    '{ foo }': "unknown fetch method 'foo' in ACL expression 'foo'",
    '{ path -m zz /a }': "unknown matching method 'zz' when parsing ACL expression",
    '{ path -x a }':
      "'-x' is not a valid ACL option. Please use '--' before any pattern beginning with a '-'",
    '{ src foo.invalid }': "'foo.invalid' is not a valid IPv4 or IPv6 address",
    '{ src 1.2.3.4/99 }': "'1.2.3.4/99' is not a valid IPv4 or IPv6 address",
    '{ hdr_cnt(a) gt x }': "'x' is neither a number nor a supported operator",
    '{ hdr_cnt(a) 5:2 }': "'5:2' is not a valid number range",
    '{ path -m bin zz }': "an hex digit is expected (found 'z')",
    '{ path_reg ( }': "regex '(' is invalid (error=missing closing parenthesis, erroffset=1)",
    '{ bool(1) -m ip 1.2.3.4 }': "matching method 'ip' cannot be used with fetch keyword 'bool'",
    '{ hdr(a b }': "ACL keyword 'hdr' : expected ')'",
  };
  const got: Record<string, string> = {};
  for (const source of Object.keys(errors)) {
    try {
      context.condition(['if', ...source.split(' ')], Phase.REQUEST_HTTP);
    } catch (error) {
      got[source] = (error as Error).message;
    }
  }
  deepStrictEqual(got, errors);
  context.condition('if { status 200 }'.split(' '), Phase.REQUEST_HTTP);
  context.condition('if { path }'.split(' '), Phase.REQUEST_HTTP);
  ok(context.warnings[0]!.startsWith("anonymous acl will never match because it uses keyword 'status'"));
  ok(context.warnings[1]!.startsWith("parsing acl keyword 'path' :\n  no pattern to match"));
});
