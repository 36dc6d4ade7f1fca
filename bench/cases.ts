// What is measured, and the ratio to HAProxy's CPU time per request that is aimed at.

export interface Case {
  readonly name: string;
  readonly path: string;
  readonly connections: number;
  readonly headers: readonly string[];
  /** Target with io_uring, and the ratio that epoll must not exceed. */
  readonly uring: number;
  readonly epoll: number;
  config(port: number, logPort: number): string;
}

const head = (mode: string): string => `global
  nbthread 1
  maxconn 4000
GLOBAL
defaults
  mode ${mode}
  timeout connect 5s
  timeout client 30s
  timeout server 30s
`;

const plain =
  (mode: string) =>
  (port: number): string =>
    `${head(mode)}frontend f
  bind 127.0.0.1:${port}
  default_backend b
backend b
  balance roundrobin
  server s BACKEND
`;

const logged = (port: number, logPort: number): string =>
  plain('http')(port).replace(
    'frontend f\n',
    `frontend f\n  log 127.0.0.1:${logPort} local0\n  option httplog\n`,
  );

const rules = (port: number, logPort: number): string =>
  `${head('http')}frontend f
  bind 127.0.0.1:${port}
  log 127.0.0.1:${logPort} local0
  option httplog
  acl a1 path_beg /admin
  acl a2 path_beg /static
  acl a3 path_end .php
  acl a4 hdr(host) -i www.example.com
  acl a5 src 10.0.0.0/8
  acl a6 method POST
  acl a7 path /login
  acl a8 hdr(x-debug) -m found
  acl a9 path_reg ^/v[0-9]+/x$
  acl a10 hdr(user-agent) -m sub bot
  http-request deny if a1 a5
  http-request deny if a2 a6
  http-request deny if a3
  http-request deny if a7 a8
  http-request deny if a9
  http-request deny if a10 a4
  http-request set-header x-forwarded-proto http
  http-request set-header x-real-ip %[src]
  http-request del-header x-internal
  http-response set-header x-served-by hawser
  default_backend b
backend b
  balance roundrobin
  cookie SRV insert indirect nocache
  server s BACKEND cookie s1
`;

const base = { path: '/', connections: 64, headers: [] };

export const cases: readonly Case[] = [
  { ...base, name: 'keepalive', uring: 0.85, epoll: 1, config: plain('http') },
  { ...base, name: 'keepalive-log', uring: 0.85, epoll: 1, config: logged },
  { ...base, name: 'rules', uring: 0.9, epoll: 1.1, config: rules },
  { ...base, name: 'close', headers: ['Connection: close'], uring: 0.95, epoll: 1.05, config: plain('http') },
  { ...base, name: '64k', path: '/64k', uring: 0.8, epoll: 1, config: plain('http') },
  { ...base, name: '1m', path: '/1m', uring: 0.8, epoll: 1, config: plain('http') },
  { ...base, name: 'tcp-1m', path: '/1m', uring: 0.8, epoll: 1, config: plain('tcp') },
  { ...base, name: 'tcp-small', uring: 0.85, epoll: 1, config: plain('tcp') },
];
