// The cases of the benchmark: a configuration that all proxies share, the load, and the goal.

import { manyRules } from './rule-cases.ts';

/** The ports that a configuration names. */
export interface Ports {
  /** where the proxy listens */
  proxy: number;
  /** where nginx listens */
  backend: number;
  /** where the drain of the log messages listens, UDP */
  log: number;
}

/** Highest processor time (see `Case.compares`) per request as a multiple of HAProxy's in the same run. */
export interface Target {
  uring: number;
  epoll: number;
}

export interface Case {
  readonly name: string;
  readonly mode: 'http' | 'tcp';
  readonly path: '/' | '/64k' | '/1m';
  readonly connections: number;
  /** how long each connection rests before its next request, ms: latencies count below full load */
  readonly pauseMs: number;
  /** header lines that wrk adds */
  readonly headers: readonly string[];
  readonly frontend: (ports: Ports) => readonly string[];
  readonly backend: readonly string[];
  /** parameters after the address of the server */
  readonly server: string;
  readonly target: Target | null;
  /** What is compared: all processor time, or what the proxy itself uses of it. */
  readonly compares: 'totalUs' | 'userUs';
}

const none = (): readonly string[] => [];
const log = (ports: Ports): readonly string[] => [`log 127.0.0.1:${ports.log} local0`, 'option httplog'];

// Ten rules with a condition, then four unconditional edits. The order lets a usual request pass all of them.
const rules = (ports: Ports): readonly string[] => [
  ...log(ports),
  'acl internal src 127.0.0.0/8 10.0.0.0/8',
  'acl blocked src 192.0.2.0/24 198.51.100.0/24',
  'acl admin path_beg /admin',
  'acl hidden path_beg /.git /.env /.svn',
  'acl static path_beg /static/ /img/ /css/ /js/',
  'acl api path_beg /api/',
  'acl shop hdr(host) -i shop.example.com',
  'acl blog hdr(host) -i blog.example.com www.blog.example.com',
  'acl upgrade hdr(upgrade) -i websocket',
  'acl forwarded hdr(x-forwarded-for) -m found',
  'http-request deny if blocked',
  'http-request deny if admin !internal',
  'http-request deny if hidden',
  'http-request deny if upgrade',
  'http-request deny if forwarded !internal',
  'http-request set-header x-forwarded-proto http',
  'http-request set-header x-client %[src]',
  'http-request del-header x-debug',
  'http-response set-header x-served-by bench',
  'use_backend other if static',
  'use_backend other if api internal',
  'use_backend other if shop',
  'use_backend other if blog',
  'use_backend other if api',
];

const plain = {
  mode: 'http',
  path: '/',
  connections: 64,
  pauseMs: 0,
  headers: [],
  frontend: none,
  backend: [],
  compares: 'totalUs',
} as const;

/** All cases, in the order in which they run. */
export const CASES: readonly Case[] = [
  { ...plain, name: 'keepalive', server: '', target: { uring: 0.85, epoll: 1 } },
  { ...plain, name: 'half-load', pauseMs: 4, server: '', target: null },
  { ...plain, name: 'keepalive-httplog', frontend: log, server: '', target: { uring: 0.85, epoll: 1 } },
  {
    ...plain,
    name: 'rules',
    frontend: rules,
    backend: ['cookie SRV insert indirect nocache'],
    server: ' cookie one',
    target: { uring: 0.9, epoll: 1.1 },
  },
  {
    ...plain,
    name: 'close',
    headers: ['Connection: close'],
    server: '',
    target: { uring: 0.95, epoll: 1.05 },
  },
  { ...plain, name: '64k', path: '/64k', server: '', target: { uring: 0.8, epoll: 1 } },
  { ...plain, name: '1m', path: '/1m', connections: 16, server: '', target: { uring: 0.8, epoll: 1 } },
  {
    ...plain,
    name: 'tcp-1m',
    mode: 'tcp',
    path: '/1m',
    connections: 16,
    server: '',
    target: { uring: 0.8, epoll: 1 },
  },
  { ...plain, name: 'tcp-small', mode: 'tcp', server: '', target: { uring: 0.85, epoll: 1 } },
  ...[10, 100, 1000].map((count): Case => {
    const target = { uring: 1, epoll: 1 };
    const frontend = (): readonly string[] => manyRules(count);
    return { ...plain, name: `rules-${count}`, frontend, server: '', compares: 'userUs', target };
  }),
];

/** Writes the configuration of a case. `global` has the lines that one proxy needs for itself. */
export function configText(test: Case, ports: Ports, global: readonly string[]): string {
  const server = (name: string): string => `  server ${name} 127.0.0.1:${ports.backend}${test.server}`;
  const indent = (line: string): string => `  ${line}`;
  const lines = ['global', '  nbthread 1', '  maxconn 4000', ...global.map(indent), '', 'defaults'];
  lines.push(
    `  mode ${test.mode}`,
    '  timeout connect 5s',
    '  timeout client 30s',
    '  timeout server 30s',
    '',
  );
  lines.push('frontend front', `  bind 127.0.0.1:${ports.proxy}`, ...test.frontend(ports).map(indent));
  lines.push('  default_backend back', '', 'backend back', ...test.backend.map(indent), server('one'), '');
  if (test.name.startsWith('rules'))
    lines.push('backend other', ...test.backend.map(indent), server('one'), '');
  return lines.join('\n');
}
