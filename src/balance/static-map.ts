// The static map: each server as often as its weight says, spread evenly. `static-rr` walks it, map-based hashes
// index it. Weights are those that users set, as they were when the set of servers last moved.

import type { Server } from '../backend/server.ts';

/** Lays the servers out. Each step credits every server with its weight and takes the first with most whole turns. */
export function staticMap(servers: readonly Server[]): Server[] {
  let total = 0;
  for (const server of servers) total += server.userWeight;
  const credit = new Float64Array(servers.length);
  const map: Server[] = [];
  for (let slot = 0; slot < total; slot++) {
    let best = 0;
    let most = -Infinity;
    for (let i = 0; i < servers.length; i++) {
      const sum = credit[i]! + servers[i]!.userWeight;
      credit[i] = sum;
      const turns = Math.floor(sum / total);
      if (turns > most) {
        most = turns;
        best = i;
      }
    }
    credit[best]! -= total;
    map.push(servers[best]!);
  }
  return map;
}
