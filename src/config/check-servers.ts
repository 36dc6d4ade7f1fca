// Servers: names, tracking, limits, and their addresses.

import { isIP } from 'node:net';
import { isBack } from './defaults.ts';
import { kindText } from './keywords/common.ts';
import { checkLogServers } from './check-log-servers.ts';
import type { Config, ProxyConfig, ServerConfig } from './model.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Resolver } from './resolver.ts';

const placeOf = (server: ServerConfig): string => `'server ${server.backend.name}/${server.name}'`;

export function checkServers(config: Config, proxy: ProxyConfig, diagnostics: Diagnostics): void {
  if (!isBack(proxy.kind)) return;
  for (const rule of proxy.useServer) {
    if (rule.name === null) continue;
    rule.server = proxy.servers.find(({ name }) => name === rule.name) ?? null;
    if (rule.server !== null) continue;
    diagnostics.alert(
      null,
      `${kindText(proxy)} '${proxy.name}' : unable to find server '${rule.name}' referenced in a 'use-server' rule.`,
      'late',
    );
  }
  for (const server of proxy.servers) checkServer(config, proxy, server, diagnostics);
  if (proxy.mode === 'log') checkLogServers(proxy, config.byName.get(proxy.name) !== proxy, diagnostics);
}

function checkServer(
  config: Config,
  proxy: ProxyConfig,
  server: ServerConfig,
  diagnostics: Diagnostics,
): void {
  if (server.minconn > server.maxconn) {
    // A minimum alone is a fixed limit.
    server.maxconn = server.minconn;
  } else if (server.maxconn > 0 && server.minconn === 0) server.minconn = server.maxconn;
  const noPort = server.portKind !== 'fixed' || server.port === 0;
  if (server.check && server.checkPort === 0 && noPort && server.address.kind === 'inet') {
    diagnostics.alert(
      null,
      `config: ${kindText(proxy)} '${proxy.name}': server '${server.name}' has neither service port nor check port.`,
      'late',
    );
  }
  if (server.agentCheck && server.agentPort === 0) {
    diagnostics.alert(
      server.position,
      `${placeOf(server)} : server ${server.name} does not have agent port. Agent check has been disabled.`,
      'late',
    );
  }
  if (server.tfo && !retriesFastOpen(proxy.retryOn)) {
    diagnostics.warning(
      server.position,
      `${placeOf(server)} : server has tfo activated, the backend should be configured with at least 'conn-failure', ` +
        "'empty-response' and 'response-timeout' or we wouldn't be able to retry the connection on failure.",
      'late',
    );
  }
  if (server.track !== null) checkTrack(config, proxy, server, diagnostics);
}

/** Whether a connection that fails with its first data in it can be made again. */
const retriesFastOpen = (retryOn: ReadonlySet<string>): boolean =>
  retryOn.has('all-retryable-errors') ||
  ['conn-failure', 'empty-response', 'response-timeout'].every((word) => retryOn.has(word));

/** A tracked server must exist and must itself be checked, or track one that is, without a circle. */
function checkTrack(
  config: Config,
  proxy: ProxyConfig,
  server: ServerConfig,
  diagnostics: Diagnostics,
): void {
  const text = server.track!;
  const slash = text.indexOf('/');
  const alert = (said: string): void =>
    diagnostics.alert(server.position, `${placeOf(server)} : ${said}`, 'late');
  if (slash >= 0) {
    const owner = config.byName.get(text.slice(0, slash));
    if (owner === undefined || !isBack(owner.kind)) {
      alert(`unable to find required proxy '${text.slice(0, slash)}' for tracking.`);
      return;
    }
  }
  const target = trackedServer(config, proxy, server);
  if (target === null) {
    alert(`unable to find required server '${text.slice(slash + 1)}' for tracking.`);
    return;
  }
  const seen = new Set([server]);
  let end: ServerConfig | null = target;
  while (end !== null && end.track !== null && !seen.has(end)) {
    seen.add(end);
    end = trackedServer(config, end.backend, end);
  }
  if (end !== null && seen.has(end)) {
    alert(
      `unable to track ${target.backend.name}/${target.name} as it belongs to a tracking chain looping back to it.`,
    );
  } else if (end !== null && !end.check && !end.agentCheck) {
    alert(
      `unable to use ${target.backend.name}/${target.name} for tracking as it does not have any check nor agent enabled.`,
    );
  }
}

/** `track [backend/]server`; null where there is none. */
export function trackedServer(config: Config, proxy: ProxyConfig, server: ServerConfig): ServerConfig | null {
  const text = server.track!;
  const slash = text.indexOf('/');
  const owner = slash < 0 ? proxy : config.byName.get(text.slice(0, slash));
  return owner?.servers.find((one) => one.name === text.slice(slash + 1)) ?? null;
}

/** Gives each server a numeric address; the first method of its init-addr that has one wins. */
export function resolveServers(
  config: Config,
  diagnostics: Diagnostics,
  resolver: Resolver,
  ignoreUnresolved: boolean,
): void {
  let failed = false;
  const owners = new Set([...config.proxies, ...[...config.logRings.values()].map(({ proxy }) => proxy)]);
  for (const proxy of owners) {
    for (const server of proxy.servers) {
      if (server.address.kind !== 'inet' || server.address.ip !== null) continue;
      const ip = initialAddress(server, resolver, ignoreUnresolved);
      if (ip === null) {
        failed = true;
        diagnostics.alert(
          server.position,
          // A leading underscore marks SRV records, which only a resolvers section could ask for.
          `${placeOf(server)} : ${server.address.host.startsWith('_') ? 'no method found to' : 'could not'} resolve address '${server.address.host}'.`,
          'late',
        );
        continue;
      }
      if (ip === '') server.disabled = true;
      const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
      server.address = { ...server.address, ip: ip === '' ? '0.0.0.0' : ip, family };
    }
  }
  if (failed) diagnostics.alert(null, 'Failed to initialize server(s) addr.', 'late');
}

/** IP text, '' for a server that starts without an address, null where nothing gave one. */
function initialAddress(server: ServerConfig, resolver: Resolver, ignoreUnresolved: boolean): string | null {
  for (const method of server.initAddr) {
    // What an earlier process knew is not kept yet: `last` never has an answer.
    if (method === 'last') continue;
    if (method === 'none') return '';
    const ip = method === 'libc' ? lookup(server.address.host, resolver) : method;
    if (ip !== null) return ip;
  }
  return ignoreUnresolved ? '' : null;
}

const lookup = (host: string, resolver: Resolver): string | null =>
  host.startsWith('_') ? null : resolver.lookup(host);
