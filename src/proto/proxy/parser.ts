import type { Endpoint } from '../../sample/context.ts';
export const ProxyParse = { NEED_DATA: 0, DONE: 1, ERROR: 2 } as const;
export class ProxyHeader {
  end = 0;
  local = false;
  source: Endpoint | null = null;
  destination: Endpoint | null = null;
  readonly tlvs = new Map<number, string>();
}
export function parseProxyHeader(_m: Uint8Array, _f: number, _t: number, _h: ProxyHeader): number {
  return ProxyParse.ERROR;
}
