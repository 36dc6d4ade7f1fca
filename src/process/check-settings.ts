// What `set server` changed of where checks go (check-addr, check-port, agent-addr, agent-port, agent-send) outlives a
// reload, value by value, as long as the configured one, which it replaced, is still the same.

import type { Checks } from '../backend/checks/checker.ts';
import type { RecurringCheck } from '../backend/checks/recurring.ts';
import type { Server } from '../backend/server.ts';

/** Gives the checks of a new generation what was changed of the former one's. */
export function keepSettings(before: Checks, after: Checks): void {
  keep(before.health, after.health);
  keep(before.agents, after.agents);
}

const nameOf = ({ config }: Server): string => `${config.backend.name}/${config.name}`;

function keep<Settings extends object>(
  before: ReadonlyMap<Server, RecurringCheck<Settings>>,
  after: ReadonlyMap<Server, RecurringCheck<Settings>>,
): void {
  const former = new Map<string, RecurringCheck<Settings>>();
  for (const [server, check] of before) former.set(nameOf(server), check);
  for (const [server, { settings, configured }] of after) {
    const one = former.get(nameOf(server));
    if (one === undefined) continue;
    for (const field of Object.keys(settings) as (keyof Settings)[]) {
      if (one.configured[field] === configured[field]) settings[field] = one.settings[field];
    }
  }
}
