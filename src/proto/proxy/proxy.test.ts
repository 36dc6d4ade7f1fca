import { test } from 'node:test';
import { deepEqual, equal, ok } from 'node:assert/strict';
import { HEADER_BYTES_MAX, writeProxyV1, writeProxyV2, type ProxyTlv } from './writer.ts';
import { ProxyHeader, ProxyParse, parseProxyHeader } from './parser.ts';
import { Tlv, V1_LINE_MAX } from './format.ts';
import { endpoint } from '../../testing/fake-stream.ts';
import type { Endpoint } from '../../sample/context.ts';

const OFFSET = 7;

/** Parses with every shorter prefix first: each of them must ask for more. */
function parse(header: Uint8Array): { verdict: ProxyParse; result: ProxyHeader } {
  const memory = new Uint8Array(header.length + 20).fill(0x41);
  memory.set(header, OFFSET);
  const result = new ProxyHeader();
  const whole = parseProxyHeader(memory, OFFSET, OFFSET + header.length + 5, result);
  if (whole === ProxyParse.DONE) {
    equal(result.end, OFFSET + header.length);
    const part = new ProxyHeader();
    for (let length = 0; length < header.length; length++) {
      equal(
        parseProxyHeader(memory, OFFSET, OFFSET + length, part),
        ProxyParse.NEED_DATA,
        `cut at ${length}`,
      );
      equal(part.end, 0);
    }
  }
  return { verdict: whole, result };
}

const line = (text: string) => parse(Buffer.from(text, 'latin1'));
const shown = (e: Endpoint | null): string => (e === null ? 'none' : `${e.family} ${e.text} ${e.port}`);

test('version 1, every split', () => {
  const { verdict, result } = line('PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n');
  equal(verdict, ProxyParse.DONE);
  equal(shown(result.source), 'ipv4 192.0.2.1 56324');
  equal(shown(result.destination), 'ipv4 198.51.100.2 443');
  equal(result.source!.ipv4, 0xc0000201);
  const six = line('PROXY TCP6 2001:db8::1 ::1 1 65535\r\n').result;
  equal(shown(six.source), 'ipv6 2001:db8::1 1');
  equal(shown(six.destination), 'ipv6 ::1 65535');
  ok(line('PROXY UNKNOWN\r\n').result.local);
  ok(line('PROXY UNKNOWN ffff::1 what ever\r\n').result.local);
});

test('version 1 refused', () => {
  for (const text of [
    'GET / HTTP/1.1\r\n',
    'PROXX TCP4 1.1.1.1 2.2.2.2 1 2\r\n',
    'PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n',
    'PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n',
    'PROXY TCP4 1.1.1.1 2.2.2.2 1 65536\r\n',
    'PROXY TCP4 1.1.1.1 2.2.2.2 1 -2\r\n',
    'PROXY TCP4 1.1.1.256 2.2.2.2 1 2\r\n',
    'PROXY TCP4 ::1 ::2 1 2\r\n',
    'PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n',
    'PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n',
    'PROXY  TCP4 1.1.1.1 2.2.2.2 1 2\r\n',
    'PROXY UNKNOWNS\r\n',
    `PROXY UNKNOWN ${'x'.repeat(V1_LINE_MAX)}\r\n`,
  ]) {
    equal(line(text).verdict, ProxyParse.ERROR, text);
  }
});

const v2 = (hex: string) => parse(Buffer.from('0d0a0d0a000d0a515549540a' + hex.replaceAll(' ', ''), 'hex'));

test('version 2 from bytes', () => {
  const { verdict, result } = v2('21 11 000c c0000201 c6336402 dc04 01bb');
  equal(verdict, ProxyParse.DONE);
  equal(shown(result.source), 'ipv4 192.0.2.1 56324');
  equal(shown(result.destination), 'ipv4 198.51.100.2 443');
  const local = v2('20 00 0000');
  equal(local.verdict, ProxyParse.DONE);
  ok(local.result.local);
  ok(v2('20 11 000c c0000201 c6336402 dc04 01bb').result.local);
  ok(v2('20 00 0003 ffffff').result.local);
  const unspecified = v2('21 00 0004 05 0001 41').result;
  ok(unspecified.local);
  equal(unspecified.tlvs.get(Tlv.UNIQUE_ID), 'A');
  equal(v2(`21 31 00d8 ${'2f'.repeat(216)}`).result.source?.family, 'unix');
});

test('version 2 refused', () => {
  equal(v2('11 11 000c').verdict, ProxyParse.ERROR, 'version');
  equal(v2('22 11 000c c0000201 c6336402 dc04 01bb').verdict, ProxyParse.ERROR, 'command');
  equal(v2('21 41 0000').verdict, ProxyParse.ERROR, 'family');
  equal(v2('21 13 000c c0000201 c6336402 dc04 01bb').verdict, ProxyParse.ERROR, 'transport');
  equal(v2('21 11 000b c0000201 c6336402 dc04 01').verdict, ProxyParse.ERROR, 'addresses cut off');
  equal(v2('21 00 0002 05 00').verdict, ProxyParse.ERROR, 'TLV head cut off');
  equal(v2('21 00 0004 05 0002 41').verdict, ProxyParse.ERROR, 'TLV value cut off');
  equal(v2('21 00 0007 03 0004 00000000').verdict, ProxyParse.ERROR, 'checksum');
  equal(v2('21 00 0006 03 0003 000000').verdict, ProxyParse.ERROR, 'checksum length');
  equal(v2(`21 00 0084 05 0081 ${'41'.repeat(129)}`).verdict, ProxyParse.ERROR, 'unique id too long');
});

const A = endpoint('192.0.2.1', 56324);
const B = endpoint('198.51.100.2', 443);
const C = endpoint('2001:db8::1', 9);

test('writer of version 1', () => {
  const memory = new Uint8Array(V1_LINE_MAX);
  const written = (from: Endpoint | null, to: Endpoint | null): string => {
    const end = writeProxyV1(memory, 0, from, to);
    return Buffer.from(memory).toString('latin1', 0, end);
  };
  equal(written(A, B), 'PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n');
  equal(written(C, C), 'PROXY TCP6 2001:db8::1 2001:db8::1 9 9\r\n');
  equal(written(C, B), 'PROXY TCP6 2001:db8::1 ::ffff:198.51.100.2 9 443\r\n');
  equal(written(null, B), 'PROXY UNKNOWN\r\n');
});

test('what the writer of version 2 writes is read back, every split', () => {
  const memory = new Uint8Array(1024);
  const tlvs: ProxyTlv[] = [
    { type: Tlv.AUTHORITY, value: 'example.org' },
    { type: Tlv.UNIQUE_ID, value: 'id\xff' },
    { type: Tlv.CUSTOM_FIRST, value: '' },
  ];
  const pairs: [Endpoint, Endpoint, string][] = [
    [A, B, 'ipv4 192.0.2.1 56324'],
    [C, C, 'ipv6 2001:db8::1 9'],
    [A, C, 'ipv6 ::ffff:192.0.2.1 56324'],
  ];
  for (const checksum of [false, true]) {
    for (const [from, to, source] of pairs) {
      const end = writeProxyV2(memory, 0, memory.length, from, to, tlvs, checksum, true);
      const { verdict, result } = parse(memory.subarray(0, end));
      equal(verdict, ProxyParse.DONE);
      equal(shown(result.source), source);
      deepEqual(
        tlvs.map(({ type }) => result.tlvs.get(type)),
        tlvs.map(({ value }) => value),
      );
      equal(result.tlvs.has(Tlv.CRC32C), checksum);
    }
  }
});

test('a flipped bit anywhere breaks the checksum or the header', () => {
  const memory = new Uint8Array(HEADER_BYTES_MAX);
  const end = writeProxyV2(memory, 0, memory.length, A, B, [], true, true);
  for (let bit = 0; bit < end * 8; bit++) {
    memory[bit >> 3]! ^= 1 << (bit & 7);
    const verdict = parseProxyHeader(memory, 0, end, new ProxyHeader());
    // The command's bit makes it LOCAL, and the TLV's type another TLV: neither is summed.
    const unsummed = bit === 12 * 8 || (bit >= 28 * 8 && bit < 29 * 8);
    ok(verdict !== ProxyParse.DONE || unsummed, `bit ${bit}`);
    memory[bit >> 3]! ^= 1 << (bit & 7);
  }
});

test('limits of version 2', () => {
  const memory = new Uint8Array(100_000);
  equal(writeProxyV2(memory, 0, 27, A, B, [], false, true), -1);
  equal(writeProxyV2(memory, 0, 28, A, B, [], false, true), 28);
  equal(writeProxyV2(memory, 0, 16, null, null, [], false, false), 16);
  equal(memory[12], 0x20);
  equal(writeProxyV2(memory, 0, 16, null, null, [], false, true), 16);
  equal(memory[12], 0x21);
  const long = [{ type: Tlv.CUSTOM_LAST, value: 'x'.repeat(0xffff) }];
  equal(writeProxyV2(memory, 0, memory.length, A, B, long, false, true), -1);
});
