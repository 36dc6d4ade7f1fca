// Converters against an oracle that is written apart from them (node:crypto, zlib, Buffer, Date, BigInt, a plain loop), or
// against their inverse.

import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { ALL_PHASES } from '../../registry/sources.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';
import { Sample } from '../sample.ts';

const context = fakeParse();
const stream = new FakeStream();
const sample = new Sample();

/** What `converters` make of the bytes, or null. */
function ofBytes(bytes: Buffer, converters: string): string | null {
  sample.setBin(bytes.toString('latin1'));
  stream.transactionVariables.set('x', sample);
  return context.expression(`var(txn.x),${converters}`, ALL_PHASES).text(stream);
}

function ofText(text: string, converters: string): string | null {
  sample.setStr(text);
  stream.transactionVariables.set('x', sample);
  return context.expression(`var(txn.x),${converters}`, ALL_PHASES).text(stream);
}

function ofInt(value: bigint, converters: string): string | null {
  sample.setBig(value);
  stream.transactionVariables.set('x', sample);
  return context.expression(`var(txn.x),${converters}`, ALL_PHASES).text(stream);
}

const bytes = fc.uint8Array({ maxLength: 60 }).map((list) => Buffer.from(list));
/** Bytes without NUL, where a cast from binary to text would end. */
const plain = fc.uint8Array({ maxLength: 60, min: 1 }).map((list) => Buffer.from(list).toString('latin1'));
const few = (unit: string, longest = 12): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...unit), maxLength: longest });

/** A test of `property` over drawn values; the seed is fixed so that a failure comes again. */
function holds<T>(
  name: string,
  arbitrary: fc.Arbitrary<T>,
  property: (value: T) => void,
  numRuns = 200,
): void {
  test(name, () => fc.assert(fc.property(arbitrary, property), { seed: 11, numRuns }));
}

holds('base64 and hex are those of Buffer, and come back', bytes, (value) => {
  strictEqual(ofBytes(value, 'base64'), value.toString('base64'));
  strictEqual(ofBytes(value, 'ub64enc'), value.toString('base64url'));
  strictEqual(ofBytes(value, 'hex'), value.toString('hex').toUpperCase());
  strictEqual(ofBytes(value, 'base64,b64dec,hex'), value.toString('hex').toUpperCase());
  strictEqual(ofBytes(value, 'ub64enc,ub64dec,hex'), value.toString('hex').toUpperCase());
});

holds('digests are those of node:crypto', bytes, (value) => {
  for (const name of ['md5', 'sha1', 'sha256', 'sha384', 'sha512']) {
    const wanted = createHash(name).update(value).digest('hex').toUpperCase();
    strictEqual(ofBytes(value, `digest(${name}),hex`), wanted);
    const key = value.subarray(0, 9);
    const mac = createHmac(name, key).update(value).digest('hex').toUpperCase();
    if (key.length > 0) strictEqual(ofBytes(value, `hmac(${name},${key.toString('base64')}),hex`), mac);
  }
  strictEqual(ofBytes(value, 'sha1,hex'), ofBytes(value, 'digest(sha1),hex'));
  strictEqual(ofBytes(value, 'sha2(384),hex'), ofBytes(value, 'digest(sha384),hex'));
});

/** CRC-32C bit by bit (RFC 3720 B.4). */
function crc32c(value: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of value) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** A 32-bit hash by its recurrence, in integers of any size. */
function recurrence(value: Buffer, start: bigint, step: (hash: bigint, byte: bigint) => bigint): bigint {
  let hash = start;
  for (const byte of value) hash = step(hash, BigInt(byte)) & 0xffffffffn;
  return hash;
}

holds('checksums and small hashes', bytes, (value) => {
  strictEqual(ofBytes(value, 'crc32'), String(crc32(value)));
  strictEqual(ofBytes(value, 'crc32c'), String(crc32c(value)));
  strictEqual(ofBytes(value, 'djb2'), String(recurrence(value, 5381n, (hash, byte) => hash * 33n + byte)));
  strictEqual(ofBytes(value, 'sdbm'), String(recurrence(value, 0n, (hash, byte) => hash * 65599n + byte)));
});

holds('url_enc escapes, and url_dec undoes it', plain, (value) => {
  const escaped = ofText(value, 'url_enc')!;
  strictEqual(/^(?:[A-Za-z0-9._~!*'();:@&=+$,/?#[\]-]|%[0-9A-F]{2})*$/.test(escaped), true, escaped);
  strictEqual(ofText(value, 'url_enc,url_dec'), value);
});

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;
const integer = fc.oneof(
  fc.bigInt({ min: -20n, max: 20n }),
  fc.bigInt({ min: INT_MIN, max: INT_MAX }),
  fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
);
const clamp = (value: bigint): bigint => (value < INT_MIN ? INT_MIN : value > INT_MAX ? INT_MAX : value);
const signed = (value: bigint): bigint => BigInt.asIntN(64, value);

const ARITHMETIC: Readonly<Record<string, (left: bigint, right: bigint) => bigint>> = {
  add: (left, right) => clamp(left + right),
  sub: (left, right) => clamp(left - right),
  mul: (left, right) => clamp(left * right),
  // Division by 0 gives the largest integer, the remainder 0 (manual 7.3.1).
  div: (left, right) => (right === 0n ? INT_MAX : clamp(left / right)),
  mod: (left, right) => (right === 0n ? 0n : left % right),
  and: (left, right) => left & right,
  or: (left, right) => left | right,
  xor: (left, right) => left ^ right,
};

for (const [name, oracle] of Object.entries(ARITHMETIC)) {
  holds(`${name} on 64 bits`, fc.tuple(integer, integer), ([left, right]) => {
    strictEqual(ofInt(left, `${name}(${right})`), String(signed(oracle(left, right))));
  });
}

holds('unary operators on 64 bits', integer, (value) => {
  strictEqual(ofInt(value, 'neg'), String(clamp(-value)));
  strictEqual(ofInt(value, 'cpl'), String(~value));
  strictEqual(ofInt(value, 'bool'), value === 0n ? '0' : '1');
  strictEqual(ofInt(value, 'not'), value === 0n ? '1' : '0');
  strictEqual(ofInt(value, 'odd'), value % 2n === 0n ? '0' : '1');
  strictEqual(ofInt(value, 'even'), value % 2n === 0n ? '1' : '0');
  strictEqual(ofInt(value, 'iif(yes,no)'), value === 0n ? 'no' : 'yes');
});

holds('htonl and hex2i', fc.nat(0xffffffff), (value) => {
  const hex = value.toString(16).padStart(8, '0').toUpperCase();
  strictEqual(ofInt(BigInt(value), 'htonl,hex'), hex);
  strictEqual(ofText(hex, 'hex2i'), String(value));
});

holds(
  'chunks of bytes in hex and decimal',
  fc.tuple(bytes, fc.integer({ min: 1, max: 8 })),
  ([value, size]) => {
    const chunks: Buffer[] = [];
    for (let at = 0; at < value.length; at += size) chunks.push(value.subarray(at, at + size));
    const numbers = (list: readonly Buffer[]): string =>
      list.map((chunk) => BigInt(`0x${chunk.toString('hex')}`)).join('.');
    strictEqual(ofBytes(value, `be2dec(.,${size})`), numbers(chunks));
    strictEqual(
      ofBytes(value, `le2dec(.,${size})`),
      numbers(chunks.map((chunk) => Buffer.from(chunk).reverse())),
    );
    const hex = chunks.map((chunk) => chunk.toString('hex').toUpperCase()).join('.');
    strictEqual(ofBytes(value, `be2hex(.,${size})`), hex);
    const whole = chunks.filter((chunk) => chunk.length === size);
    strictEqual(ofBytes(value, `be2dec(.,${size},1)`), numbers(whole));
  },
);

holds('case, order, length and trimming', plain, (value) => {
  const fold = (from: string, by: number): string =>
    value.replaceAll(new RegExp(`[${from}]`, 'g'), (letter) =>
      String.fromCharCode(letter.charCodeAt(0) + by),
    );
  strictEqual(ofText(value, 'lower'), fold('A-Z', 32));
  strictEqual(ofText(value, 'upper'), fold('a-z', -32));
  strictEqual(ofText(value, 'length'), String(value.length));
  strictEqual(ofText(value, 'reverse,reverse'), value);
  strictEqual(ofText(value, 'reverse'), Buffer.from(value, 'latin1').reverse().toString('latin1'));
  strictEqual(ofText(value, 'cut_crlf'), value.split(/[\r\n]/)[0]!);
});

holds('ltrim and rtrim', few('abc'), (value) => {
  strictEqual(ofText(value, 'ltrim(ab)'), value.replace(/^[ab]+/, ''));
  strictEqual(ofText(value, 'rtrim(ab)'), value.replace(/[ab]+$/, ''));
});

const place = fc.tuple(few('ab-_'), fc.integer({ min: 1, max: 5 }));

holds('field counts all that delimiters enclose, from either end', place, ([value, index]) => {
  const parts = value.split(/[-_]/);
  strictEqual(ofText(value, `field(${index},-_)`), parts[index - 1] ?? null);
  strictEqual(ofText(value, `field(-${index},-_)`), parts.at(-index) ?? null);
});

holds('word passes over what is empty, from either end', place, ([value, index]) => {
  const parts = value.split(/[-_]/).filter((part) => part !== '');
  strictEqual(ofText(value, `word(${index},-_)`), parts[index - 1] ?? null);
  strictEqual(ofText(value, `word(-${index},-_)`), parts.at(-index) ?? null);
});

holds('bytes is a slice', fc.tuple(bytes, fc.nat(70), fc.nat(70)), ([value, from, length]) => {
  const hex = (part: Buffer): string => part.toString('hex').toUpperCase();
  if (from < value.length) {
    strictEqual(ofBytes(value, `bytes(${from}),hex`), hex(value.subarray(from)));
    strictEqual(ofBytes(value, `bytes(${from},${length}),hex`), hex(value.subarray(from, from + length)));
  }
});

holds('json makes a string that JSON.parse reads', few('aé"\\/\n\t\b\u0001 <', 20), (value) => {
  const utf8 = Buffer.from(value).toString('latin1');
  const text = ofText(utf8, 'json(utf8s)')!;
  strictEqual(JSON.parse(`"${text}"`), value);
});

const name = few('abc', 2).filter((text) => text !== '');

holds('json_query finds members', fc.dictionary(name, fc.oneof(fc.integer(), few('xyz'))), (value) => {
  for (const [key, member] of Object.entries(value)) {
    strictEqual(ofText(JSON.stringify(value), `json_query('$.${key}')`), String(member));
  }
  strictEqual(ofText(JSON.stringify(value), "json_query('$.none')"), null);
});

holds(
  'param finds the first of its name',
  fc.array(fc.tuple(name, few('xyz', 3)), { minLength: 1 }),
  (pairs) => {
    const text = pairs.map(([key, value]) => `${key}=${value}`).join('&');
    for (const [key] of pairs) {
      strictEqual(ofText(text, `param(${key})`), new URLSearchParams(text).get(key));
    }
  },
);

holds('dates are those of Date', fc.nat(4_000_000_000), (seconds) => {
  const date = new Date(seconds * 1000);
  strictEqual(ofInt(BigInt(seconds), 'http_date'), date.toUTCString());
  strictEqual(ofText(date.toUTCString(), 'date'), String(seconds));
  const iso = date.toISOString();
  strictEqual(ofInt(BigInt(seconds), 'utime(%Y-%m-%dT%H:%M:%S.000Z)'), iso);
  strictEqual(ofInt(BigInt(seconds), 'utime(%F)'), iso.slice(0, 10));
  strictEqual(ofInt(BigInt(seconds) * 1000n + 7n, 'ms_utime(%S.%3N)'), `${iso.slice(17, 19)}.007`);
  strictEqual(ofInt(BigInt(seconds) * 1_000_000n + 7n, 'us_utime(%S.%6N)'), `${iso.slice(17, 19)}.000007`);
});

holds(
  'ipmask keeps the first bits',
  fc.tuple(fc.nat(0xffffffff), fc.integer({ min: 0, max: 32 })),
  ([value, bits]) => {
    const dotted = (all: bigint): string => [24n, 16n, 8n, 0n].map((by) => (all >> by) & 255n).join('.');
    const kept = (BigInt(value) >> BigInt(32 - bits)) << BigInt(32 - bits);
    strictEqual(ofText(dotted(BigInt(value)), `ipmask(${bits})`), dotted(kept));
  },
);

holds('regsub replaces as replaceAll and replace do', fc.tuple(few('abc'), few('xy', 2)), ([value, by]) => {
  strictEqual(ofText(value, `regsub(b,${by},g)`), value.replaceAll('b', by));
  strictEqual(ofText(value, `regsub(b,${by})`), value.replace('b', by));
  strictEqual(ofText(value, `regsub([ab]+,${by},g)`), value.replaceAll(/[ab]+/g, by));
});

const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().map((text) => `[${text}]`),
);

holds('host_only and port_only take an authority apart', fc.tuple(host, fc.nat(65535)), ([value, port]) => {
  strictEqual(ofText(`${value}:${port}`, 'host_only'), value.toLowerCase());
  strictEqual(ofText(value, 'host_only'), value.toLowerCase());
  strictEqual(ofText(`${value}:${port}`, 'port_only'), String(port));
  strictEqual(ofText(value, 'port_only'), '0');
});

holds('reverse_dom turns labels, and twice gives them back', fc.domain(), (value) => {
  strictEqual(ofText(value, 'reverse_dom'), value.split('.').reverse().join('.'));
  strictEqual(ofText(value, 'reverse_dom,reverse_dom'), value);
});

holds(
  'rfc7239: names of nodes and ports come back',
  fc.tuple(fc.ipV4(), fc.nat(65535)),
  ([address, port]) => {
    strictEqual(ofText(`${address}:${port}`, 'rfc7239_n2nn'), address);
    strictEqual(ofText(`${address}:${port}`, 'rfc7239_n2np'), String(port));
    strictEqual(ofText(`for="${address}:${port}";proto=http`, 'rfc7239_is_valid'), '1');
    strictEqual(ofText(`proto=http;for="${address}:${port}"`, 'rfc7239_field(for)'), `${address}:${port}`);
  },
);

holds('comparisons with a variable', fc.tuple(few('ab', 3), few('ab', 3)), ([left, right]) => {
  sample.setStr(right);
  stream.transactionVariables.set('other', sample);
  const order = Buffer.compare(Buffer.from(left), Buffer.from(right));
  strictEqual(Math.sign(Number(ofText(left, 'strcmp(txn.other)'))), order);
  const same = left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
  strictEqual(ofText(left, 'secure_memcmp(txn.other)'), same ? '1' : '0');
});

test('strcmp tells how far bytes are apart, as HAProxy does', () => {
  const left = ['bcd', 'bcz', 'bca', 'bcdxyz', 'b', '', 'zzz', '\xff'];
  const found = left.map((text) => {
    sample.setStr('bcd');
    stream.transactionVariables.set('other', sample);
    return Number(ofText(text, 'strcmp(txn.other)'));
  });
  deepStrictEqual(found, [0, 22, -3, 1, -1, -1, 24, 157]);
});

holds('has_ctl finds what its mask names', plain, (value) => {
  const any = [...value].some((char) => char < ' ' || char === '\x7f');
  strictEqual(ofText(value, 'has_ctl(any)'), any ? '1' : '0');
});
