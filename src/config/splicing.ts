// Which directions of a proxy's streams are spliced (manual: option splice-auto, splice-request, splice-response).

import type { Config, GlobalConfig, ProxyConfig } from './model.ts';

/** Bits of `splicesOf`, and what `spliceChoice` makes of them for one direction. */
export const Splice = {
  REQUEST: 1,
  RESPONSE: 2,
  EITHER: 4,
  NEVER: 0,
  /** Where it looks worth it. */
  AUTO: 1,
  /** Wherever it can be done. */
  ALWAYS: 2,
} as const;

/** Bits for one proxy. Those of a frontend and of a backend add up. */
export function splicesOf({ mode, options }: ProxyConfig, global: GlobalConfig): number {
  if (!(mode === 'http' ? global.spliceHttp : global.spliceTcp)) return 0;
  return (
    (options.has('splice-request') ? Splice.REQUEST : 0) |
    (options.has('splice-response') ? Splice.RESPONSE : 0) |
    (options.has('splice-auto') ? Splice.EITHER : 0)
  );
}

/** NEVER, AUTO or ALWAYS for a direction (REQUEST or RESPONSE): what asks for it by name goes before auto. */
export function spliceChoice(bits: number, direction: number): number {
  if ((bits & direction) !== 0) return Splice.ALWAYS;
  return (bits & Splice.EITHER) !== 0 ? Splice.AUTO : Splice.NEVER;
}

const OPTIONS = ['splice-auto', 'splice-request', 'splice-response'];

/** Pipes that the process may have (manual: maxpipes) for so many connections. None unless some proxy splices. */
export function pipesOf({ global, proxies }: Config, maxconn = global.maxconn): number {
  if (global.maxpipes >= 0) return global.maxpipes;
  const asked = proxies.some(({ options }) => OPTIONS.some((name) => options.has(name)));
  return asked ? Math.floor(maxconn / 4) : 0;
}
