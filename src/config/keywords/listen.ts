// bind: listening sockets of a frontend.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { bindOptions } from '../bind-options/index.ts';
import { didYouMean } from '../suggest.ts';
import { known } from '../../registry/known.ts';
import { knownNames } from '../../registry/known-names.ts';
import { newBind } from '../defaults.ts';
import { parseAddress, resolveAddress, type Address } from '../address.ts';
import { proxyOf } from './common.ts';
import type { BindConfig } from '../model.ts';
import type { ParseContext } from '../../registry/define.ts';

const BIND_WORDS = knownNames.bind.split(' ');

/** Reads the options of a bind-like line from `words[at]` on. `place` opens the messages. */
export function parseBindOptions(
  words: readonly string[],
  from: number,
  binds: readonly BindConfig[],
  place: string,
  context: ParseContext,
): void {
  for (let at = from; at < words.length; at++) {
    const name = words[at]!;
    const option = bindOptions.get(name);
    if (option === undefined) {
      if (known('bind', name))
        throw new ConfigError(`${place} '${name}' option is known but not yet supported.`);
      throw new ConfigError(
        `${place.replace(/ :$/, ':')} unknown keyword '${name}'${didYouMean(name, BIND_WORDS) || '.'}`,
      );
    }
    let used = 0;
    try {
      for (const bind of binds) used = option.parse(words, at, bind, context);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      // A stats socket quotes the whole reason.
      const quote = place.startsWith("'stats socket'") ? "'" : '';
      throw new ConfigError(`${place} ${quote}${error.message}${quote}`);
    }
    at += used;
  }
}

/** One bind for each port of a range. */
export function expandPorts(address: Address): Address[] {
  if (address.portKind !== 'fixed') return [address];
  const all: Address[] = [];
  for (let port = address.portLow; port <= address.portHigh; port++) {
    all.push({ ...address, portLow: port, portHigh: port });
  }
  return all;
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
    const binds: BindConfig[] = [];
    for (const part of words[1].split(',')) {
      const { address, error } = parseAddress(part, { port: 'mandatory', ranges: true }, context.environment);
      if (error !== null) throw new ConfigError(`'bind' : ${error}`);
      const numeric = resolveAddress(address, (name) => context.resolve(name));
      if (numeric === null) throw new ConfigError(`'bind' : invalid address: '${address.host}' in '${part}'`);
      if (address.transport === 'datagram')
        throw new ConfigError(`'bind' : datagram sockets are not acceptable here in '${address.text}'`);
      for (const one of expandPorts(numeric)) binds.push(newBind(one, context.position));
    }
    parseBindOptions(words, 2, binds, `'bind ${words[1]}' in section '${proxy.kind}' :`, context);
    proxy.binds.push(...binds);
  },
});
