// `source <addr>[:<port>[-<port>]] [usesrc ...] [interface <name>]`, of backends and of servers (manual 4.2 and 5.2).

import { ConfigError, type ParseContext } from '../registry/define.ts';
import { Phase } from '../sample/expression.ts';
import { addressOf } from './keywords/common.ts';
import type { PresentedSource, SourceSettings } from './model.ts';

/** How the keyword is called in messages, and which forms its place allows. */
export interface SourcePlace {
  /** Without an address. */
  readonly missing: string;
  readonly usesrc: string;
  readonly interface: string;
  readonly portRange: boolean;
}

/** Reads from `words[at]`, the address, on; `used` counts the words taken. Throws ConfigError. */
export function readSource(
  words: readonly string[],
  at: number,
  context: ParseContext,
  place: SourcePlace,
): { readonly source: SourceSettings; readonly used: number } {
  const text = words[at];
  if (text === undefined) throw new ConfigError(place.missing);
  const address = addressOf(text, `'source ${text}'`, context, { portRange: true });
  if (address.portKind === 'range' && !place.portRange) {
    throw new ConfigError(`'source ${text}' : port range not permitted here in '${text}'`);
  }
  let presented: PresentedSource | null = null;
  let interfaceName: string | null = null;
  let next = at + 1;
  for (;;) {
    const value = words[next + 1];
    if (words[next] === 'usesrc') {
      if (value === undefined) throw new ConfigError(place.usesrc);
      presented = readPresented(value, context);
    } else if (words[next] === 'interface') {
      if (value === undefined) throw new ConfigError(place.interface);
      interfaceName = value;
    } else {
      return { source: { address, interfaceName, presented }, used: next - at };
    }
    next += 2;
  }
}

function readPresented(value: string, context: ParseContext): PresentedSource {
  if (value === 'client' || value === 'clientip') return { kind: value };
  const header = /^hdr_ip\(([^,)]+)(?:,\s*([+-]?\d{1,9})\s*)?\)$/.exec(value);
  if (header !== null) {
    const occurrence = Number(header[2] ?? -1);
    // The manual: zero switches it off.
    if (occurrence === 0) return { kind: 'expression', expression: null };
    const source = `req.hdr_ip(${header[1]!.trim()},${occurrence})`;
    return { kind: 'expression', expression: context.expression(source, Phase.REQUEST_HTTP) };
  }
  if (value.startsWith('hdr_ip(')) throw new ConfigError(`'usesrc ${value}' : expects hdr_ip(<hdr>[,<occ>])`);
  return { kind: 'address', address: addressOf(value, `'usesrc ${value}'`, context, {}) };
}
