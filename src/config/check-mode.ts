// In TCP mode what needs HTTP is left out, with a warning; defaults that depend on the mode are settled.

import { NO_ABORT } from './keywords/option.ts';
import { isBack, isFront } from './defaults.ts';
import { kindText } from './keywords/common.ts';
import type { Diagnostics } from './diagnostics.ts';
import type { ProxyConfig } from './model.ts';

const HTTP_RULES = {
  httpRequest: 'http-request',
  httpResponse: 'http-response',
  httpAfterResponse: 'http-after-response',
  redirects: 'redirect',
} as const;
/** Options with the side where they act; `option forwardfor` and the like are fields of their own. */
const HTTP_OPTIONS: readonly string[] = [
  'http-buffer-request',
  'http-ignore-probes',
  'idle-close-on-response',
  'prefer-last-server',
  'http-use-proxy-header',
  'http-no-delay',
  'http-pretend-keepalive',
];
const HASHES_HTTP: ReadonlySet<string> = new Set(['uri', 'url_param', 'hdr']);

export function settleMode(proxy: ProxyConfig, diagnostics: Diagnostics): void {
  const { options } = proxy;
  const explicitlyOff = options.delete(NO_ABORT);
  if (proxy.mode === 'http') {
    if (isBack(proxy.kind) && !explicitlyOff) options.add('abortonclose');
    return;
  }
  if (proxy.mode === 'log') return;
  const section = `${kindText(proxy)} '${proxy.name}'`;
  const warn = (text: string): void => diagnostics.warning(null, text, 'late');
  if (proxy.cookie !== null && isBack(proxy.kind)) {
    warn(`cookie will be ignored for ${section} (needs 'mode http').`);
    proxy.cookie = null;
  }
  if (proxy.monitorUri !== null && isFront(proxy.kind)) {
    warn(`monitor-uri will be ignored for ${section} (needs 'mode http').`);
    proxy.monitorUri = null;
  }
  if (isBack(proxy.kind) && HASHES_HTTP.has(proxy.balance.algorithm)) {
    warn(`Layer 7 hash not possible for ${section} (needs 'mode http'). Falling back to round robin.`);
    proxy.balance.algorithm = 'roundrobin';
  }
  for (const field of Object.keys(HTTP_RULES) as (keyof typeof HTTP_RULES)[]) {
    if (proxy[field].length === 0) continue;
    warn(`'${HTTP_RULES[field]}' rules ignored for ${section} as they require HTTP mode.`);
    proxy[field].length = 0;
  }
  for (const [field, name] of [
    ['forwardFor', 'forwardfor'],
    ['originalTo', 'originalto'],
    ['forwarded', 'forwarded'],
  ] as const) {
    if (proxy[field] === null) continue;
    warn(`'option ${name}' ignored for ${section} as it requires HTTP mode.`);
    proxy[field] = null;
  }
  for (const option of HTTP_OPTIONS) {
    if (!options.delete(option)) continue;
    warn(`'option ${option}' ignored for ${section} as it requires HTTP mode.`);
  }
  settleLogFormat(proxy, section, diagnostics);
  settleServers(proxy, section, diagnostics);
}

/** Cookies of servers are left out; clients of a TCP server cannot be sent elsewhere. */
function settleServers(proxy: ProxyConfig, section: string, diagnostics: Diagnostics): void {
  for (const server of proxy.servers) {
    if (server.redir !== null) {
      const text = 'server cannot have cookie or redirect prefix in non-HTTP mode.';
      diagnostics.alert(null, `${section} : ${text}`, 'late');
    }
    if (server.cookie === null) continue;
    const text = `ignoring cookie for server '${server.name}' as HTTP mode is disabled.`;
    diagnostics.warning(null, `${section} : ${text}`, 'late');
    server.cookie = null;
  }
}

function settleLogFormat(proxy: ProxyConfig, section: string, diagnostics: Diagnostics): void {
  if (!isFront(proxy.kind) || !/^option https?log/.test(proxy.logFormatSource ?? '')) return;
  const option = proxy.logFormatSource!.split(' ', 2).join(' ');
  const { file, line } = proxy.logFormatPosition ?? proxy.position;
  diagnostics.warning(
    null,
    `parsing [${file}:${line}] : '${option}' not usable with ${section} (needs 'mode http'). Falling back to 'option tcplog'.`,
    'late',
  );
  proxy.logFormatSource = 'option tcplog';
  proxy.logFormat = proxy.tcpLogFormat;
}
