// The states of a file given to servers that begin (manual 4.2 load-server-state-from-file): the process starts, or a
// reload brings a server that it did not have. One that stays over a reload keeps the state that it has.

import { isIP } from 'node:net';
import { Operational, type Server } from '../backend/server.ts';
import { Admin } from '../core/server-admin.ts';
import { ServerInt } from '../core/shared.ts';
import { keyOf, type BlockTable } from './blocks.ts';
import type { ControlPlane } from './control-plane.ts';
import type { SavedState, SavedStates } from './state-file.ts';

const CAUSE = ', changed from server-state after a reload';
const NOTICE = 5;

/** `before`: the blocks of the generation that is replaced, or null at start. */
export function applySavedStates(plane: ControlPlane, states: SavedStates, before: BlockTable | null): void {
  if (states.size === 0) return;
  for (const backend of plane.backends.values()) {
    for (const server of backend.servers) {
      const state = states.get(server.config);
      if (state === undefined || before?.blocks.has(keyOf.server(backend.config.name, server.name)) === true)
        continue;
      apply(plane, server, state);
    }
  }
}

function apply(plane: ControlPlane, server: Server, state: SavedState): void {
  const { keeper } = plane;
  const { ints, config } = server;
  moveAddress(plane, server, state);
  // Another configured weight than the file's says that somebody changed the configuration meanwhile.
  if (state.initialWeight === config.weight) keeper.setWeight(server, String(state.weight));
  if ((state.admin & Admin.FORCED_MAINT) !== 0 && (state.admin & Admin.CONFIG_MAINT) === 0) {
    if (state.operational === Operational.STOPPED) keeper.setHealth(server, 'down', CAUSE);
    keeper.quietly(() => keeper.setMaintenance(server));
  } else {
    // A tracker follows whom it tracks.
    if (config.track === null) restoreHealth(plane, server, state.operational);
    if ((state.admin & Admin.FORCED_DRAIN) !== 0 && !server.inMaintenance) {
      keeper.quietly(() => keeper.setDrain(server));
      const name = `${config.backend.name}/${config.name}`;
      plane.say(config.backend, NOTICE, `Server ${name} remains in forced drain mode.`);
    }
  }
  plane.checkerOf(server)?.resume(state.operational, state.checkStatus);
  const check = plane.checkerOf(server)?.settings;
  if (check !== undefined && state.checkAddress !== null) check.address = state.checkAddress;
  if (check !== undefined && state.checkPort !== 0) check.port = state.checkPort;
  const agent = plane.agentOf(server)?.settings;
  if (agent !== undefined && state.agentAddress !== null) agent.address = state.agentAddress;
  if (agent !== undefined && state.agentPort !== 0) agent.port = state.agentPort;
  ints[ServerInt.LAST_CHANGE] = Math.floor(Date.now() / 1000) - state.age;
}

function restoreHealth({ keeper }: ControlPlane, server: Server, operational: number): void {
  if (operational === Operational.STOPPED) keeper.setHealth(server, 'down', CAUSE);
  else if (operational === Operational.STOPPING) keeper.setHealth(server, 'stopping', CAUSE);
}

/** A numeric address stays as configured; one that a name gave is the file's (init-addr last). */
function moveAddress(plane: ControlPlane, server: Server, state: SavedState): void {
  const { address, portKind } = server.config;
  if (address.kind !== 'inet') return;
  const named = address.host !== '' && isIP(address.host) === 0;
  const text = named && state.address !== null ? state.address : server.addressText;
  const port = portKind === 'fixed' ? state.port : server.port;
  if (text !== server.addressText || port !== server.port) plane.setAddress(server, text, port);
}
