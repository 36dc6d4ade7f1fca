// The `status` text of a server and of the check columns.

import { Admin } from '../core/server-admin.ts';
import { ServerInt } from '../core/shared.ts';
import type { ServerControl } from '../cli/view.ts';

/** UP, UP 1/3, DOWN, NOLB, DRAIN, MAINT, MAINT (via b/s), MAINT (resolution), no check. */
export function serverStatus(server: ServerControl): string {
  const ints = server.block.ints;
  const admin = ints[ServerInt.ADMIN]!;
  if ((admin & Admin.MAINT) !== 0) {
    if ((admin & Admin.INHERITED_MAINT) !== 0 && server.config.track !== null)
      return `MAINT (via ${server.config.track})`;
    return (admin & Admin.NO_ADDRESS) !== 0 ? 'MAINT (resolution)' : 'MAINT';
  }
  const operational = ints[ServerInt.OPERATIONAL]!;
  const { check } = server;
  // A drain or fall that the agent may have asked for is shown as its own.
  const agent = server.agentSettings !== null && ints[ServerInt.AGENT_ENABLED] !== 0;
  const drain = agent ? 'DRAIN (agent)' : 'DRAIN';
  if (operational === 0 && agent && ints[ServerInt.AGENT_HEALTH] === 0) return 'DOWN (agent)';
  if (check === null && server.config.track === null)
    return (admin & Admin.DRAIN) !== 0 ? drain : operational === 0 ? 'DOWN' : 'no check';
  if (operational === 0) {
    return check !== null && check.health > 0 ? `DOWN ${check.health}/${check.rise}` : 'DOWN';
  }
  const word = (admin & Admin.DRAIN) !== 0 ? drain : operational === 3 ? 'NOLB' : 'UP';
  if (check === null || check.health >= check.rise + check.fall - 1) return word;
  return `${word} ${check.health - check.rise + 1}/${check.fall}`;
}

/** In maintenance for any reason. */
export function inMaintenance(server: ServerControl): boolean {
  return (server.block.ints[ServerInt.ADMIN]! & Admin.MAINT) !== 0;
}

/** In maintenance or down: what `show stat up` leaves out. */
export function isUp(server: ServerControl): boolean {
  return !inMaintenance(server) && server.block.ints[ServerInt.OPERATIONAL]! !== 0;
}
