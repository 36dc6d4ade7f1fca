// The value of a Forwarded header (option forwarded, RFC 7239): parameters in the order proto, host, by, for.

import { Sample, Type } from '../sample/sample.ts';
import { textIPv6 } from '../sys/address.ts';
import type { Endpoint } from '../sample/context.ts';
import type { Expression } from '../sample/expression.ts';
import type { ForwardedPart, ForwardedSettings } from '../config/model.ts';
import type { HttpStream } from '../stream/http-stream.ts';

const sample = new Sample();
const address = new Uint8Array(16);

/** '' where no parameter has a value: then no header is to be sent. */
export function forwardedValue(stream: HttpStream, settings: ForwardedSettings): string {
  const { parts } = settings;
  let value = '';
  // TLS ends elsewhere: what arrives here is plain HTTP.
  if (partNamed(parts, 'proto') !== null) value = 'proto=http';
  const host = partNamed(parts, 'host');
  if (host !== null) {
    const text = host.expression === null ? hostOf(stream) : host.expression.text(stream);
    if (text !== null) value = joined(value, `host=${quoted(text)}`);
  }
  const by = partNamed(parts, 'by');
  if (by !== null) {
    const { destination } = stream.session;
    value = joined(value, `by=${node(stream, by, partNamed(parts, 'by_port'), destination)}`);
  }
  const source = partNamed(parts, 'for');
  if (source !== null) {
    value = joined(value, `for=${node(stream, source, partNamed(parts, 'for_port'), stream.session.source)}`);
  }
  return value;
}

function partNamed(parts: readonly ForwardedPart[], name: ForwardedPart['name']): ForwardedPart | null {
  for (const part of parts) if (part.name === name) return part;
  return null;
}

function joined(value: string, parameter: string): string {
  return value === '' ? parameter : `${value};${parameter}`;
}

function hostOf(stream: HttpStream): string | null {
  const { request } = stream;
  const line = request.find('host', 0);
  return line < 0 ? null : request.valueAt(line);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** `node` of RFC 7239 section 6; quoted where a colon or bracket is in it. */
function node(
  stream: HttpStream,
  name: ForwardedPart,
  port: ForwardedPart | null,
  endpoint: Endpoint | null,
): string {
  let text = name.expression === null ? endpointName(endpoint) : exprName(stream, name.expression);
  text ??= 'unknown';
  const portText = port === null ? null : portOf(stream, port, endpoint);
  if (portText !== null) return `"${text}:${portText}"`;
  return text.startsWith('[') ? `"${text}"` : text;
}

function endpointName(endpoint: Endpoint | null): string | null {
  if (endpoint === null || endpoint.family === 'unix') return null;
  return endpoint.family === 'ipv6' ? `[${endpoint.text}]` : endpoint.text;
}

function exprName(stream: HttpStream, expression: Expression): string | null {
  if (!expression.evaluate(stream, sample)) return null;
  if (sample.type === Type.IPV4) {
    const { num } = sample;
    return `${num >>> 24}.${(num >>> 16) & 255}.${(num >>> 8) & 255}.${num & 255}`;
  }
  if (sample.type === Type.IPV6) {
    for (let i = 0; i < 16; i++) address[i] = sample.text.charCodeAt(i);
    return `[${textIPv6(address, 0)}]`;
  }
  const text = expression.text(stream);
  return text === null || text === 'unknown' ? null : obfuscated(text);
}

function portOf(stream: HttpStream, port: ForwardedPart, endpoint: Endpoint | null): string | null {
  if (port.expression === null) {
    return endpoint === null || endpoint.family === 'unix' ? null : String(endpoint.port);
  }
  const text = port.expression.text(stream);
  if (text === null) return null;
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? text : obfuscated(text);
}

/** An identifier of our own begins with `_`; null for one that RFC 7239 section 6.3 does not allow. */
function obfuscated(text: string): string | null {
  if (!/^[A-Za-z0-9._-]+$/.test(text)) return null;
  return text.startsWith('_') ? text : `_${text}`;
}
