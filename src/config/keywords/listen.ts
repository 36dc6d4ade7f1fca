// bind: listening sockets of a frontend.

import { ConfigError, defineKeyword, type ParseContext } from '../../registry/define.ts';
import { bindOptions } from '../bind-options/index.ts';
import { didYouMean } from '../suggest.ts';
import { isAddressError, parseAddresses, type Address } from '../address.ts';
import { classify } from '../../registry/known-keywords.ts';
import { newBind } from '../defaults.ts';
import { proxyOf } from './common.ts';
import type { BindConfig } from '../model.ts';

/** How the messages of a bind-like line begin, which differ between `bind` and `stats socket`. */
export interface BindPlace {
  unknown(name: string, guess: string): string;
  refused(text: string): string;
}

/** Reads the options of a bind-like line from `words[from]` on. */
export function parseBindOptions(
  words: readonly string[],
  from: number,
  binds: readonly BindConfig[],
  place: BindPlace,
  context: ParseContext,
): void {
  for (let at = from; at < words.length; at++) {
    const name = words[at]!;
    const option = bindOptions.get(name);
    if (option === undefined) {
      if (classify('bind', name) === 'known') {
        throw new ConfigError(place.refused(`'${name}' option is known but not yet supported.`));
      }
      throw new ConfigError(place.unknown(name, didYouMean(name, bindOptions.keys())));
    }
    let used = 0;
    try {
      for (const bind of binds) used = option.parse(words, at, bind, context);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new ConfigError(place.refused(error.message));
    }
    at += used;
  }
}

/** One address for each port of a range. */
function expandPorts(address: Address): Address[] {
  if (address.portKind !== 'range') return [address];
  const all: Address[] = [];
  for (let port = address.portLow; port <= address.portHigh; port++) {
    all.push({ ...address, portKind: 'fixed', portLow: port, portHigh: port });
  }
  return all;
}

/** The addresses of one `bind` argument; throws what follows `'bind' : `. */
function bindAddresses(text: string, context: ParseContext): Address[] {
  const addresses = parseAddresses(text, {
    environment: context.environment,
    defaultType: 'stream',
    stream: true,
    dgram: false,
    port: 'required',
    portRange: true,
    fd: true,
    rhttp: true,
    maxPath: 97,
    pathPrefix: context.config.global.unixBind.prefix,
    resolve: (host) => context.resolve(host),
  });
  if (isAddressError(addresses)) throw new ConfigError(`'bind' : ${addresses.error}`);
  for (const { protocol, kind } of addresses) {
    if (protocol !== 'default' || kind === 'sockpair' || kind === 'rhttp') {
      throw new ConfigError(
        `'bind' : address of type '${protocol === 'default' ? kind : protocol}' in '${text}' is known but not yet supported.`,
      );
    }
  }
  return addresses.flatMap(expandPorts);
}

/** Two sockets of a proxy cannot have one id. */
function checkIds(binds: readonly BindConfig[], others: readonly BindConfig[], place: BindPlace): void {
  for (const bind of binds) {
    if (bind.id === 0) continue;
    const twin = [...others, ...binds].find((one) => one !== bind && one.id === bind.id);
    if (twin === undefined) continue;
    const { file, line } = twin.position;
    throw new ConfigError(
      place.refused(
        `'id' : custom id ${bind.id} already used at ${file}:${line} ('bind ${twin.address.text}')`,
      ),
    );
  }
}

export default defineKeyword({
  name: 'bind',
  sections: ['frontend', 'listen'],
  usage: 'bind [<address>]:<port_range> [, ...] [options*]',
  doc: 'Listens on addresses, ports, unix sockets or inherited file descriptors.',
  parse(words, context) {
    const proxy = proxyOf(context);
    if (words[1] === undefined) {
      throw new ConfigError(
        "'bind' expects {<path>|[addr1]:port1[-end1]}{,[addr]:port[-end]}... as arguments.",
      );
    }
    const { mode, uid, gid } = context.config.global.unixBind;
    const binds = bindAddresses(words[1], context).map((address) => {
      const bind = newBind(address, context.position);
      return address.kind === 'unix' ? { ...bind, mode, uid, gid } : bind;
    });
    const line = `'bind ${words[1]}' in section '${proxy.kind}'`;
    const place: BindPlace = {
      unknown: (name, guess) => `${line}: unknown keyword '${name}'${guess === '' ? '.' : guess}`,
      refused: (text) => `${line} : ${text}`,
    };
    parseBindOptions(words, 2, binds, place, context);
    // A range has one id: the one of its first socket.
    if (binds.length > 1) for (const bind of binds.slice(1)) bind.id = 0;
    checkIds(binds, proxy.binds, place);
    proxy.binds.push(...binds);
  },
});
