// `show servers state` (format version 1) and `show servers conn`.

import { isIP } from 'node:net';
import { ServerInt } from '../../core/shared.ts';
import { Admin } from '../../core/server-admin.ts';
import { defineCommand, refuse, type Call, type Command } from '../command.ts';
import type { ServerConfig } from '../../config/model.ts';
import { findProxy, type ProxyControl, type ServerControl } from '../view.ts';

function chosen(call: Call): readonly ProxyControl[] | null {
  const name = call.args[0];
  if (name === undefined) return call.view.proxies.filter((one) => one.backend !== null);
  const found = findProxy(call.view, name, 'backend');
  return found === null ? null : [found];
}

/** CONFIGURED 2, ENABLED 4, PAUSED 8, AGENT 16, INPROGRESS 1. */
function checkState(server: ServerControl): number {
  const { ints } = server.block;
  // A server without checks is paused by the configuration alone.
  if (server.check === null) return (ints[ServerInt.ADMIN]! & Admin.CONFIG_MAINT) !== 0 ? 8 : 0;
  const paused = (ints[ServerInt.ADMIN]! & Admin.MAINT) !== 0 ? 8 : 0;
  return 2 | (ints[ServerInt.CHECK_ENABLED]! !== 0 ? 4 : 0) | paused | (server.check.running ? 1 : 0);
}

function agentState(server: ServerControl): number {
  const { agent } = server;
  if (agent === null) return 0;
  const enabled = server.block.ints[ServerInt.AGENT_ENABLED]! !== 0 ? 4 : 0;
  return 2 | 16 | enabled | (agent.running ? 1 : 0);
}

/** `srv_fqdn`: the name that the configuration has in place of an address. */
function hostName({ address: { kind, host } }: ServerConfig): string {
  return kind === 'inet' && host !== '' && isIP(host) === 0 ? host : '-';
}

const stateHeader =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight ' +
  'srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state ' +
  'srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl ' +
  'srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n';

export const showServersState: Command = defineCommand({
  words: ['show', 'servers', 'state'],
  usage: 'show servers state [<backend>]',
  doc: 'dump volatile server information (all or for a single backend)',
  level: 'user',
  *run(call) {
    const list = chosen(call);
    if (list === null) return yield* refuse(call, "Can't find backend.");
    const { second } = call.view.clock();
    yield `1\n${stateHeader}`;
    for (const { config, servers } of list)
      for (const server of servers) {
        const { ints } = server.block;
        const { check, agentSettings: agent } = server;
        yield (
          `${config.id} ${config.name} ${server.config.id} ${server.config.name} ${server.address} ` +
          `${ints[ServerInt.OPERATIONAL]!} ${ints[ServerInt.ADMIN]!} ${ints[ServerInt.WEIGHT_USER]!} ` +
          `${ints[ServerInt.WEIGHT_INITIAL]!} ${Math.max(0, second - ints[ServerInt.LAST_CHANGE]!)} ` +
          `${check?.statusCode ?? 1} ${check?.result ?? 0} ${ints[ServerInt.CHECK_HEALTH]!} ${checkState(server)} ` +
          `${agentState(server)} ${Number(config.forcedId)} ${Number(server.config.forcedId)} ${hostName(server.config)} ${server.port} - 0 ${server.checkPort} ` +
          `${server.checkAddress ?? '-'} ${agent?.address ?? '-'} ${agent?.port ?? 0}\n`
        );
      }
  },
});

export const showServersConn: Command = defineCommand({
  words: ['show', 'servers', 'conn'],
  usage: 'show servers conn [<backend>]',
  doc: 'dump server connections status (all or for a single backend)',
  level: 'user',
  *run(call) {
    const list = chosen(call);
    if (list === null) return yield* refuse(call, "Can't find backend.");
    yield '# bkname/svname bkid/svid addr port - purge_delay served used_cur used_max need_est idle_sess unsafe_nb safe_nb idle_lim idle_cur\n';
    for (const { config, servers } of list)
      for (const server of servers) {
        const { ints } = server.block;
        const idle = ints[ServerInt.IDLE]!;
        const safe = ints[ServerInt.IDLE_SAFE]!;
        yield (
          `${config.name}/${server.config.name} ${config.id}/${server.config.id} ${server.address} ` +
          `${server.port} - ${server.config.poolPurgeDelayMs} ${ints[ServerInt.CURRENT]!} ` +
          `${ints[ServerInt.CURRENT]!} ${ints[ServerInt.CURRENT_MAX]!} ${ints[ServerInt.CURRENT]!} 0 ` +
          `${Math.max(0, idle - safe)} ${safe} ${server.config.poolMaxConn} ${idle}\n`
        );
      }
  },
});
