// SIGHUP: the state of every server and proxy, as warnings on stderr and in the proxies' logs (management.txt 4).

import { Counter, ProxyInt, ServerInt, type SharedBlock } from '../core/shared.ts';
import type { ControlPlane } from './control-plane.ts';
import type { ControlProxy } from './control-proxy.ts';
import type { Printer } from '../config/diagnostics.ts';

const NOTICE = 5;

export function dumpStates(plane: ControlPlane, printer: Printer): void {
  printer.say('warning', 'SIGHUP received, dumping servers states.');
  for (const proxy of plane.proxies) {
    const { config } = proxy;
    plane.log(config, NOTICE, `SIGHUP received, dumping servers states for proxy ${config.name}.`);
    for (const { block, config: server } of proxy.servers) {
      const { ints } = block;
      const state = ints[ServerInt.OPERATIONAL] === 0 ? 'DOWN' : 'UP';
      const text =
        `SIGHUP: Server ${config.name}/${server.name} is ${state}. Conn: ${ints[ServerInt.CURRENT]!} act, ` +
        `${ints[ServerInt.QUEUED]!} pend, ${block.total(Counter.SESSIONS)} tot.`;
      plane.say(config, NOTICE, text);
    }
    plane.say(config, NOTICE, proxyLine(proxy));
  }
}

function proxyLine({ config, frontend, backend, servers }: ControlProxy): string {
  const active = backend?.ints[ProxyInt.ACTIVE_SERVERS] ?? 0;
  const backups = backend?.ints[ProxyInt.BACKUP_SERVERS] ?? 0;
  let state = 'has no servers';
  if (active > 0) state = `has ${active} active servers and ${backups} backup servers available`;
  else if (backups > 0) state = 'is running on backup servers !';
  else if (servers.length > 0) state = 'has no server available !';
  const stop = state.endsWith('!') ? '' : '.';
  const now = (block: SharedBlock | null): number => block?.ints[ProxyInt.CURRENT] ?? 0;
  const total = (block: SharedBlock | null): number => block?.total(Counter.SESSIONS) ?? 0;
  const pending = backend?.ints[ProxyInt.QUEUED] ?? 0;
  const unassigned = backend?.ints[ProxyInt.UNASSIGNED] ?? 0;
  return (
    `SIGHUP: Proxy ${config.name} ${state}${stop} Conn: act(FE+BE): ${now(frontend)}+${now(backend)}, ` +
    `${pending} pend (${unassigned} unass), tot(FE+BE): ${total(frontend)}+${total(backend)}.`
  );
}
