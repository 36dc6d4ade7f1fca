// What HAProxy 2.6 answers to the same lines over the same files; where it differs the test says so.

import { deepEqual, match } from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from './commands/index.ts';
import { fakeView } from './fake.ts';
import { CliSession, type Sink } from './session.ts';
import type { ControlView } from './view.ts';

function talk(text: string, view: ControlView): Promise<string> {
  return new Promise((resolve) => {
    let got = '';
    const sink: Sink = {
      write: (bytes) => ((got += bytes.toString('latin1')), true),
      drained: () => Promise.resolve(true),
      end: () => resolve(got),
      pause() {},
      resume() {},
    };
    const session = new CliSession(view, commands, sink, { level: 'admin', timeoutMs: 1000 });
    session.receive(Buffer.from(text, 'latin1'));
    session.receiveEnd();
  });
}

const UNKNOWN = 'Unknown map identifier. Please use #<id> or <file>.\n';
const ADD =
  "'add map' expects three parameters (map identifier, key and value) or one parameter (map identifier) and a payload\n";
const SET = "'set map' expects three parameters: map identifier, key and value.\n";

const golden: readonly (readonly [string, string])[] = [
  ['show map #3', '* 1:5 five\n* 3 three\n* 7 7v\n'],
  ['show acl l.lst', '* example.com\n* foo.com\n'],
  [
    'get map m.map /a',
    'type=str, case=insensitive, found=yes, idx=list, key="/a", value=none\n' +
      'type=str, case=sensitive, found=yes, idx=tree, key="/a", value="one", type="str"\n',
  ],
  [
    'get map ip.map 10.1.2.3',
    'type=ip, case=sensitive, found=yes, idx=tree, key="10.1.0.0/16", value="tenone", type="str"\n',
  ],
  ['get map i.map 4', 'type=int, case=sensitive, found=yes, idx=list, key="1:5", value="five", type="str"\n'],
  ['get map i2.map 1', 'type=str, case=sensitive, found=yes, idx=tree, key="1", value="10", type="sint"\n'],
  [
    'get acl l.lst foo.com',
    'type=str, case=sensitive, match=yes, idx=tree, pattern="foo.com"\n' +
      'type=str, case=insensitive, match=yes, idx=list, pattern="foo.com"\n',
  ],
  ['get map m.map zz', 'type=str, case=insensitive, found=no\ntype=str, case=sensitive, found=no\n'],
  ['get map ip.map zz', 'type=ip, case=sensitive, found=no\n'],
  ['get map nn a', UNKNOWN],
  ['get map', 'Missing map identifier and/or key.\n'],
  ['get acl', 'Missing ACL identifier and/or key.\n'],
  ['add map m.map', ADD],
  ['add map m.map k', ADD],
  ['add map @1 #3', ADD],
  ['add map ip.map zz v', "'zz' is not a valid IPv4 or IPv6 address.\n"],
  ['add map i2.map 5 abc', "unable to parse 'abc'.\n"],
  ['add acl l.lst zzz', ''],
  ['show acl l.lst', '* example.com\n* foo.com\n* zzz\n'],
  [
    'add acl m.map a',
    "This ACL is shared with a map containing samples. You must use the command 'add map' to add values.\n",
  ],
  ['add acl', "'add acl' expects two parameters: ACL identifier and pattern.\n"],
  ['del map m.map nokey', 'Key not found.\n'],
  ['del map m.map', 'This command expects two parameters: map identifier and key.\n'],
  ['del acl', 'This command expects two parameters: ACL identifier and key.\n'],
  ['del map i.map #0x1', 'Key not found.\n'],
  ['set map i.map #0x1 5', 'key or pattern not found.\n'],
  ['set map m.map nokey v', 'entry not found.\n'],
  ['set map m.map /a', SET],
  ['set map', SET],
  ['set map m.map /a newv', ''],
  ['show map m.map', '* /a newv\n* /a/b two words\n* /A three\n* /a newv\n'],
  ['prepare map m.map', 'New version created: 1\n'],
  ['add map @1 m.map k v', ''],
  ['show map @1 m.map', '* k v\n'],
  ['show map @7 m.map', ''],
  ['get map m.map k', 'type=str, case=insensitive, found=no\ntype=str, case=sensitive, found=no\n'],
  ['commit map @5 m.map', 'Version number out of range.\n'],
  ['commit map m.map', 'Missing version number.\n'],
  ['commit map @1 m.map', ''],
  ['show map m.map', '* k v\n'],
  ['add map @9 m.map a b', "Version number in the future, please use 'prepare map' before.\n"],
  ['clear map m.map', ''],
  ['show map m.map', ''],
  ['clear map nn', UNKNOWN],
  ['clear map', 'Missing map identifier.\n'],
  ['show map nn', UNKNOWN],
  ['prepare map', UNKNOWN],
  ['prepare acl i.map', 'Unknown ACL identifier. Please use #<id> or <file>.\n'],
  ['add map m.map <<\nx 1 2 3\n  yy  zz\n', ''],
  ['show map m.map', '* x 1 2 3\n* yy zz\n'],
  ['add map m.map <<\nxx 1\ny\nz 1\n', "Missing value for key 'y'.\n"],
  ['add map m.map q\\ r 1\\ 2', ''],
  ['show map m.map', '* x 1 2 3\n* yy zz\n* xx 1\n* q r 1 2\n'],
  // HAProxy answers nothing here, and the entry is gone from the index.
  ['set map i2.map 1 abc', "unable to parse 'abc'.\n"],
];

test('maps and ACLs from the stats socket', async () => {
  const view = fakeView(1);
  const got: [string, string][] = [];
  for (const [line] of golden) {
    const answer = await talk(`${line}\n`, view);
    got.push([line, answer.replace(/\n$/, '').replace(/^0x[0-9a-f]+ /gm, '* ')]);
  }
  deepEqual(got, golden);
});

test('lists of maps and ACLs, and entries by their reference', async () => {
  const view = fakeView(1);
  deepEqual((await talk('show acl\n', view)).split('\n'), [
    '# id (file) description',
    "0 (l.lst) pattern loaded from file 'l.lst' used by acl at file 'h.cfg' line 1, by acl at file 'h.cfg' line 1. curr_ver=0 next_ver=0 entry_cnt=2",
    "1 (m.map) pattern loaded from file 'm.map' used by map at file 'h.cfg' line 1, by map at file 'h.cfg' line 1. curr_ver=0 next_ver=0 entry_cnt=4",
    '',
    '',
  ]);
  match(await talk('show map\n', view), /^1 \(m\.map\)[^]*^4 \(ip\.map\) .* entry_cnt=3$/m);
  const reference = /^(0x[0-9a-f]+) \/a dup$/m.exec(await talk('show map m.map\n', view))![1]!;
  await talk(`set map m.map #${reference} other\n`, view);
  match(await talk('show map m.map\n', view), /\/a one\n[^]*\/a other\n/);
  await talk(`del map m.map #${reference}\n`, view);
  match(await talk('show map m.map\n', view), /\/A three\n\n$/);
});
