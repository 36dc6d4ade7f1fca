// Words of older releases: refused with what to use instead.

import type { Frame } from './diagnostics.ts';

const DIRECTIVE = (name: string, instead: string): string =>
  `The '${name}' directive is not supported anymore since HAProxy 2.1. Use '${instead}' instead.`;

const proxy: Record<string, string> = {
  contimeout: "the 'contimeout' directive is not supported anymore since HAProxy 2.1. Use 'timeout connect'.",
  clitimeout: "the 'clitimeout' directive is not supported anymore since HAProxy 2.1. Use 'timeout client'.",
  srvtimeout: "the 'srvtimeout' directive is not supported anymore since HAProxy 2.1. Use 'timeout server'.",
  reqadd: DIRECTIVE('reqadd', 'http-request add-header'),
  reqallow: DIRECTIVE('reqallow', 'http-request allow'),
  reqiallow: DIRECTIVE('reqiallow', 'http-request allow'),
  reqdel: DIRECTIVE('reqdel', 'http-request del-header'),
  reqidel: DIRECTIVE('reqidel', 'http-request del-header'),
  reqdeny: DIRECTIVE('reqdeny', 'http-request deny'),
  reqideny: DIRECTIVE('reqideny', 'http-request deny'),
  reqpass: DIRECTIVE('reqpass', 'http-request allow'),
  reqipass: DIRECTIVE('reqipass', 'http-request allow'),
  reqrep: DIRECTIVE('reqrep', 'http-request replace-header'),
  reqirep: DIRECTIVE('reqirep', 'http-request replace-header'),
  reqtarpit: DIRECTIVE('reqtarpit', 'http-request tarpit'),
  reqitarpit: DIRECTIVE('reqitarpit', 'http-request tarpit'),
  rspadd: DIRECTIVE('rspadd', 'http-response add-header'),
  rspdel: DIRECTIVE('rspdel', 'http-response del-header'),
  rspidel: DIRECTIVE('rspidel', 'http-response del-header'),
  rspdeny: DIRECTIVE('rspdeny', 'http-response deny'),
  rspideny: DIRECTIVE('rspideny', 'http-response deny'),
  rsprep: DIRECTIVE('rsprep', 'http-response replace-header'),
  rspirep: DIRECTIVE('rspirep', 'http-response replace-header'),
  block:
    "The 'block' directive is not supported anymore since HAProxy 2.1. Use 'http-request deny' which uses the exact same syntax.",
  'bind-process':
    "'bind-process' is not supported any more since HAProxy 2.5. Threads will automatically be used on multi-processor machines if available.",
  appsession: "'appsession' is not supported anymore since HAProxy 1.6.",
  'monitor-net':
    "'monitor-net' doesn't exist anymore. Please use 'http-request return status 200 if { src ... }' instead.",
  grace: "the 'grace' keyword is not supported any more since HAProxy version 2.5.",
};

const global: Record<string, string> = {
  nbproc:
    'nbproc is not supported any more since HAProxy 2.5. Threads will automatically be used on multi-processor machines if available.',
  'master-worker':
    "support for 'master-worker' was removed in version 3.5. Use -W or -Ws in the startup script instead.",
};

/** These stand in the frame without a space. */
const TIGHT = new Set(['grace']);

export interface Removed {
  readonly text: string;
  readonly frame: Frame;
}

/** What to say about a removed word, or null. */
export function removedKeyword(section: 'global' | 'proxy', name: string): Removed | null {
  const texts = section === 'global' ? global : proxy;
  if (!Object.hasOwn(texts, name)) return null;
  return { text: texts[name]!, frame: TIGHT.has(name) && section === 'proxy' ? 'tight' : 'spaced' };
}
