// What words of the command line switch off (management.txt 3), and what `enabled()` says of it and of the file so far.

import type { GlobalConfig } from './model.ts';

/** Done before the first line is read: no line switches anything on again. */
export const SWITCH_WORDS: Readonly<Record<string, (global: GlobalConfig) => void>> = {
  '-de': (global) => void (global.epoll = false),
  '-du': (global) => void (global.uring = false),
  '-dR': (global) => void (global.reusePort = false),
  '-dS': noSplice,
  '-dF': noFastForward,
  '-dZ': noSplice,
};

/** nosplice. */
export function noSplice(global: GlobalConfig): void {
  global.spliceHttp = global.spliceTcp = false;
}

/** tune.disable-fast-forward. */
export function noFastForward(global: GlobalConfig): void {
  global.fastForward = false;
  noSplice(global);
}

const ENABLED: Readonly<Record<string, (global: GlobalConfig) => boolean>> = {
  EPOLL: (global) => global.epoll,
  'FAST-FORWARD': (global) => global.fastForward,
  GETADDRINFO: () => true,
  REUSEPORT: (global) => global.reusePort,
  SPLICE: (global) => global.spliceHttp || global.spliceTcp,
};

/** What `enabled(name)` answers now (manual 2.4). */
export const isEnabled = (global: GlobalConfig, name: string): boolean => ENABLED[name]?.(global) === true;
