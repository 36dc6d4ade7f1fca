// What words of the command line switch off (management.txt 3), in the global section and for `enabled()`.

import type { GlobalConfig } from './model.ts';

interface Switch {
  /** Names of `enabled()` that are answered no. */
  readonly names: readonly string[];
  apply(global: GlobalConfig): void;
}

const noSplice = (global: GlobalConfig): void => {
  global.spliceHttp = global.spliceTcp = false;
};

export const SWITCH_WORDS: Readonly<Record<string, Switch>> = {
  '-de': { names: ['EPOLL'], apply: (global) => void (global.epoll = false) },
  '-du': { names: [], apply: (global) => void (global.uring = false) },
  '-dS': { names: ['SPLICE'], apply: noSplice },
  '-dF': { names: ['SPLICE', 'FAST-FORWARD'], apply: noSplice },
  '-dZ': { names: ['SPLICE'], apply: noSplice },
};

const ENABLED = ['EPOLL', 'FAST-FORWARD', 'GETADDRINFO', 'REUSEPORT', 'SPLICE'];

/** What `enabled()` answers yes to, where `words` stood on the command line. */
export function enabledNames(words: readonly string[]): ReadonlySet<string> {
  const names = new Set(ENABLED);
  for (const word of words) for (const name of SWITCH_WORDS[word]!.names) names.delete(name);
  return names;
}
