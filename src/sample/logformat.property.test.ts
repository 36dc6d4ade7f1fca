// What random formats make of random values is read back by readers of their own: nothing is lost, nothing leaks out of
// its place, whatever bytes a client sends. LOG_SEED=N repeats a run, LOG_ROUNDS=N makes it longer.

import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { env } from 'node:process';
import { fakeParse } from '../testing/fake-parse.ts';
import { endpoint, FakeStream } from '../testing/fake-stream.ts';
import { Line } from './line.ts';
import { Phase } from './expression.ts';
import { Sample } from './sample.ts';
import type { SlabBuffer } from '../core/slab.ts';

const ROUNDS = Number(env['LOG_ROUNDS'] ?? 400);
let state = Number(env['LOG_SEED'] ?? 20261123) >>> 0;

/** mulberry32. */
function random(below: number): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}

const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;

const AWKWARD = '"\\]#|{},:% \t\r\n\0\x7f\x80\xc3\xa9\xff';

/** Bytes, mostly those that mean something to a format. */
function bytes(without = ''): string {
  let text = '';
  for (let left = 1 + random(12); left > 0; left--) {
    const char = random(2) === 0 ? pick([...AWKWARD]) : String.fromCharCode(random(256));
    if (!without.includes(char)) text += char;
  }
  return text === '' ? 'x' : text;
}

type Value = string | bigint | boolean | null;

function anyValue(): Value {
  switch (random(5)) {
    case 0:
      return null;
    case 1:
      return random(2) === 0;
    case 2:
      return BigInt.asIntN(
        64,
        (BigInt(random(2 ** 32)) << BigInt(random(33))) * (random(2) === 0 ? 1n : -1n),
      );
    default:
      return bytes();
  }
}

function setVariable(stream: FakeStream, name: string, value: Value): void {
  const sample = new Sample();
  if (value === null) return;
  if (typeof value === 'string') sample.setStr(value);
  else if (typeof value === 'bigint') sample.setBig(value);
  else sample.setBool(value);
  stream.transactionVariables.set(name, sample);
}

/** The line, after both ways of making it gave the same bytes. */
function render(source: string, stream: FakeStream): string {
  const format = fakeParse().logFormat(source, Phase.LOG);
  const text = format.render(stream);
  const buffer = Buffer.alloc(4096) as SlabBuffer;
  const line = new Line();
  line.begin(buffer, 0, buffer.length);
  format.write(stream, line);
  strictEqual(buffer.toString('latin1', 0, line.at), text, source);
  return text;
}

/** Reads what `+Q,+E` wrote at `at`: the text between quotes without its backslashes, and what follows. */
function readQuoted(line: string, at: number): [string, number] {
  strictEqual(line[at], '"', `a quote at ${at} of ${JSON.stringify(line)}`);
  let text = '';
  for (at++; line[at] !== '"'; at++) {
    ok(at < line.length, `an end of ${JSON.stringify(line)}`);
    if (line[at] === '\\') at++;
    text += line[at];
  }
  return [text, at + 1];
}

const unmark = (text: string, pattern: RegExp): string =>
  text.replace(pattern, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
/** Control characters of expressions; '#' itself passes, so values have none where this is used. */
const unmarkControl = (text: string): string => unmark(text, /#([01][0-9A-F]|7F)/g);
const unmarkAll = (text: string): string => unmark(text, /#([0-9A-F]{2})/g);

test('quoted and escaped expressions are read back', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const stream = new FakeStream();
    const values = Array.from({ length: 1 + random(6) }, () => bytes('#'));
    const gaps = values.map(() => pick([' ', ';', '|', ' a=', ',"', '\\', '[', '%%']));
    values.forEach((value, index) => setVariable(stream, `v${index}`, value));
    const spread = random(2) === 0;
    const items = values.map(
      (_value, index) => `${spread ? '%' : '%{+Q,+E}'}[var(txn.v${index})]${gaps[index]}`,
    );
    const line = render((spread ? '%{+Q,+E}o' : '') + items.join(''), stream);
    // oxlint-disable-next-line no-control-regex
    ok(!/[\0-\x1f\x7f]/.test(line), JSON.stringify(line));
    let at = 0;
    values.forEach((value, index) => {
      const [text, next] = readQuoted(line, at);
      strictEqual(unmarkControl(text), value);
      const gap = gaps[index]!.replace('%%', '%');
      strictEqual(line.slice(next, next + gap.length), gap);
      at = next + gap.length;
    });
    strictEqual(at, line.length);
  }
});

test('aliases with bytes of clients are read back, quoted or between their braces', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const stream = new FakeStream();
    const target = `/${bytes()}`;
    const captured = Array.from({ length: 1 + random(3) }, () => (random(4) === 0 ? null : bytes()));
    stream.capturedTarget = target;
    stream.requestCaptured = captured;
    stream.requestCookieCaptured = `c=${bytes()}`;
    const line = render('%{+Q}HU %hr %{+Q}CC %{+Q}r', stream);
    // oxlint-disable-next-line no-control-regex
    ok(/^[\x20-\x7e]*$/.test(line), JSON.stringify(line));
    const found = /^"([^"]*)" \{([^}]*)\} "([^"]*)" "([^"]*)"$/.exec(line);
    ok(found !== null, line);
    const [, uri, headers, cookie, request] = found;
    strictEqual(unmarkAll(uri!), target);
    deepStrictEqual(
      headers!.split('|').map(unmarkAll),
      captured.map((one) => one ?? ''),
    );
    strictEqual(unmarkAll(cookie!), stream.requestCookieCaptured);
    strictEqual(unmarkAll(request!), `GET ${target} HTTP/1.1`);
  }
});

test('flag X: addresses and ports are read back from their hexadecimal form', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const stream = new FakeStream();
    const four = random(2) === 0;
    const parts = Array.from({ length: four ? 4 : 8 }, () => random(four ? 256 : 65536));
    const address = four ? parts.join('.') : parts.map((part) => part.toString(16)).join(':');
    const port = random(65536);
    stream.session.source = endpoint(address, port);
    const [client, number] = render('%{+X}ci:%{+X}cp', stream).split(':') as [string, string];
    const width = four ? 2 : 4;
    const read = client.match(new RegExp(`.{${width}}`, 'g'))!.map((digits) => Number.parseInt(digits, 16));
    deepStrictEqual(read, parts);
    strictEqual(Number.parseInt(number, 16), port);
  }
});

const NAMES = ['a', 'b_1', 'request', 'x.y', 'with-dash'];

/** A format of named items in one encoding, and what is to be read from it. */
function object(flags: string): { source: string; stream: FakeStream; wanted: Record<string, Value> } {
  const stream = new FakeStream();
  const wanted: Record<string, Value> = {};
  let source = `%{${flags}}o`;
  for (const name of NAMES.slice(0, 1 + random(NAMES.length))) {
    const value = anyValue();
    setVariable(stream, name.replace(/\W/g, '_'), value);
    source += ` ignored %(${name})[var(txn.${name.replace(/\W/g, '_')})]`;
    wanted[name] = value;
  }
  return { source, stream, wanted };
}

test('+json: a reader of JSON gets the values, integers of 64 bits too', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { source, stream, wanted } = object('+json');
    const line = render(source, stream);
    // oxlint-disable-next-line no-control-regex
    ok(!/[\0-\x1f\x7f]/.test(line), JSON.stringify(line));
    const read = (_key: string, value: unknown, context?: { source?: string }): unknown =>
      typeof value === 'number' ? BigInt(context!.source!) : value;
    deepStrictEqual(JSON.parse(line, read as never), wanted);
  }
});

/** Reads one item of RFC 8949: integers, both kinds of strings, simple values, maps that end by a break. */
class CborReader {
  private readonly data: Buffer;
  at = 0;

  constructor(data: Buffer) {
    this.data = data;
  }

  read(): unknown {
    const first = this.data[this.at++]!;
    const [major, info] = [first >> 5, first & 31];
    if (first === 0xbf) {
      const map: Record<string, unknown> = {};
      while (this.data[this.at] !== 0xff) map[String(this.read())] = this.read();
      this.at++;
      return map;
    }
    if (major === 7) {
      ok(info >= 20 && info <= 22, `simple value ${info}`);
      return [false, true, null][info - 20];
    }
    const count = this.argument(info);
    if (major === 0) return count;
    if (major === 1) return -1n - count;
    ok(major === 2 || major === 3, `major type ${major}`);
    const text = this.data.subarray(this.at, this.at + Number(count));
    this.at += Number(count);
    // Text strings must be UTF-8 (section 3.1).
    if (major === 3) new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
    return text.toString('latin1');
  }

  private argument(info: number): bigint {
    if (info < 24) return BigInt(info);
    ok(info <= 27, `additional information ${info}`);
    const length = 1 << (info - 24);
    const digits = this.data.toString('hex', this.at, this.at + length);
    this.at += length;
    return BigInt(`0x${digits}`);
  }
}

test('+cbor: a reader of CBOR gets the values, in hexadecimal digits and raw', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const raw = random(2) === 0;
    const { source, stream, wanted } = object(raw ? '+cbor,+bin' : '+cbor');
    const line = render(source, stream);
    ok(raw || /^(?:[0-9A-F]{2})*$/.test(line), line);
    const reader = new CborReader(Buffer.from(line, raw ? 'latin1' : 'hex'));
    deepStrictEqual(reader.read(), wanted);
    strictEqual(reader.at, raw ? line.length : line.length / 2);
  }
});
