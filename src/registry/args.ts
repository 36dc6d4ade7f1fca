// Argument types that fetches and converters declare (manual 7.3). Each reads one text; errors name type and text.

import { ipv4Mask, ipv6Mask, parseIpv4, parseIpv6 } from '../sample/address.ts';
import { type VariableName, parseVariable } from '../sample/variable-name.ts';
import type { ProxyConfig, ServerConfig } from '../config/model.ts';
import type { Userlist } from '../config/userlists.ts';
import { type ArgSpec, ConfigError, type ParseContext } from './define.ts';

function spec<T>(
  usage: string,
  kind: string,
  fallback: T,
  parse: (text: string, context: ParseContext) => T,
): ArgSpec<T> {
  return { usage, kind, optional: false, fallback, parse };
}

const wrong = (text: string, kind: string): ConfigError =>
  new ConfigError(`failed to parse '${text}' as type '${kind}'`);

/** Marks an argument that may be left out; `fallback` is then its value. */
export function optional<T, F = T>(arg: ArgSpec<T>, fallback: F): ArgSpec<T | F> {
  return { ...arg, optional: true, fallback, usage: `[${arg.usage}]` };
}

export const str = (usage: string): ArgSpec<string> => spec(usage, 'string', '', (text) => text);

export const int = (usage: string): ArgSpec<number> =>
  spec(usage, 'integer', 0, (text) => {
    const value = Number(text);
    if (!/^[-+]?[0-9]+$/.test(text) || !Number.isSafeInteger(value)) throw wrong(text, 'integer');
    return value === 0 ? 0 : value;
  });

/** A 64-bit integer: number where exact, else bigint. */
export const int64 = (usage: string): ArgSpec<number | bigint> =>
  spec<number | bigint>(usage, 'integer', 0, (text) => {
    if (!/^[-+]?[0-9]+$/.test(text)) throw wrong(text, 'integer');
    const value = BigInt(text);
    if (value !== BigInt.asIntN(64, value)) throw wrong(text, 'integer');
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  });

export const ipv4 = (usage: string): ArgSpec<number> =>
  spec(usage, 'IPv4 address', 0, (text) => {
    const value = parseIpv4(text);
    if (value < 0) throw wrong(text, 'IPv4 address');
    return value;
  });

export const ipv6 = (usage: string): ArgSpec<string> =>
  spec(usage, 'IPv6 address', '', (text) => {
    const value = parseIpv6(text);
    if (value === '') throw wrong(text, 'IPv6 address');
    return value;
  });

/** Dotted or a count of bits. */
export const mask4 = (usage: string): ArgSpec<number> =>
  spec(usage, 'IPv4 mask', 0, (text) => {
    if (/^[0-9]{1,2}$/.test(text) && Number(text) <= 32) return ipv4Mask(Number(text));
    const value = parseIpv4(text);
    if (value < 0) throw wrong(text, 'IPv4 mask');
    return value;
  });

/** In colon form or a count of bits. */
export const mask6 = (usage: string): ArgSpec<string> =>
  spec(usage, 'IPv6 mask', '', (text) => {
    if (/^[0-9]{1,3}$/.test(text) && Number(text) <= 128) return ipv6Mask(Number(text));
    const value = parseIpv6(text);
    if (value === '') throw wrong(text, 'IPv6 mask');
    return value;
  });

/** `scope.name` (manual 2.8). */
export const variable = (usage: string): ArgSpec<VariableName> =>
  spec(usage, 'string', undefined as unknown as VariableName, parseVariable);

/** A variable, or null for an empty argument. `words` is the message's beginning for a bad name. */
export const variableOrNone = (usage: string): ArgSpec<VariableName | null> =>
  spec<VariableName | null>(usage, 'string', null, (text) => (text === '' ? null : registered(text)));

export const registeredVariable = (usage: string): ArgSpec<VariableName> =>
  spec(usage, 'string', undefined as unknown as VariableName, registered);

/** Some converters report a bad variable name in these words. */
function registered(text: string): VariableName {
  if (text === '') throw new ArgCheckError('missing variable name');
  try {
    return parseVariable(text);
  } catch {
    throw new ArgCheckError(`failed to register variable name '${text}'`);
  }
}

/** An error that is reported as one of the whole list (`invalid args in ...`), not of one argument. */
export class ArgCheckError extends ConfigError {}

/** An integer or the name of a variable that holds one. */
export const number = (usage: string): ArgSpec<number | bigint | VariableName> =>
  spec<number | bigint | VariableName>(usage, 'string', 0, (text) => {
    if (/^[-+]?[0-9]+$/.test(text)) {
      const value = BigInt(text);
      if (value === BigInt.asIntN(64, value))
        return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    }
    try {
      return parseVariable(text);
    } catch {
      throw new ArgCheckError('expects an integer or a variable name');
    }
  });

/** A proxy named in an argument: found once all sections are read. `proxy` null means the current one. */
export class ProxyReference {
  proxy: ProxyConfig | null = null;
}

/** A server named `[backend/]server`. */
export class ServerReference {
  proxy: ProxyConfig | null = null;
  server: ServerConfig | null = null;
}

const proxyArg = (side: 'frontend' | 'backend', usage: string): ArgSpec<ProxyReference> =>
  spec(usage, side, new ProxyReference(), (text, context) => {
    const reference = new ProxyReference();
    if (text !== '') {
      context.later(() => {
        const proxy = findProxy(context, text, side);
        if (proxy === null) {
          context.alert(`unable to find ${side} '${text}' referenced in a sample expression.`);
        }
        reference.proxy = proxy;
      });
    }
    return reference;
  });

export const backend = (usage: string): ArgSpec<ProxyReference> => proxyArg('backend', usage);
export const frontend = (usage: string): ArgSpec<ProxyReference> => proxyArg('frontend', usage);

export const server = (usage: string): ArgSpec<ServerReference> =>
  spec(usage, 'server', new ServerReference(), (text, context) => {
    const reference = new ServerReference();
    const { proxy: current } = context;
    context.later(() => {
      const slash = text.indexOf('/');
      const proxy = slash < 0 ? current : findProxy(context, text.slice(0, slash), 'backend');
      const name = text.slice(slash + 1);
      if (proxy === null) {
        context.alert(`unable to find backend '${text.slice(0, Math.max(0, slash))}'.`);
        return;
      }
      reference.proxy = proxy;
      reference.server = proxy.servers.find((candidate) => candidate.name === name) ?? null;
      if (reference.server === null) {
        context.alert(`unable to find server '${name}' in proxy '${proxy.name}'.`);
      }
    });
    return reference;
  });

/** A userlist named in an argument: found once all sections are read. */
export class UserlistReference {
  list: Userlist | null = null;
}

export const userlist = (usage: string): ArgSpec<UserlistReference> =>
  spec(usage, 'string', new UserlistReference(), (text, context) => {
    const reference = new UserlistReference();
    const where = `in arg 1 of a keyword in proxy '${context.proxy?.name ?? ''}'`;
    context.later(() => {
      const list = context.config.userlists.get(text);
      if (text === '') context.alertHere(`missing userlist name ${where}.`);
      else if (list === undefined)
        context.alertHere(`unable to find userlist '${text}' referenced ${where}.`);
      else reference.list = list;
    });
    return reference;
  });

function findProxy(context: ParseContext, name: string, side: 'frontend' | 'backend'): ProxyConfig | null {
  const other = side === 'frontend' ? 'backend' : 'frontend';
  for (const proxy of context.config.proxies) {
    if (proxy.name === name && proxy.kind !== other) return proxy;
  }
  return null;
}
