// Keywords that HAProxy once knew, with the message that tells users what to write instead. `$1` stands for the
// word after the keyword.

const removed21 = (name: string, instead: string): string =>
  `The '${name}' directive is not supported anymore since HAProxy 2.1. ${instead}`;
const timeout21 = (name: string, instead: string): string =>
  `the '${name}' directive is not supported anymore since HAProxy 2.1. Use 'timeout ${instead}'.`;
const removed35 = (name: string): string =>
  `the '${name}' directive is not supported anymore since HAProxy 3.5.`;

const REPLACE = `Use 'http-request replace-header' instead.`;
const REPLACE_ANY = `Use 'http-request replace-path', 'http-request replace-uri' or 'http-request replace-header' instead.`;

export const REMOVED_PROXY_KEYWORDS: Readonly<Record<string, string>> = {
  appsession: `'appsession' is not supported anymore since HAProxy 1.6.`,
  'bind-process': `bind-process is not supported any more since HAProxy 2.5.`,
  block: removed21('block', `Use 'http-request deny' which uses the exact same syntax.`),
  clitimeout: timeout21('clitimeout', 'client'),
  contimeout: timeout21('contimeout', 'connect'),
  dispatch: removed35('dispatch'),
  'monitor-net': `'monitor-net' doesn't exist anymore. Please use 'http-request return status 200 if { src $1 }' instead.`,
  redispatch: `keyword 'redispatch' directive is not supported anymore since HAProxy 2.1. Use 'option redispatch'.`,
  reqadd: removed21('reqadd', `Use 'http-request add-header' instead.`),
  reqallow: removed21('reqallow', `Use 'http-request allow' instead.`),
  reqdel: removed21('reqdel', `Use 'http-request del-header' instead.`),
  reqdeny: `The 'reqdeny' not supported anymore since HAProxy 2.1. Use 'http-request deny' instead.`,
  reqiallow: removed21('reqiallow', `Use 'http-request allow' instead.`),
  reqidel: removed21('reqidel', `Use 'http-request del-header' instead.`),
  reqideny: removed21('reqideny', `Use 'http-request deny' instead.`),
  reqipass: removed21('reqipass', '').trimEnd(),
  reqirep: removed21('reqirep', REPLACE),
  reqitarpit: removed21('reqitarpit', `Use 'http-request tarpit' instead.`),
  reqpass: `The 'reqpass' not supported anymore since HAProxy 2.1.`,
  reqrep: removed21('reqrep', REPLACE_ANY),
  reqtarpit: removed21('reqtarpit', `Use 'http-request tarpit' instead.`),
  rspadd: removed21('rspadd', `Use 'http-response add-header' instead.`),
  rspdel: removed21('rspdel', `Use 'http-response del-header' .`),
  rspdeny: removed21('rspdeny', `Use 'http-response deny' instead.`),
  rspidel: removed21('rspidel', `Use 'http-response del-header' instead.`),
  rspideny: removed21('rspideny', `Use 'http-response deny' instead.`),
  rspirep: removed21('rspirep', `Use 'http-response replace-header' instead.`),
  rsprep: removed21('rsprep', `Use 'http-response replace-header' instead.`),
  srvtimeout: timeout21('srvtimeout', 'server'),
  transparent: removed35('transparent'),
};

export const REMOVED_OPTIONS: Readonly<Record<string, string>> = {
  forceclose:
    `option 'forceclose' is not supported any more since HAProxy 2.0, please just remove it, or use 'option ` +
    `httpclose' if absolutely needed.`,
  'http-tunnel':
    `option 'http-tunnel' is not supported any more since HAProxy 2.1, please just remove it, it shouldn't be ` +
    `needed.`,
  http_proxy:
    `option 'http_proxy' is not supported any more since HAProxy 2.5. This option stopped working in HAProxy 1.9 ` +
    `and usually had nasty side effects. It can be more reliably implemented with combinations of 'http-request ` +
    `set-dst' and 'http-request set-uri', and even 'http-request do-resolve' if DNS resolution is desired.`,
  transparent: `option 'transparent' is not supported any more since HAProxy 3.5.`,
};

export const REMOVED_GLOBAL_KEYWORDS: Readonly<Record<string, string>> = {
  'master-worker': `support for 'master-worker' was removed in version 3.5. Use -W or -Ws in the startup script instead.`,
  nbproc:
    `nbproc is not supported any more since HAProxy 2.5. Threads will automatically be used on multi-processor ` +
    `machines if available.`,
  'stats bind-process': `'stats bind-process' is not supported anymore.`,
};
