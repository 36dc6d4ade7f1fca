import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { fakeParse } from '../testing/fake-parse.ts';
import { FakeStream } from '../testing/fake-stream.ts';
import { CBOR_ENCODER, type ItemValue, JSON_ENCODER } from './encode.ts';
import { Origin } from './origin.ts';
import { Phase } from './expression.ts';

const render = (source: string, stream = new FakeStream()): string =>
  fakeParse().logFormat(source, Phase.LOG).render(stream);

/** Reads one CBOR item (RFC 8949) at `at`; returns it and what follows. */
function readCbor(bytes: Buffer, at: number): [unknown, number] {
  const major = bytes[at]! >> 5;
  const info = bytes[at]! & 31;
  if (info === 31) {
    const map: Record<string, unknown> = {};
    for (at++; bytes[at] !== 0xff;) {
      const [key, behind] = readCbor(bytes, at);
      [map[String(key)], at] = readCbor(bytes, behind);
    }
    return [map, at + 1];
  }
  if (major === 7) return [info === 21 ? true : info === 20 ? false : null, at + 1];
  const size = info < 24 ? 0 : 2 ** (info - 24);
  let count = BigInt(info < 24 ? info : 0);
  for (let index = 1; index <= size; index++) count = (count << 8n) | BigInt(bytes[at + index]!);
  at += 1 + size;
  if (major < 2) return [major === 0 ? count : -1n - count, at];
  if (major === 4) {
    const list: unknown[] = [];
    for (let left = Number(count); left > 0; left--) {
      const [value, behind] = readCbor(bytes, at);
      list.push(value);
      at = behind;
    }
    return [list, at];
  }
  const end = at + Number(count);
  return [bytes.toString(major === 3 ? 'utf8' : 'latin1', at, end), end];
}

test('json: named items make an object, text and other items are left out', () => {
  const stream = new FakeStream();
  stream.inProgress = true;
  stream.logOrigin = Origin.TXN_CLOSE;
  strictEqual(
    render('%{+json}o text %(request)r %ci %(up){+E}B %(og)OG', stream),
    '{"request": "GET /a?b=1 HTTP/1.1", "up": 130, "og": "txn_close"}',
  );
  strictEqual(
    render(
      '%{+json}o %(a:str)ST %(b:bool)ST %(c:sint)[str(12)] %(d)[str("q\\"\\\\")] %(e)[int(-3)] %(f)[bool(1)]',
    ),
    '{"a": "200", "b": true, "c": 12, "d": "q\\"\\\\", "e": -3, "f": true}',
  );
  strictEqual(render('%{+json}o %(none)sslc %(v)[var(txn.absent)]'), '{"none": null, "v": null}');
  strictEqual(render('%{+json}o'), '{}');
});

test('an encoding of one item alone leaves the rest of the line', () => {
  strictEqual(render('a %{+json}s b %{+Q}b %(:str){+json}ST'), 'a "s1" b "be" "200"');
  strictEqual(render('%{+cbor}ST|%{+cbor,+bin}s'), '18C8|627331');
});

test('what a line says can be read back, in both encodings', () => {
  let seed = 12345;
  const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  for (let round = 0; round < 500; round++) {
    const bytes = Buffer.from(Array.from({ length: random(40) }, () => random(128)));
    const text = bytes.toString('latin1');
    strictEqual(JSON.parse(JSON_ENCODER.value(text)), text);
    const number = (random(2) === 0 ? 1 : -1) * random(2147483648) * 2 ** random(20);
    const values: ItemValue[] = [text, number, BigInt(number) * 3n, random(2) === 0, null];
    const wire = Buffer.from(CBOR_ENCODER.value(values), 'latin1');
    const [back, end] = readCbor(wire, 0);
    strictEqual(end, wire.length);
    deepStrictEqual(back, [text, BigInt(number), BigInt(number) * 3n, values[3], null]);
    deepStrictEqual(JSON.parse(JSON_ENCODER.value([text, number, null])), [text, number, null]);
  }
  const [map] = readCbor(Buffer.from(render('%{+cbor}o %(r)r %(st)ST'), 'hex'), 0);
  deepStrictEqual(map, { r: 'GET /a?b=1 HTTP/1.1', st: 200n });
  const [raw] = readCbor(Buffer.from(render('%{+cbor,+bin}o %(r)r %(st)ST'), 'latin1'), 0);
  deepStrictEqual(raw, { r: 'GET /a?b=1 HTTP/1.1', st: 200n });
});

test('%OG has no meaning outside of logs', () => {
  throws(() => fakeParse().logFormat('%OG', Phase.REQUEST_HTTP), /'OG' is only available in log formats/);
});
