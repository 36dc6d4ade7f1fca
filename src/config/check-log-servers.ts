// Servers of rings and log backends: which options of theirs mean something (manual 5.2, "May be used in the following
// contexts").

import { newServer } from './defaults.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { ProxyConfig, ServerConfig } from './model.ts';

type Fields = Partial<Record<keyof ServerConfig, string>>;

/** By the field that they set: options without a meaning for servers of logs. */
const NEVER: Fields = {
  weight: 'weight',
  maxconn: 'maxconn',
  minconn: 'minconn',
  maxqueue: 'maxqueue',
  slowstartMs: 'slowstart',
  checkSendProxy: 'check-send-proxy',
  proxyV2Options: 'proxy-v2-options',
  poolMaxConn: 'pool-max-conn',
  poolLowConn: 'pool-low-conn',
  poolPurgeDelayMs: 'pool-purge-delay',
  initState: 'init-state',
};
/** And those of rings, whose servers all get every line and are not checked. */
const NEVER_IN_RINGS: Fields = {
  backup: 'backup',
  disabled: 'disabled',
  check: 'check',
  agentCheck: 'agent-check',
  track: 'track',
  hashKey: 'hash-key',
  onMarkedDown: 'on-marked-down',
  onMarkedUp: 'on-marked-up',
  logBufsize: 'log-bufsize',
};
const NEVER_IN_BACKENDS: Fields = { maxReuse: 'max-reuse' };

/** Refuses cookies and prefixes as HAProxy does, and warns of what acts on nothing. `ring`: of a `ring` section. */
export function checkLogServers(proxy: ProxyConfig, ring: boolean, diagnostics: Diagnostics): void {
  for (const server of proxy.servers) {
    const place = `'server ${proxy.name}/${server.name}'`;
    const refuse = (text: string): void => diagnostics.alert(server.position, `${place} : ${text}`, 'late');
    if (server.cookie !== null || server.redir !== null) {
      const text = `backend '${proxy.name}' : server cannot have cookie or redirect prefix in non-HTTP mode.`;
      diagnostics.alert(null, text, 'late');
    }
    if (server.source !== null && server.source.presented !== null) {
      refuse("'usesrc' for servers of logs is known but not yet supported.");
    }
    if (server.proxyV2Tlvs.length > 0) refuse("'set-proxy-v2-tlv-fmt' has no meaning for servers of logs.");
    const plain = newServer(server.name, server.address, proxy, server.position);
    const idle: Fields = { ...NEVER, ...(ring ? NEVER_IN_RINGS : NEVER_IN_BACKENDS) };
    for (const field of Object.keys(idle) as (keyof ServerConfig)[]) {
      if (JSON.stringify(server[field]) === JSON.stringify(plain[field])) continue;
      // A server without weight takes no line: that much of a weight acts in log backends.
      if (field === 'weight' && server.weight === 0 && !ring) continue;
      // Settled from maxconn.
      if (field === 'minconn' && server.minconn === server.maxconn) continue;
      const where = ring ? 'rings' : 'log backends';
      diagnostics.warning(
        server.position,
        `${place} : '${idle[field]!}' is ignored: it has no meaning for servers of ${where}.`,
        'late',
      );
    }
  }
}
