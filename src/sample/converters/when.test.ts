import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_PHASES } from '../../registry/sources.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';

function ask(stream: FakeStream, ...conditions: string[]): (string | null)[] {
  const context = fakeParse();
  return conditions.map((text) => context.expression(`str(x),when(${text})`, ALL_PHASES).text(stream));
}

const NAMES = ['error', 'normal', 'forwarded', 'processed', 'toapplet', 'stopping'];
const both = (stream: FakeStream): string =>
  NAMES.filter((name) => {
    const [plain, negated] = ask(stream, name, `!${name}`);
    strictEqual(plain === null, negated !== null, name);
    return plain !== null;
  }).join(' ');

test('when passes the value on where its condition holds, and nothing where not', () => {
  const stream = new FakeStream();
  stream.serverLogName = '<NOSRV>';
  strictEqual(both(stream), 'normal forwarded processed');
  stream.timers.connect = -1;
  strictEqual(both(stream), 'normal');
  stream.serverLogName = '<STATS>';
  strictEqual(both(stream), 'normal processed toapplet');
  stream.flags = 'SC--';
  Object.assign(stream.process, { stopping: true });
  strictEqual(both(stream), 'error processed toapplet stopping');
});

test('when(acl,<name>) asks a named ACL; what is unknown is refused', () => {
  const stream = new FakeStream();
  const refusal = (text: string, why: RegExp): void => throws(() => ask(stream, text), why);
  refusal('acl,nope', /no such ACL : 'nope'/);
  refusal('acl', /condition 'acl' expects the name of an ACL/);
  refusal('acl,a or b', /condition 'acl' expects the name of an ACL/);
  refusal('error,x', /condition 'error' takes no argument/);
  refusal('never', /unknown condition 'never', expects one of acl, error, forwarded/);
  // Predefined ones need no declaration.
  deepStrictEqual(ask(stream, 'acl,TRUE', '!acl,TRUE', 'acl,FALSE', '!acl,FALSE'), ['x', null, null, 'x']);
});

test('debug shows type and value, and passes them on', () => {
  const context = fakeParse();
  Object.assign(context.config, { logRings: new Map() });
  const stream = new FakeStream();
  const run = (text: string): string | null => context.expression(text, ALL_PHASES).text(stream);
  // What haproxy 2.6 writes.
  strictEqual(run('int(12),debug(two,stderr),add(1)'), '13');
  run('bool(1),debug(x,stdout)');
  run('bin(00ff41),debug(b,stdout)');
  run('bin(41ff42),debug(b,stdout)');
  run('ipv6(::1),debug(six,stdout)');
  run('meth(GET),debug(,stdout)');
  strictEqual(run('str(k),debug'), 'k');
  deepStrictEqual(stream.calls, [
    'stderr [debug] two: type=sint <12>',
    'stdout [debug] x: type=bool <1>',
    'stdout [debug] b: type=bin <>',
    'stdout [debug] b: type=bin <A.B>',
    'stdout [debug] six: type=ipv6 <::1>',
    'stdout [debug] : type=meth <GET>',
    'buf0 [debug] : type=str <k>',
  ]);
  deepStrictEqual([...context.config.logRings.keys()], ['ring@buf0']);
  throws(() => run('str(k),debug(x,nope)'), /invalid args in converter 'debug' : No such sink 'nope'/);
});
