// Messages that a former generation refused, as the present configuration sees them.

import { isBack, isFront } from '../config/defaults.ts';
import type { Config } from '../config/model.ts';
import type { Refusals } from '../core/error-capture.ts';

/** The captures of proxies that `config` has, under the ids that they have there. */
export function refusalsWithin(config: Config, { total, captures }: Refusals): Refusals {
  // A frontend and a backend may share a name.
  const fronts = new Map<string, number>();
  const backs = new Map<string, number>([['', -1]]);
  for (const { kind, name, id } of config.proxies) {
    if (isFront(kind)) fronts.set(name, id);
    if (isBack(kind)) backs.set(name, id);
  }
  const kept = [];
  for (const one of captures) {
    const frontendId = fronts.get(one.frontend);
    const backendId = backs.get(one.backend);
    if (frontendId !== undefined && backendId !== undefined) kept.push({ ...one, frontendId, backendId });
  }
  return { total, captures: kept };
}
