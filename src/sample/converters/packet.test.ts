import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ALL_PHASES } from '../../registry/sources.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';
import { formatIpv4, formatIpv6 } from '../address.ts';

const context = fakeParse();
const compiled = new Map<string, ReturnType<typeof context.expression>>();

/** The value of `req.payload(0,0),<converters>` for these bytes, as text; binary ones end in `hex`. */
function ask(bytes: Uint8Array, converters: string): string | null {
  let expression = compiled.get(converters);
  if (expression === undefined) {
    expression = context.expression(`req.payload(0,0),${converters}`, ALL_PHASES);
    compiled.set(converters, expression);
  }
  const stream = new FakeStream();
  stream.payload = Buffer.from(bytes).toString('latin1');
  return expression.text(stream);
}

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex').toUpperCase();
const word = (value: number): number[] => [value >> 8, value & 255];
const long = (value: number): number[] => [...word(value >>> 16), ...word(value & 0xffff)];

interface TcpParts {
  readonly ports: readonly [number, number];
  readonly seq: number;
  readonly flags: number;
  readonly window: number;
  readonly mss: number | null;
  readonly scale: number | null;
  readonly stamp: number | null;
  readonly sack: boolean;
  readonly other: number | null;
  readonly data: Uint8Array;
}

function optionsOf(parts: TcpParts): number[] {
  return [
    ...(parts.mss === null ? [] : [2, 4, ...word(parts.mss)]),
    ...(parts.sack ? [1, 1, 4, 2] : []),
    ...(parts.scale === null ? [] : [3, 3, parts.scale]),
    ...(parts.stamp === null ? [] : [8, 10, ...long(parts.stamp), 0, 0, 0, 0]),
    ...(parts.other === null ? [] : [parts.other, 3, 7]),
  ];
}

function kindsOf(parts: TcpParts): number[] {
  return [
    ...(parts.mss === null ? [] : [2]),
    ...(parts.sack ? [1, 1, 4] : []),
    ...(parts.scale === null ? [] : [3]),
    ...(parts.stamp === null ? [] : [8]),
    ...(parts.other === null ? [] : [parts.other]),
  ];
}

function tcpOf(parts: TcpParts): Buffer {
  const options = optionsOf(parts);
  while (options.length % 4 !== 0) options.push(0);
  const offset = (5 + options.length / 4) << 4;
  const fixed = [...word(parts.ports[0]), ...word(parts.ports[1]), ...long(parts.seq), 0, 0, 0, 0];
  const rest = [offset, parts.flags, ...word(parts.window), 0, 0, 0, 0];
  return Buffer.concat([Buffer.from([...fixed, ...rest, ...options]), parts.data]);
}

const u8 = fc.nat(255);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value);
const tcpParts: fc.Arbitrary<TcpParts> = fc.record({
  ports: fc.tuple(u16, u16),
  seq: u32,
  flags: u8,
  window: u16,
  mss: maybe(u16),
  scale: maybe(fc.nat(14)),
  stamp: maybe(u32),
  sack: fc.boolean(),
  other: maybe(fc.integer({ min: 9, max: 255 })),
  data: fc.uint8Array({ maxLength: 3 }),
});
const bit = (is: boolean): string => (is ? '1' : '0');

test('tcp.*: each field of a built header', () => {
  fc.assert(
    fc.property(tcpParts, (parts) => {
      const bytes = tcpOf(parts);
      const got = [
        ...[
          'src',
          'dst',
          'seq',
          'flags',
          'win',
          'options.mss',
          'options.sack',
          'options.tsopt',
          'options.tsval',
        ],
        ...['options.wscale', 'options.wsopt', 'options_list,hex'],
      ].map((name) => ask(bytes, `tcp.${name}`));
      deepStrictEqual(got, [
        ...[...parts.ports, parts.seq, parts.flags, parts.window, parts.mss ?? 0].map(String),
        bit(parts.sack),
        bit(parts.stamp !== null),
        parts.stamp === null ? null : String(parts.stamp),
        String(parts.scale ?? 0),
        bit(parts.scale !== null),
        hex(Buffer.from(kindsOf(parts))),
      ]);
      strictEqual(ask(bytes.subarray(0, 19), 'tcp.src'), null);
    }),
    { numRuns: 60 },
  );
});

interface IpParts {
  readonly tos: number;
  readonly ttl: number;
  readonly df: boolean;
  readonly source: Uint8Array;
  readonly target: Uint8Array;
  readonly extra: boolean;
  readonly six: boolean;
}

/** IPv4 with or without an option, IPv6 with or without extensions. */
function ipOf({ tos, ttl, df, source, target, extra, six }: IpParts, payload: Uint8Array): Buffer {
  if (six) {
    const extensions = extra
      ? [0x2c, 0, 1, 2, 3, 4, 5, 6, 0x33, 9, 0, 0, 0, 0, 0, 0, 6, 2, ...Buffer.alloc(14)]
      : [];
    return Buffer.concat([
      Buffer.from([0x60 | (tos >> 4), (tos & 15) << 4, 0, 0, ...word(payload.length + extensions.length)]),
      Buffer.from([extra ? 0 : 6, ttl, ...source, ...target, ...extensions]),
      payload,
    ]);
  }
  const fixed = [extra ? 0x46 : 0x45, tos, 0, 0, 0, 0, df ? 64 : 0, 0, ttl, 6, 0, 0];
  const addresses = [...source.subarray(0, 4), ...target.subarray(0, 4), ...(extra ? [1, 1, 1, 0] : [])];
  return Buffer.concat([Buffer.from([...fixed, ...addresses]), payload]);
}

const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
const ipParts: fc.Arbitrary<IpParts> = fc.record({
  tos: u8,
  ttl: u8,
  df: fc.boolean(),
  source: address,
  target: address,
  extra: fc.boolean(),
  six: fc.boolean(),
});

function addressText(six: boolean, bytes: Uint8Array): string {
  const text = Buffer.from(bytes);
  return six ? formatIpv6(text.toString('latin1')) : formatIpv4(text.readUInt32BE(0));
}

test('ip.*: each field of a built header, and the fingerprint of the manual', () => {
  fc.assert(
    fc.property(ipParts, tcpParts, fc.nat(7), (ip, parts, mode) => {
      const { six, extra, df, tos, ttl, source, target } = ip;
      const segment = tcpOf(parts);
      const bytes = ipOf(ip, segment);
      const got = [
        'ver',
        'tos',
        'ttl',
        'df',
        'proto',
        'src',
        'dst',
        'data,hex',
        'hdr,hex',
        `fp(${mode}),hex`,
      ].map((name) => ask(bytes, `ip.${name}`));
      const options = kindsOf(parts).filter((kind) => kind > 1);
      const ranges = [32, 64, 128, 255].findIndex((most) => ttl <= most);
      const bits = [six, six || df].map(bit).join('') + ranges.toString(2).padStart(2, '0');
      const more = [extra, parts.data.length > 0, (parts.flags & 128) !== 0, (parts.flags & 64) !== 0];
      const fingerprint = [
        tos,
        Number.parseInt(bits + more.map(bit).join(''), 2),
        (((segment.length - parts.data.length) / 4) << 4) + (parts.scale === null ? 0 : parts.scale + 1),
        ...word(parts.window),
        ...word(parts.mss ?? 0),
        options.reduce((sum, kind) => sum | (kind > 8 ? 128 : 2 ** (kind - 2)), 0),
        ...(mode & 1 ? [ttl] : []),
        ...(mode & 2 ? kindsOf(parts) : []),
        ...(mode & 4 ? source.subarray(0, six ? 16 : 4) : []),
      ];
      deepStrictEqual(got, [
        six ? '6' : '4',
        String(tos),
        String(ttl),
        bit(six || df),
        '6',
        addressText(six, source),
        addressText(six, target),
        hex(segment),
        hex(bytes.subarray(0, -segment.length)),
        hex(Buffer.from(fingerprint)),
      ]);
    }),
    { numRuns: 100 },
  );
});

test('eth.*: with and without VLAN tags', () => {
  const addresses = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  for (const [tags, vlan] of [
    [[], null],
    [[0x81, 0, 0x20, 5], '5'],
    [[0x88, 0xa8, 0, 9, 0x81, 0, 0xff, 0xff], '4095'],
  ] as const) {
    const frame = Buffer.from([...addresses, ...tags, 8, 0, 0x45, 0]);
    const got = ['dst,hex', 'src,hex', 'proto', 'vlan', 'data,hex', 'hdr,hex'].map((name) =>
      ask(frame, `eth.${name}`),
    );
    deepStrictEqual(got, [
      '010203040506',
      '0708090A0B0C',
      '2048',
      vlan,
      '4500',
      hex(frame.subarray(0, 14 + tags.length)),
    ]);
    for (const name of ['proto', 'vlan', 'data', 'hdr']) {
      strictEqual(ask(frame.subarray(0, 13 + tags.length), `eth.${name}`), null);
    }
  }
});

test('no header is read beyond its end, whatever the bytes', () => {
  const names =
    `ip.ver ip.tos ip.ttl ip.df ip.proto ip.src ip.dst ip.data,tcp.options_list ip.hdr ip.fp(7) tcp.seq
    tcp.options.mss tcp.options.tsval eth.data,ip.src eth.vlan`.split(/\s+/);
  fc.assert(
    fc.property(
      ipParts,
      tcpParts,
      fc.array(fc.tuple(fc.nat(59), u8), { maxLength: 4 }),
      fc.nat(90),
      (ip, tcp, changes, cut) => {
        const bytes = ipOf(ip, tcpOf(tcp));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        for (const name of names) {
          for (const input of [bytes, bytes.subarray(0, cut)]) {
            const value = ask(input, name);
            strictEqual(value?.includes('NaN') ?? false, false, name);
          }
        }
      },
    ),
  );
});
