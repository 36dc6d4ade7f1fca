import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ALL_PHASES } from '../registry/sources.ts';
import { fakeParse } from '../testing/fake-parse.ts';
import { CONNACK, CONNECT, Field, mayHold, Packet, Result } from './mqtt.ts';
import { Sample } from './sample.ts';
import { FakeStream } from '../testing/fake-stream.ts';

const hex = (text: string): string => Buffer.from(text, 'hex').toString('latin1');

/** From HAProxy's regression test of these converters: MQTT 5.0 with properties of all kinds. */
const RICH = hex(
  '107e00044d51545405ee003c182700000014170126000161000162260001630001642100140008746573745f737562' +
    '2a03000a746578742f706c61696e08000c77696c6c727370746f7069632600016500016626000167000168' +
    '000977696c6c746f706963000b77696c6c7061796c6f61640004746573740006706173737764',
);
const PLAIN = hex('100f00044d5154540402003c0003636964');
const ACK = hex('20250000221100000078217fff24012501270000ffff22000a2600016100016226000163000164');

const packet = new Packet();
const valid = (text: string): Result => packet.parse(text, 0, Field.NONE);

test('Packet.parse: a packet cut anywhere is partial, what follows it does not matter', () => {
  for (const text of [RICH, PLAIN, ACK]) {
    for (let length = 0; length < text.length; length++)
      strictEqual(valid(text.slice(0, length)), Result.PARTIAL);
    strictEqual(valid(text), Result.VALID);
    strictEqual(valid(`${text}\xd0\0`), Result.VALID);
  }
});

test('Packet.parse: a byte more or less inside of the length is invalid', () => {
  for (const text of [RICH, PLAIN, ACK]) {
    const length = text.charCodeAt(1);
    const withLength = (other: number): string => text[0]! + String.fromCharCode(other) + text.slice(2);
    strictEqual(valid(withLength(length - 1)), Result.INVALID);
    strictEqual(valid(`${withLength(length + 1)}\0`), Result.INVALID);
  }
});

test('Packet.parse ends on any bytes, and finds fields within the packet', () => {
  const fields = [...Array(43).keys()].filter(
    (number) => mayHold(CONNECT, number) || mayHold(CONNACK, number),
  );
  fields.push(...Object.values(Field));
  fc.assert(
    fc.property(
      fc.constantFrom(RICH, PLAIN, ACK, '\x10\x20', '\x20\x08'),
      fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 4 }),
      fc.constantFrom(...fields.filter((field) => field !== 0)),
      (text, changes, field) => {
        const bytes = Buffer.from(text.padEnd(text.length + 10, '\0'), 'latin1');
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const changed = bytes.toString('latin1');
        const result = packet.parse(changed, 0, field);
        strictEqual(valid(changed), result);
        packet.parse(changed, 0, field);
        if (packet.value === -1) strictEqual(packet.from <= packet.to && packet.to <= changed.length, true);
      },
    ),
    { numRuns: 2000 },
  );
});

test('mqtt_field_value: what the regression test of HAProxy expects, and arguments that are refused', () => {
  const context = fakeParse();
  const stream = new FakeStream();
  const ask = (packetText: string, args: string): string | null =>
    context
      .expression(
        `bin(${Buffer.from(packetText, 'latin1').toString('hex')}),mqtt_field_value(${args})`,
        ALL_PHASES,
      )
      .text(stream);
  const connect =
    'flags protocol_name protocol_version client_identifier will_topic will_payload username password';
  deepStrictEqual(
    `${connect} keepalive 39 23 3 8 17`.split(' ').map((name) => ask(RICH, `Connect,${name}`)),
    'x MQTT 5 test_sub willtopic willpayload test passwd 60 20 1 text/plain willrsptopic 0'
      .replace('x', '238')
      .split(' '),
  );
  deepStrictEqual(
    'flags protocol_version reason_code 17 33 36 37 39 34 18'.split(' ').map((name) => ask(ACK, `2,${name}`)),
    ['0', '5', '0', '120', '32767', '1', '1', '65535', '10', null],
  );
  strictEqual(ask(RICH, 'connack,flags'), null);
  for (const [args, why] of [
    ['foo,flags', /Unknown MQTT type 'foo'/],
    ['99,flags', /Unknown MQTT type '99'/],
    ['connect,reason_code', /Unknown MQTT field name 'reason_code' for packet type 'connect'/],
    ['connect,18', /Unknown MQTT field name '18' for packet type 'connect'/],
    ['publish,flags', /Unknown MQTT field name 'flags' for packet type 'publish'/],
  ] as const) {
    throws(() => ask(RICH, args), why);
  }
});

test('mqtt_is_valid says that bytes are missing, so that rules wait', () => {
  const sample = new Sample();
  const stream = new FakeStream();
  const expression = fakeParse().expression('req.payload(0,0),mqtt_is_valid', ALL_PHASES);
  const ask = (payload: string): readonly [boolean, boolean] => {
    stream.payload = payload;
    return [expression.evaluate(stream, sample), sample.partial];
  };
  deepStrictEqual(ask(PLAIN.slice(0, 5)), [false, true]);
  deepStrictEqual(ask(PLAIN), [true, false]);
  strictEqual(sample.num, 1);
});

test('bytes behind a CONNACK of version 4 make it invalid, as with HAProxy; behind others they do not', () => {
  const packet = new Packet();
  const result = (text: string): Result => packet.parse(hex(text), 0, Field.NONE);
  strictEqual(result('20020000'), Result.VALID);
  strictEqual(result('2002000000'), Result.INVALID);
  strictEqual(result('200300000020'), Result.VALID);
  strictEqual(packet.parse(`${PLAIN}x`, 0, Field.NONE), Result.VALID);
});
