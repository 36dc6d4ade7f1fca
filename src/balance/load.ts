// The bound of `hash-balance-factor`.

import type { Server } from '../backend/server.ts';

/**
 * Whether one session more keeps `server` within `factor` percent of the average load of `members`. All sessions, the
 * new one included, times the factor are so many slots. They are shared out by weight without a rest, in order of
 * declaration, and everyone has at least one: so HAProxy was seen to do. Always true with a factor of 0.
 */
export function withinFactor(server: Server, members: readonly Server[], factor: number): boolean {
  if (factor === 0) return true;
  let sessions = 1;
  let weights = 0;
  let before = 0;
  for (let i = 0; i < members.length; i++) {
    const member = members[i]!;
    if (member === server) before = weights;
    sessions += member.current;
    weights += member.effectiveWeight;
  }
  const slots = Math.ceil((sessions * factor) / 100);
  const through = before + server.effectiveWeight;
  const share = Math.floor((slots * through) / weights) - Math.floor((slots * before) / weights);
  return server.current < Math.max(1, share);
}
