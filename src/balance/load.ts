// The bound of `hash-balance-factor`.

import type { Server } from '../backend/server.ts';

/**
 * Whether one session more keeps `server` within `factor` percent of the average load of `members`, weights
 * respected. Always true with a factor of 0.
 */
export function withinFactor(server: Server, members: readonly Server[], factor: number): boolean {
  if (factor === 0) return true;
  let sessions = 1;
  let weights = 0;
  for (let i = 0; i < members.length; i++) {
    sessions += members[i]!.current;
    weights += members[i]!.effectiveWeight;
  }
  const share = (sessions * server.effectiveWeight * factor) / (100 * weights);
  return server.current < Math.ceil(share);
}
