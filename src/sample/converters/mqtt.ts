// First packets of MQTT connections (manual 7.3.1, mqtt_*).

import { type ArgSpec, defineConverter } from '../../registry/define.ts';
import { CONNACK, CONNECT, Field, mayHold, Packet, Result } from '../mqtt.ts';
import { Type } from '../sample.ts';

/** All packet types, by number. */
const TYPES = [
  ...['', 'CONNECT', 'CONNACK', 'PUBLISH', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP', 'SUBSCRIBE', 'SUBACK'],
  ...['UNSUBSCRIBE', 'UNSUBACK', 'PINGREQ', 'PINGRESP', 'DISCONNECT', 'AUTH'],
];

const FIELDS: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  [CONNECT]: {
    flags: Field.FLAGS,
    protocol_name: Field.PROTOCOL_NAME,
    protocol_version: Field.PROTOCOL_VERSION,
    client_identifier: Field.CLIENT_IDENTIFIER,
    will_topic: Field.WILL_TOPIC,
    will_payload: Field.WILL_PAYLOAD,
    username: Field.USERNAME,
    password: Field.PASSWORD,
    keepalive: Field.KEEPALIVE,
  },
  [CONNACK]: {
    flags: Field.FLAGS,
    protocol_version: Field.PROTOCOL_VERSION,
    reason_code: Field.REASON_CODE,
  },
};

/** The packet type by its name or number; 0 where it is none. */
function typeOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) < TYPES.length ? Number(text) : 0;
  return Math.max(0, TYPES.indexOf(text.toUpperCase()));
}

/** The field by its name or property number; 0 where packets of this type have none such. */
function fieldOf(type: number, text: string): number {
  const names = FIELDS[type] ?? {};
  const name = text.toLowerCase();
  if (Object.hasOwn(names, name)) return names[name]!;
  return /^\d+$/.test(text) && mayHold(type, Number(text)) ? Number(text) : Field.NONE;
}

interface PacketType {
  readonly text: string;
  readonly number: number;
}

/** A field waits for its packet type, which is another argument. */
interface PendingField {
  readonly text: string;
  number: number;
}

const packetType: ArgSpec<PacketType> = {
  usage: 'packettype',
  kind: 'string',
  optional: false,
  fallback: { text: '', number: 0 },
  parse: (text) => ({ text, number: typeOf(text) }),
};

const fieldName: ArgSpec<PendingField> = {
  usage: 'fieldname_or_property_ID',
  kind: 'string',
  optional: false,
  fallback: { text: '', number: Field.NONE },
  parse: (text) => ({ text, number: Field.NONE }),
};

const packet = new Packet();

export default [
  defineConverter({
    name: 'mqtt_field_value',
    from: Type.BIN,
    to: Type.BIN,
    args: [packetType, fieldName],
    doc: 'A field of a CONNECT or CONNACK packet, numbers in decimal; no value where it is empty.',
    examples: [
      ['bin(100f00044d5154540402003c0003636964),mqtt_field_value(connect,client_identifier)', 'cid'],
      ['bin(100f00044d5154540402003c0003636964),mqtt_field_value(1,keepalive)', '60'],
      ['bin(20020105),mqtt_field_value(connack,reason_code)', '5'],
      ['bin(20020105),mqtt_field_value(connack,17)', null],
    ],
    check([type, field]) {
      if (type.number === 0) return `Unknown MQTT type '${type.text}'`;
      field.number = fieldOf(type.number, field.text);
      return field.number === Field.NONE
        ? `Unknown MQTT field name '${field.text}' for packet type '${type.text}'`
        : undefined;
    },
    convert(sample, [type, field]) {
      const { text } = sample;
      const result = packet.parse(text, type.number, field.number);
      sample.partial = result === Result.PARTIAL;
      if (result !== Result.VALID) return false;
      if (packet.value >= 0) return sample.setBin(String(packet.value));
      return (
        packet.value === -1 && packet.to > packet.from && sample.setBin(text.slice(packet.from, packet.to))
      );
    },
  }),
  defineConverter({
    name: 'mqtt_is_valid',
    from: Type.BIN,
    to: Type.BOOL,
    args: [],
    doc: 'Whether it begins with a valid CONNECT or CONNACK packet of MQTT 3.1, 3.1.1 or 5.0; no value while bytes are missing.',
    examples: [
      ['bin(20020000),mqtt_is_valid', '1'],
      ['bin(20020200),mqtt_is_valid', '0'],
      ['bin(d000),mqtt_is_valid', '0'],
      ['bin(200200),mqtt_is_valid', null],
    ],
    convert(sample) {
      const result = packet.parse(sample.text, 0, Field.NONE);
      sample.partial = result === Result.PARTIAL;
      return result !== Result.PARTIAL && sample.setBool(result === Result.VALID);
    },
  }),
];
