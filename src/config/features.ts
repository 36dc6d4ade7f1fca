// What this build can do, in the names that HAProxy's `-vv` and the predicate `feature()` use. Only what is true:
// a configuration that asks for a feature must be able to rely on it.

/** Name of the feature and whether Hawser has it, alphabetical as in `-vv`. */
export const FEATURES: readonly (readonly [string, boolean])[] = [
  ['51DEGREES', false],
  ['ACCEPT4', true],
  ['BACKTRACE', false],
  ['CLOSEFROM', false],
  ['CPU_AFFINITY', false],
  ['CRYPT_H', false],
  ['DEVICEATLAS', false],
  ['DL', true],
  ['ENGINE', false],
  ['EPOLL', true],
  ['EVPORTS', false],
  ['GETADDRINFO', true],
  ['KQUEUE', false],
  ['LIBCRYPT', false],
  ['LINUX_CAP', false],
  ['LINUX_SPLICE', true],
  ['LINUX_TPROXY', true],
  ['LUA', false],
  ['MEMORY_PROFILING', false],
  ['NETFILTER', false],
  ['NS', false],
  ['OBSOLETE_LINKER', false],
  ['OPENSSL', false],
  ['OPENSSL_AWSLC', false],
  ['OPENSSL_WOLFSSL', false],
  ['OT', false],
  ['PCRE', false],
  ['PCRE2', false],
  ['PCRE2_JIT', false],
  ['PCRE_JIT', false],
  ['POLL', false],
  ['PRCTL', false],
  ['PROCCTL', false],
  ['PROMEX', true],
  ['QUIC', false],
  ['QUIC_OPENSSL_COMPAT', false],
  ['RT', true],
  ['SHM_OPEN', false],
  ['SLZ', false],
  ['STATIC_PCRE', false],
  ['STATIC_PCRE2', false],
  ['TFO', false],
  ['THREAD', true],
  ['THREAD_DUMP', false],
  ['TPROXY', true],
  ['WURFL', false],
  ['ZLIB', false],
];

/** The names that `feature()` answers true for. */
export const PRESENT_FEATURES: ReadonlySet<string> = new Set(
  FEATURES.filter(([, present]) => present).map(([name]) => name),
);

/** The line of `-vv`: `+NAME` for what is there, `-NAME` for what is not. */
export const featureList = (): string =>
  FEATURES.map(([name, present]) => `${present ? '+' : '-'}${name}`).join(' ');
