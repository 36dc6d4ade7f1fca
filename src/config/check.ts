// What can only be checked when everything is read: references between proxies, modes, ids, server addresses, and
// the warnings about settings that have no effect.

import { balanceProblem } from '../balance/create.ts';
import { checkServers, resolveServers } from './check-servers.ts';
import { isBack, isFront } from './defaults.ts';
import { kindText } from './keywords/common.ts';
import { settleMode } from './check-mode.ts';
import type { Config, ProxyConfig, UseBackendRule } from './model.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { Resolver } from './resolver.ts';

/** Messages of this stage name no line. */
const LATE = 'late';
const LOG_ALGORITHMS: readonly string[] = ['roundrobin', 'sticky', 'random', 'log-hash'];

/** `ignoreUnresolved`: -dr. */
export function checkConfig(
  config: Config,
  diagnostics: Diagnostics,
  resolver: Resolver,
  ignoreUnresolved: boolean,
): void {
  const { global } = config;
  if (global.maxrewrite >= global.bufsize / 2) global.maxrewrite = Math.floor(global.bufsize / 2);
  const { nbthread, threadHardLimit } = global;
  if (threadHardLimit > 0 && nbthread > threadHardLimit) {
    diagnostics.warning(
      null,
      `'nbthread' asks for ${nbthread} threads, 'thread-hard-limit' allows ${threadHardLimit} : there will be ${threadHardLimit}.`,
      'late',
    );
  }
  assignIds(config);
  for (const proxy of config.proxies) {
    checkBinds(proxy, diagnostics);
    checkSwitching(config, proxy, diagnostics);
    checkServers(config, proxy, diagnostics);
    checkBalance(proxy, diagnostics);
    if (proxy.mode !== 'log') checkTimeouts(proxy, diagnostics);
    settleMode(proxy, diagnostics);
    checkChecks(proxy, diagnostics);
    checkLogs(proxy, diagnostics);
  }
  for (const { proxy } of config.logRings.values()) {
    if (config.byName.get(proxy.name) !== proxy) checkServers(config, proxy, diagnostics);
  }
  if (diagnostics.alerts === 0) resolveServers(config, diagnostics, resolver, ignoreUnresolved);
}

/** Automatic ids: from 2 for proxies as HAProxy counts its own first, from 1 for servers and sockets. */
function assignIds(config: Config): void {
  number(config.proxies, 2);
  for (const proxy of config.proxies) {
    number(proxy.servers, 1);
    number(proxy.binds, 1);
  }
}

/** Those without an id get one by their position, or the next free one: an id of its own takes a position too. */
function number(items: readonly { id: number }[], first: number): void {
  const used = new Set(items.map((item) => item.id));
  let next = first;
  for (const item of items) {
    if (item.id === 0) {
      while (used.has(next)) next++;
      item.id = next;
      used.add(next);
    }
    next++;
  }
}

function checkBinds(proxy: ProxyConfig, diagnostics: Diagnostics): void {
  if (proxy.kind !== 'frontend' || proxy.binds.length > 0) return;
  diagnostics.warning(
    null,
    `frontend '${proxy.name}' has no 'bind' directive. Please declare it as a backend if this was intended.`,
    LATE,
  );
}

/** `http frontend 'x' (f:5)`. */
const named = (proxy: ProxyConfig): string =>
  `'${proxy.name}' (${proxy.position.file}:${proxy.position.line})`;

/** Alerts where `front` may not hand its streams to `back`. */
function checkModes(front: ProxyConfig, back: ProxyConfig, how: string, diagnostics: Diagnostics): void {
  if (front.mode === back.mode) return;
  const from = `${front.mode} ${kindText(front)} ${named(front)}`;
  if (front.mode === 'http' || back.mode === 'log') {
    diagnostics.alert(
      null,
      `${from} tries to use incompatible ${back.mode} backend ${named(back)} ${how} (see 'mode').`,
      LATE,
    );
    return;
  }
  diagnostics.alert(
    null,
    `${from} hands TCP streams to the http backend ${named(back)} ${how}: this upgrade is known but not yet supported.`,
    LATE,
  );
}

function checkSwitching(config: Config, proxy: ProxyConfig, diagnostics: Diagnostics): void {
  if (!isFront(proxy.kind)) return;
  if (proxy.defaultBackendName !== null) {
    const target = config.byName.get(proxy.defaultBackendName);
    if (target === undefined || !isBack(target.kind)) {
      diagnostics.alert(
        null,
        `Proxy '${proxy.name}': unable to find required default_backend: '${proxy.defaultBackendName}'.`,
        LATE,
      );
    } else {
      proxy.defaultBackend = target;
      checkModes(proxy, target, 'as its default backend', diagnostics);
    }
  }
  for (const rule of proxy.useBackend) resolveUseBackend(rule, config, proxy, diagnostics);
}

function resolveUseBackend(
  rule: UseBackendRule,
  config: Config,
  proxy: ProxyConfig,
  diagnostics: Diagnostics,
): void {
  if (rule.name === null) return;
  const target = config.byName.get(rule.name);
  if (target === undefined || !isBack(target.kind)) {
    diagnostics.alert(
      null,
      `Proxy '${proxy.name}': unable to find required use_backend: '${rule.name}'.`,
      LATE,
    );
    return;
  }
  rule.backend = target;
  checkModes(proxy, target, "in a 'use_backend' rule", diagnostics);
}

/** Connections that all frontends which use this backend may bring. */
/** Gives backends without `fullconn` a tenth of what their frontends may bring; global.maxconn must be settled. */
export function settleFullconn(config: Config): void {
  for (const proxy of config.proxies) {
    if (proxy.fullconn === 0 && isBack(proxy.kind)) {
      proxy.fullconn = Math.max(1, Math.floor((frontendCapacity(config, proxy) + 9) / 10));
    }
  }
}

function frontendCapacity(config: Config, backend: ProxyConfig): number {
  let sum = 0;
  for (const proxy of config.proxies) {
    if (!isFront(proxy.kind)) continue;
    const uses =
      proxy === backend ||
      proxy.defaultBackend === backend ||
      proxy.useBackend.some((rule) => rule.backend === backend || rule.name === null);
    if (uses) sum += proxy.maxconn > 0 ? proxy.maxconn : config.global.maxconn;
  }
  return sum;
}

/** Settings of `balance` and `hash-type` that cannot work together, or that no algorithm here knows. */
function checkBalance(proxy: ProxyConfig, diagnostics: Diagnostics): void {
  if (!isBack(proxy.kind)) return;
  const problem = proxy.mode === 'log' ? logBalanceProblem(proxy) : balanceProblem(proxy.balance);
  if (problem === null) return;
  diagnostics.alert(null, `${kindText(proxy)} '${proxy.name}' : ${problem}.`, LATE);
}

/** Backends of log servers know four algorithms, and hash by a map alone. */
function logBalanceProblem({ balance }: ProxyConfig): string | null {
  const { algorithm, consistent, hashFunction } = balance;
  if (!LOG_ALGORITHMS.includes(algorithm)) {
    return `balance algorithm '${algorithm}' is not usable in log mode, use one of ${LOG_ALGORITHMS.join(', ')}`;
  }
  if (algorithm === 'log-hash' && consistent) return "'balance log-hash' needs 'hash-type map-based'";
  return hashFunction === 'wt6' ? "'hash-type': the function 'wt6' is not supported" : null;
}

function checkTimeouts(proxy: ProxyConfig, diagnostics: Diagnostics): void {
  const { timeouts } = proxy;
  const front = isFront(proxy.kind) && proxy.binds.length > 0 && timeouts.client === 0;
  const back =
    isBack(proxy.kind) && proxy.servers.length > 0 && (timeouts.connect === 0 || timeouts.server === 0);
  if (!front && !back) return;
  diagnostics.warning(
    null,
    `missing timeouts for ${kindText(proxy)} '${proxy.name}'.\n` +
      '   | While not properly invalid, you will certainly encounter various problems\n' +
      '   | with such a configuration. To fix this, please ensure that all following\n' +
      "   | timeouts are set to a non-zero value: 'client', 'connect', 'server'.",
    LATE,
  );
}

function checkChecks(proxy: ProxyConfig, diagnostics: Diagnostics): void {
  const { check } = proxy;
  const rules = check.expects.length > 0 || check.http.headers.length > 0 || check.http.body !== '';
  if (check.kind === 'http' || !rules || !isBack(proxy.kind)) return;
  diagnostics.warning(
    null,
    `config : ${kindText(proxy)} '${proxy.name}' uses http-check rules without 'option httpchk', so the rules are ignored.`,
    LATE,
  );
}

function checkLogs(proxy: ProxyConfig, diagnostics: Diagnostics): void {
  if (!isFront(proxy.kind) || proxy.logFormatSource === null || proxy.logTargets.length > 0) return;
  diagnostics.warning(
    null,
    `log format ignored for ${kindText(proxy)} '${proxy.name}' since it has no log address.`,
    LATE,
  );
  proxy.logFormat = null;
  proxy.logFormatSd = null;
}
