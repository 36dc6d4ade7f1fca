// Facts about the process and its machine (manual 7.3.2).

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { env, pid } from 'node:process';
import { int, optional, str } from '../../registry/args.ts';
import { defineFetch } from '../../registry/define.ts';
import { Source } from '../../registry/sources.ts';
import { type Sample, Type } from '../sample.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1e-3, ms: 1, us: 1e3 };

/** `offset` is in `unit` already. */
export function setDate(sample: Sample, ms: number, offset: number, unit: string): true {
  return sample.setInt(Math.floor(ms * UNITS[unit]!) + offset);
}

export function checkUnit(unit: string): string | undefined {
  return Object.hasOwn(UNITS, unit) ? undefined : `expects 's', 'ms' or 'us', got '${unit}'`;
}

/** RFC 9562 section 5.7: milliseconds, then random bits. */
function uuid7(): string {
  const ms = Date.now().toString(16).padStart(12, '0');
  const random = randomUUID();
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${random.slice(15)}`;
}

export default [
  defineFetch({
    name: 'date',
    args: [optional(int('offset'), 0), optional(str('unit'), 's')],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc: 'The current date since the epoch plus <offset>, in <unit>: s (default), ms or us.',
    check: ([, unit]) => checkUnit(unit),
    fetch: (_stream, sample, [offset, unit]) => setDate(sample, Date.now(), offset, unit),
  }),
  defineFetch({
    name: 'date_us',
    args: [],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc: 'The microseconds part of the date.',
    fetch: (_stream, sample) => sample.setInt((Date.now() % 1000) * 1000),
  }),
  defineFetch({
    name: 'env',
    args: [str('name')],
    type: Type.STR,
    ...Source.CONSTANT,
    constant: true,
    doc: 'The environment variable <name>; no value where it is not set.',
    fetch: (_stream, sample, [name]) => env[name] !== undefined && sample.setStr(env[name]),
  }),
  defineFetch({
    name: 'hostname',
    args: [],
    type: Type.STR,
    ...Source.CONSTANT,
    constant: true,
    doc: 'The name of the machine.',
    fetch: (_stream, sample) => sample.setStr(hostname()),
  }),
  defineFetch({
    name: 'nbproc',
    args: [],
    type: Type.SINT,
    ...Source.CONSTANT,
    constant: true,
    doc: 'The number of processes: 1.',
    fetch: (_stream, sample) => sample.setInt(1),
  }),
  defineFetch({
    name: 'pid',
    args: [],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc: 'The process id.',
    fetch: (_stream, sample) => sample.setInt(pid),
  }),
  defineFetch({
    name: 'proc',
    args: [],
    type: Type.SINT,
    ...Source.CONSTANT,
    constant: true,
    doc: 'The position of the process: 1.',
    fetch: (_stream, sample) => sample.setInt(1),
  }),
  defineFetch({
    name: 'rand',
    args: [optional(int('range'), 0x100000000)],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc: 'A random integer from 0 up to <range> - 1, by default of 32 bits. Not for security.',
    fetch: (_stream, sample, [range]) => sample.setInt(Math.floor(Math.random() * range)),
  }),
  defineFetch({
    name: 'stopping',
    args: [],
    type: Type.BOOL,
    ...Source.INTERNAL,
    doc: 'True while the process is stopping.',
    fetch: ({ process }, sample) => sample.setBool(process.stopping),
  }),
  defineFetch({
    name: 'tgroup',
    args: [],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc: 'The number of the thread group: 0, as there is one.',
    fetch: (_stream, sample) => sample.setInt(0),
  }),
  defineFetch({
    name: 'thread',
    args: [],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc: 'The number of the thread that runs this, from 0.',
    fetch: ({ process }, sample) => sample.setInt(process.threadId),
  }),
  defineFetch({
    name: 'uptime',
    args: [],
    type: Type.SINT,
    ...Source.INTERNAL,
    doc: 'Seconds since the start.',
    fetch: ({ process }, sample) => sample.setInt(Math.floor((Date.now() - process.startedMs) / 1000)),
  }),
  defineFetch({
    name: 'uuid',
    args: [optional(int('version'), 4)],
    type: Type.STR,
    ...Source.INTERNAL,
    doc: 'A UUID of version 4 (random) or 7 (RFC 9562).',
    check: ([version]) =>
      version === 4 || version === 7 ? undefined : `Unsupported UUID version: '${version}'`,
    fetch: (_stream, sample, [version]) => sample.setStr(version === 4 ? randomUUID() : uuid7()),
  }),
];
