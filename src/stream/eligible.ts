// Which backends switching rules may choose: neither disabled nor unpublished ones, unless force-be-switch says so
// (manual: use_backend, default_backend, be-unpublished).

import { ProxyInt } from '../core/shared.ts';
import type { ProxyConfig } from '../config/model.ts';
import type { Stream } from './stream.ts';

/** Whether a rule of the stream's frontend may send it to `backend`. */
export function mayTake(stream: Stream, backend: ProxyConfig): boolean {
  if (stream.plane.farm(backend).block.ints[ProxyInt.INELIGIBLE] === 0) return true;
  for (const condition of stream.frontend.forceSwitch) if (condition.test(stream)) return true;
  return false;
}

/** The frontend's default_backend, where it has one that may be chosen. */
export function defaultBackend(stream: Stream): ProxyConfig | null {
  const { defaultBackend: backend } = stream.frontend;
  return backend !== null && mayTake(stream, backend) ? backend : null;
}
