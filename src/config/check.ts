// What can only be checked when everything is read: references between proxies, modes, ids, server addresses, and
// the warnings about settings that have no effect.

import { isBack, isFront } from './defaults.ts';
import type { Config, ProxyConfig, ServerConfig } from './model.ts';
import type { Diagnostics } from './diagnostics.ts';

/** Answers of the system's resolver: IP text, or null where the name is unknown. Recorded by who provides it. */
export interface Resolver {
  lookup(name: string): string | null;
}

export function checkConfig(config: Config, diagnostics: Diagnostics, resolver: Resolver): void {
  assignIds(config);
  for (const proxy of config.proxies) {
    checkBinds(proxy, diagnostics);
    checkSwitching(config, proxy, diagnostics);
    checkServers(config, proxy, diagnostics);
    checkMode(proxy, diagnostics);
    checkTimeouts(proxy, diagnostics);
    checkLogs(proxy, diagnostics);
  }
  if (diagnostics.alerts > 0) return;
  let failed = false;
  for (const proxy of config.proxies) {
    for (const server of proxy.servers) if (!resolveServer(server, diagnostics, resolver)) failed = true;
  }
  if (failed) diagnostics.alert('Failed to initialize server(s) addr.');
}

/** Automatic ids: from 2 for proxies as HAProxy counts its own first, from 1 for servers and sockets. */
function assignIds(config: Config): void {
  const used = new Set(config.proxies.map((proxy) => proxy.id));
  let next = 2;
  for (const proxy of config.proxies) {
    if (proxy.id === 0) {
      while (used.has(next)) next++;
      proxy.id = next++;
      used.add(proxy.id);
    }
    number(proxy.servers);
    number(proxy.binds);
  }
}

function number(items: { id: number }[]): void {
  const used = new Set(items.map((item) => item.id));
  let next = 1;
  for (const item of items) {
    if (item.id !== 0) continue;
    while (used.has(next)) next++;
    item.id = next++;
    used.add(item.id);
  }
}

const place = (at: { readonly position: { readonly file: string; readonly line: number } }): string =>
  `${at.position.file}:${at.position.line}`;

function checkBinds(proxy: ProxyConfig, diagnostics: Diagnostics): void {
  if (proxy.kind === 'frontend' && proxy.binds.length === 0) {
    diagnostics.warning(
      `config : frontend '${proxy.name}' has no 'bind' directive. Please declare it as a backend if this was intended.`,
    );
  }
}

function incompatible(front: ProxyConfig, back: ProxyConfig): boolean {
  // A TCP frontend may hand streams to an HTTP backend only by an upgrade, which is not supported yet.
  return front.mode !== back.mode;
}

function checkSwitching(config: Config, proxy: ProxyConfig, diagnostics: Diagnostics): void {
  if (!isFront(proxy.kind)) return;
  for (const rule of proxy.useBackend) {
    if (rule.name === null) continue;
    const target = config.byName.get(rule.name);
    if (target === undefined || !isBack(target.kind)) {
      diagnostics.alert(`Proxy '${proxy.name}': unable to find required use_backend: '${rule.name}'.`);
    } else if (incompatible(proxy, target)) {
      diagnostics.alert(
        `config : ${proxy.mode} ${proxy.kind} '${proxy.name}' (${place(proxy)}) tries to use incompatible ${target.mode} ${target.kind} '${target.name}' (${place(target)}) in a 'use_backend' rule (see 'mode').`,
      );
    } else rule.backend = target;
  }
  if (proxy.defaultBackendName === null) return;
  const target = config.byName.get(proxy.defaultBackendName);
  if (target === undefined || !isBack(target.kind)) {
    diagnostics.alert(
      `Proxy '${proxy.name}': unable to find required default_backend: '${proxy.defaultBackendName}'.`,
    );
  } else if (target === proxy) {
    diagnostics.alert(`config : loop detected for default_backend: '${proxy.defaultBackendName}'.`);
  } else if (incompatible(proxy, target)) {
    diagnostics.alert(
      `config : ${proxy.mode} ${proxy.kind} '${proxy.name}' (${place(proxy)}) tries to use incompatible ${target.mode} ${target.kind} '${target.name}' (${place(target)}) as its default backend (see 'mode').`,
    );
  } else proxy.defaultBackend = target;
}

function checkServers(config: Config, proxy: ProxyConfig, diagnostics: Diagnostics): void {
  for (const rule of proxy.useServer) {
    if (rule.name === null) continue;
    rule.server = proxy.servers.find((server) => server.name === rule.name) ?? null;
    if (rule.server === null) {
      diagnostics.alert(
        `config : ${proxy.kind} '${proxy.name}' : unable to find server '${rule.name}' referenced in a 'use-server' rule.`,
      );
    }
  }
  if (proxy.fullconn === 0 && isBack(proxy.kind))
    proxy.fullconn = Math.max(1, Math.ceil(frontendCapacity(config, proxy) / 10));
  for (const server of proxy.servers) {
    if (server.minconn > server.maxconn) server.maxconn = server.minconn;
    if (server.track !== null && trackedServer(config, proxy, server) === null) {
      diagnostics.alert(
        `config : '${proxy.name}/${server.name}' : unable to find required server '${server.track}' for tracking.`,
      );
    }
  }
}

/** Connections that all frontends which use this backend may bring. */
function frontendCapacity(config: Config, backend: ProxyConfig): number {
  let sum = 0;
  for (const proxy of config.proxies) {
    if (!isFront(proxy.kind)) continue;
    const uses =
      proxy === backend ||
      proxy.defaultBackendName === backend.name ||
      proxy.useBackend.some((rule) => rule.name === null || rule.name === backend.name);
    if (uses)
      sum += proxy.maxconn > 0 ? proxy.maxconn : config.global.maxconn > 0 ? config.global.maxconn : 2000;
  }
  return sum;
}

/** `track [backend/]server`. */
export function trackedServer(config: Config, proxy: ProxyConfig, server: ServerConfig): ServerConfig | null {
  const text = server.track!;
  const slash = text.indexOf('/');
  const owner = slash < 0 ? proxy : config.byName.get(text.slice(0, slash));
  return owner?.servers.find((one) => one.name === text.slice(slash + 1)) ?? null;
}

const HTTP_ONLY_RULES = ['httpRequest', 'httpResponse', 'httpAfterResponse', 'redirects'] as const;
const RULE_NAMES = {
  httpRequest: 'http-request',
  httpResponse: 'http-response',
  httpAfterResponse: 'http-after-response',
  redirects: 'redirect',
};

/** In TCP mode what needs HTTP is left out, with a warning. */
function checkMode(proxy: ProxyConfig, diagnostics: Diagnostics): void {
  if (proxy.mode !== 'tcp') return;
  const kind = proxy.kind === 'listen' ? 'proxy' : proxy.kind;
  for (const field of HTTP_ONLY_RULES) {
    if (proxy[field].length === 0) continue;
    diagnostics.warning(
      `'${RULE_NAMES[field]}' rules ignored for ${kind} '${proxy.name}' as they require HTTP mode.`,
    );
    proxy[field].length = 0;
  }
  if (proxy.forwardFor !== null) {
    diagnostics.warning(`'option forwardfor' ignored for ${kind} '${proxy.name}' as it requires HTTP mode.`);
    proxy.forwardFor = null;
  }
  if (proxy.cookie !== null) {
    diagnostics.warning(`config : cookie will be ignored for ${kind} '${proxy.name}' (needs 'mode http').`);
    proxy.cookie = null;
  }
  const { algorithm } = proxy.balance;
  if (isBack(proxy.kind) && (algorithm === 'uri' || algorithm === 'url_param' || algorithm === 'hdr')) {
    diagnostics.warning(
      `config : Layer 7 hash not possible for ${kind} '${proxy.name}' (needs 'mode http'). Falling back to round robin.`,
    );
    proxy.balance.algorithm = 'roundrobin';
  }
  if (isFront(proxy.kind) && proxy.logFormatSource?.startsWith('option httplog')) {
    diagnostics.warning(
      `config : parsing [${place(proxy)}] : 'option httplog' not usable with ${kind} '${proxy.name}' (needs 'mode http'). Falling back to 'option tcplog'.`,
    );
    proxy.logFormatSource = 'option tcplog';
    proxy.logFormat = null;
  }
}

function checkTimeouts(proxy: ProxyConfig, diagnostics: Diagnostics): void {
  const { timeouts } = proxy;
  const front = isFront(proxy.kind) && proxy.binds.length > 0 && timeouts.client === 0;
  const back =
    isBack(proxy.kind) && proxy.servers.length > 0 && (timeouts.connect === 0 || timeouts.server === 0);
  if (!front && !back) return;
  const kind = proxy.kind === 'listen' ? 'proxy' : proxy.kind;
  diagnostics.warning(
    `missing timeouts for ${kind} '${proxy.name}'.\n` +
      '   | While not properly invalid, you will certainly encounter various problems\n' +
      '   | with such a configuration. To fix this, please ensure that all following\n' +
      "   | timeouts are set to a non-zero value: 'client', 'connect', 'server'.",
  );
}

function checkLogs(proxy: ProxyConfig, diagnostics: Diagnostics): void {
  if (!isFront(proxy.kind) || proxy.logFormatSource === null || proxy.logTargets.length > 0) return;
  const kind = proxy.kind === 'listen' ? 'proxy' : proxy.kind;
  diagnostics.warning(`log format ignored for ${kind} '${proxy.name}' since it has no log address.`);
  proxy.logFormat = null;
}

/** init-addr: the first method that gives an address wins. */
function resolveServer(server: ServerConfig, diagnostics: Diagnostics, resolver: Resolver): boolean {
  const { address } = server;
  if (address.family !== 'name') return true;
  for (const method of server.initAddr) {
    if (method === 'last') continue;
    if (method === 'none') {
      server.disabled = true;
      server.address = { ...address, family: 'ipv4', host: '0.0.0.0' };
      return true;
    }
    const srv = address.host.startsWith('_');
    const host = method !== 'libc' ? method : srv ? null : resolver.lookup(address.host);
    if (host !== null) {
      server.address = { ...address, family: host.includes(':') ? 'ipv6' : 'ipv4', host };
      return true;
    }
  }
  // A leading underscore is the mark of an SRV record, which the system's resolver is never asked for.
  const why = address.host.startsWith('_') ? 'no method found to' : 'could not';
  diagnostics.alert(
    `[${place(server)}] : 'server ${server.backend.name}/${server.name}' : ${why} resolve address '${address.host}'.`,
  );
  return false;
}
