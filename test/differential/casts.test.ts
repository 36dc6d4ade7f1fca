// Every kind of value through every converter of 2.6, by Debian's haproxy and by ours: what is refused at load, what
// becomes of the type, and the text that comes out.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Phase } from '../../src/sample/expression.ts';
import { FakeMessage } from '../../src/testing/fake-message.ts';
import { fakeParse } from '../../src/testing/fake-parse.ts';
import { FakeStream } from '../../src/testing/fake-stream.ts';
import { freePort, startHaproxy } from './oracle.ts';

const missing = spawnSync('haproxy', ['-v']).error !== undefined;

const MAX = '9223372036854775807';
const MIN = '-9223372036854775808';

const VALUES = [
  ...['bool(0)', 'bool(1)', 'int(0)', 'int(1)', 'int(-1)', 'int(258)', 'int(4294967295)', 'int(4294967296)'],
  ...[
    'int(9007199254740991)',
    'int(9007199254740993)',
    'int(-9007199254740995)',
    `int(${MAX})`,
    `int(${MIN})`,
  ],
  ...[
    'ipv4(0.0.0.0)',
    'ipv4(1.2.3.4)',
    'ipv4(255.255.255.254)',
    'ipv6(::)',
    'ipv6(::1)',
    'ipv6(2001:db8::a:b)',
  ],
  ...['ipv6(::ffff:1.2.3.4)', 'ipv6(2002:102:304::)', 'ipv6(64:ff9b::102:304)', 'ipv6(::1.2.3.4)'],
  ...[
    'str()',
    'str(0)',
    'str(1)',
    'str(-1)',
    'str(+1)',
    'str(007)',
    'str(0x10)',
    'str(12ab)',
    'str(ab12)',
    'str(" 12")',
  ],
  ...[`str(${MAX})`, `str(${MIN})`, 'str(9223372036854775808)', 'str(-9223372036854775809)', 'str(1e3)'],
  ...[
    'str(true)',
    'str(false)',
    'str(True)',
    'str(TRUE)',
    'str(yes)',
    'str(on)',
    'str(1.2.3.4)',
    'str(1.2.3)',
  ],
  ...[
    'str(1.2.3.4.5)',
    'str(256.1.1.1)',
    'str(01.2.3.4)',
    'str(::1)',
    'str(::g)',
    'str(fe80::1%lo)',
    'str(localhost)',
  ],
  ...['str(GET)', 'str(get)', 'str(a b-c_d)', 'str("A,b;c=d&e?f/g")', 'str(1F)', 'str(616263)', 'str(YWJj)'],
  ...['bin()', 'bin(00)', 'bin(41)', 'bin(3132)', 'bin(310032)', 'bin(ff)', 'bin(c3a9)', 'bin(01020304)'],
  ...[
    'bin(00000000000000000000000000000001)',
    'bin(312e322e332e34)',
    'bin(74727565)',
    'bin(0102030405060708090a)',
  ],
  ...['meth(GET)', 'meth(FOO)', 'method', 'src', 'hdr(x-none)', 'hdr_cnt(x-none)'],
  ...['req.hdr_val(x-none)', 'var(txn.none)', 'str(a),set-var(txn.v)', 'always_true', 'always_false'],
];

const CONVERTERS = [
  ...[
    '',
    'bool',
    'not',
    'odd',
    'even',
    'neg',
    'cpl',
    'add(1)',
    'add(-1)',
    'sub(1)',
    'sub(-1)',
    'mul(3)',
    'mul(-1)',
  ],
  ...[
    'div(2)',
    'div(0)',
    'div(-1)',
    'mod(3)',
    'mod(0)',
    'mod(-1)',
    'and(255)',
    'or(256)',
    'xor(-1)',
    `add(${MAX})`,
  ],
  ...[`sub(${MIN})`, `mul(${MAX})`, `mul(${MIN})`, `div(${MIN})`, `mod(${MIN})`, `and(${MIN})`],
  ...[`add(${MIN})`, 'add(txn.none)', 'add(x)', 'add(1,2)', 'iif(y,n)', 'iif(y)', 'ipmask(8)'],
  ...[
    'ipmask(255.0.255.0)',
    'ipmask(0)',
    'ipmask(32,0)',
    'ipmask(24,64)',
    'ipmask(33)',
    'lower',
    'upper',
    'hex',
  ],
  ...[
    'hex2i',
    'base64',
    'b64dec',
    'ub64enc',
    'ub64dec',
    'length',
    'crc32',
    'djb2',
    'sdbm',
    'crc32c',
    'xxh32',
  ],
  ...[
    'xxh64',
    'xxh3',
    'sha1,hex',
    'sha2(224),hex',
    'digest(md5),hex',
    'digest(nope)',
    'bytes(0)',
    'bytes(1)',
    'bytes(1,1)',
  ],
  ...[
    'bytes(9)',
    'bytes(-1)',
    'bytes',
    'htonl',
    'htonl,hex',
    'json',
    'json(ascii)',
    'json(utf8ps)',
    'url_dec',
    'url_enc',
  ],
  ...[
    'url_enc(x)',
    'regsub(1,x)',
    'regsub([a-c],x,g)',
    'regsub(1)',
    'field(1,.)',
    'field(-1,.)',
    'field(0,.)',
    'word(2,.)',
  ],
  ...[
    'word(0,.)',
    'ltrim(1)',
    'rtrim(4)',
    'ltrim',
    'concat(a)',
    'concat(a,txn.none,b)',
    'strcmp(txn.none)',
    'strcmp(x.y)',
  ],
  ...['http_date(0,us)', 'ltime(%s)', 'utime(%Y-%m-%d)'],
  ...['language(en;fr)', 'json_query($.a)', 'cut_crlf', 'protobuf(1)', 'protobuf', 'be2dec(:,2)'],
  ...[
    'be2hex(:,2)',
    'be2hex',
    'host_only',
    'port_only',
    'hmac(sha1,YQ==),hex',
    'secure_memcmp(txn.none)',
    'nope',
    'add(1),nope',
  ],
  ...[
    'fix_is_valid',
    'mqtt_is_valid',
    'set-var(txn.x)',
    'set-var(nope.x)',
    'unset-var(txn.x)',
    'map(/nonexistent)',
  ],
  ...[
    'add_item(-,,c)',
    'add_item(-)',
    'rtrim(x),add(1)',
    'hex,add(1)',
    'hex,hex2i',
    'base64,b64dec',
    'bytes(0),add(1)',
    'bytes(0),not',
  ],
  ...[
    'ipmask(8),hex',
    'ipmask(8),add(1)',
    'ipmask(8),lower',
    'upper,not',
    'upper,ipmask(8)',
    'not,lower',
    'not,hex',
    'not,ipmask(8)',
  ],
  ...[
    'add(0),not',
    'add(0),hex',
    'add(0),ipmask(8)',
    'add(0),lower',
    'add(0),length',
    'hex,b64dec',
    'length,iif(y,n)',
  ],
];

/**
 * Where 2.6 is not followed: its sum of two negative integers is the largest integer, a sum of a boolean stays one and
 * is no address, and one message of MQTT with bytes behind it is neither valid nor invalid.
 */
const ODD =
  /^(?:int|str)\(-\d+\),(?:add\(-1\)|sub\(1\))$|^(?:bool|always).*,add\(0\),ipmask|^ipv6\(2002.*mqtt/;

const SEPARATOR = '|~|';
const AT_ONCE = 40;

interface Verdict {
  readonly source: string;
  /** Null where it is refused. */
  readonly text: string | null;
}

/** haproxy stops reading at the 50th error. */
const CHECKED_AT_ONCE = 49;

/** Which sources the program refuses. */
function refusedByHaproxy(sources: readonly string[], head: string, folder: string): Set<number> {
  const file = join(folder, 'check.cfg');
  const offset = head.split('\n').length;
  const refused = new Set<number>();
  for (let at = 0; at < sources.length; at += CHECKED_AT_ONCE) {
    const rules = sources.slice(at, at + CHECKED_AT_ONCE).map(rule);
    writeFileSync(file, `${head}${rules.join('\n')}\n`);
    const { stderr } = spawnSync('haproxy', ['-c', '-f', file], { encoding: 'latin1' });
    for (const [, line] of stderr.matchAll(/\[ALERT\][^\n]*parsing \[[^\]]*check\.cfg:(\d+)\]/g)) {
      refused.add(at + Number(line) - offset);
    }
  }
  return refused;
}

/** Of all lines that take an expression, one whose errors do not end the parsing. */
const rule = (text: string): string => ` tcp-request content capture '${text}' len 10`;

function fetchBody(port: number, path: string): Promise<string> {
  return new Promise((done, fail) => {
    const request = `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;
    const socket = createConnection(port, '127.0.0.1', () => socket.write(request));
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('end', () => done(text.slice(text.indexOf('\r\n\r\n') + 4)));
    socket.on('error', fail);
  });
}

async function askHaproxy(sources: readonly string[]): Promise<Verdict[]> {
  const folder = mkdtempSync(join(tmpdir(), 'casts-'));
  const port = await freePort();
  const head =
    'defaults\n mode http\n timeout client 9s\n timeout server 9s\n timeout connect 9s\n' +
    `frontend f\n bind 127.0.0.1:${port}\n`;
  try {
    const refused = refusedByHaproxy(sources, head, folder);
    const taken = sources.filter((_, index) => !refused.has(index));
    const rules: string[] = [];
    for (let at = 0; at < taken.length; at += AT_ONCE) {
      const format = taken.slice(at, at + AT_ONCE).map((text) => `%[${text}]`);
      rules.push(
        ` http-request return status 200 content-type text/plain lf-string '${format.join(SEPARATOR)}' if { path /p/${rules.length} }`,
      );
    }
    const stop = await startHaproxy(`${head}${rules.join('\n')}\n`, folder, port);
    const texts = new Map<string, string>();
    try {
      for (let index = 0; index < rules.length; index++) {
        const parts = (await fetchBody(port, `/p/${index}`)).split(SEPARATOR);
        taken
          .slice(index * AT_ONCE, (index + 1) * AT_ONCE)
          .forEach((source, at) => texts.set(source, parts[at]!));
      }
    } finally {
      stop();
    }
    return sources.map((source) => ({ source, text: texts.get(source) ?? null }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function askOurs(sources: readonly string[]): Verdict[] {
  const context = fakeParse();
  return sources.map((source) => {
    const stream = new FakeStream();
    stream.request = new FakeMessage(false, [
      ['host', 'a'],
      ['connection', 'close'],
    ]);
    stream.session.source = { family: 'ipv4', text: '127.0.0.1', ipv4: 0x7f000001, ipv6: '', port: 1 };
    try {
      return { source, text: context.logFormat(`%[${source}]`, Phase.REQUEST_HTTP).render(stream) };
    } catch {
      return { source, text: null };
    }
  });
}

test(
  'every value through every converter',
  { skip: missing ? 'haproxy is not installed' : false },
  async () => {
    const sources = VALUES.flatMap((value) =>
      CONVERTERS.map((converter) => (converter === '' ? value : `${value},${converter}`)),
    ).filter((source) => !ODD.test(source));
    const wanted = await askHaproxy(sources);
    ok(wanted.filter(({ text }) => text !== null).length > sources.length / 2);
    deepStrictEqual(askOurs(sources), wanted);
  },
);
