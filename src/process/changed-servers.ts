// A reload keeps the state of a server of the same name: what checks and commands made of it goes on. What the new
// configuration says otherwise than the old one did holds from then on, whatever the state was.

import { Operational, WEIGHT_SCALE } from '../backend/server.ts';
import { Admin } from '../core/server-admin.ts';
import { ProxyInt, ServerInt, SharedBlock } from '../core/shared.ts';
import { keyOf, type BlockTable } from './blocks.ts';
import type { Config, ServerConfig } from '../config/model.ts';

const backendsOf = (config: Config): Map<string, readonly ServerConfig[]> =>
  new Map(config.proxies.map(({ name, servers }) => [name, servers]));

/** Writes the changes from `before` to `next` into the blocks that both share. For the moment of the switch. */
export function applyServerChanges(before: Config, next: Config, table: BlockTable): void {
  const old = backendsOf(before);
  for (const [name, servers] of backendsOf(next)) {
    const known = new Map((old.get(name) ?? []).map((server) => [server.name, server]));
    let changed = false;
    for (const server of servers) {
      const was = known.get(server.name);
      if (was === undefined) continue;
      const { ints } = new SharedBlock(table.blocks.get(keyOf.server(name, server.name))!, 0);
      changed = applyChanges(ints, was, server) || changed;
    }
    if (!changed) continue;
    Atomics.add(new SharedBlock(table.blocks.get(keyOf.back(name))!, 0).ints, ProxyInt.VERSION, 1);
  }
}

function applyChanges(ints: Int32Array, was: ServerConfig, server: ServerConfig): boolean {
  let changed = false;
  if (was.weight !== server.weight) {
    ints[ServerInt.WEIGHT_USER] = ints[ServerInt.WEIGHT_INITIAL] = server.weight;
    ints[ServerInt.WEIGHT_EFFECTIVE] = server.weight * WEIGHT_SCALE;
    ints[ServerInt.SLOWSTART_FROM] = 0;
    changed = true;
  }
  if (was.maxconn !== server.maxconn) {
    ints[ServerInt.MAXCONN] = server.maxconn;
    changed = true;
  }
  if (was.disabled !== server.disabled) {
    const bits = Admin.FORCED_MAINT | Admin.CONFIG_MAINT;
    if (server.disabled) ints[ServerInt.ADMIN]! |= bits;
    else ints[ServerInt.ADMIN]! &= ~bits;
    ints[ServerInt.OPERATIONAL] = server.disabled ? Operational.STOPPED : Operational.RUNNING;
    changed = true;
  }
  if (was.check !== server.check) {
    ints[ServerInt.CHECK_ENABLED] = server.check ? 1 : 0;
    // Nothing would bring it up again. One that is checked from now on goes down when a check says so.
    if (!server.check && !server.disabled) ints[ServerInt.OPERATIONAL] = Operational.RUNNING;
    changed = true;
  }
  if (was.agentCheck !== server.agentCheck) {
    ints[ServerInt.AGENT_ENABLED] = server.agentCheck ? 1 : 0;
    ints[ServerInt.AGENT_HEALTH] = 1;
    changed = true;
  }
  return changed;
}
