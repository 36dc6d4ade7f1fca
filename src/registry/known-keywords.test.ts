import { test } from 'node:test';
import assert from 'node:assert/strict';
import { allowedIn, classify, converterType, fetchType, knownNames } from './known-keywords.ts';
import type { KeywordClass } from './known-keywords.ts';

test('each class knows its common names', () => {
  const samples: Readonly<Record<string, string>> = {
    section:
      'frontend backend listen defaults global resolvers peers cache userlist ring log-forward crt-store',
    global:
      'maxconn nbthread log tune.bufsize stats user group chroot daemon pidfile setenv ca-base zero-warning',
    proxy:
      'bind server balance mode timeout acl use_backend default_backend option http-request stats no stick-table',
    option:
      'httplog tcplog httpchk forwardfor dontlognull redispatch http-server-close httpclose abortonclose',
    bind: 'ssl crt alpn accept-proxy name process mode v4v6',
    server: 'check inter rise fall weight maxconn backup ssl verify cookie resolvers init-addr',
    balance: 'roundrobin leastconn source uri hdr random hash',
    fetch: 'src path req.hdr hdr method ssl_fc_sni sc0_http_req_rate nbsrv var uuid',
    converter: 'lower map map_beg_int map_ip map_reg field regsub xxh64 json_query ipmask',
    acl: 'path_beg hdr_dom url_reg src path ssl_fc_sni_end',
    'log-alias': 'ci cp tr ft b s TR Tw Tc Tr Ta ST B CC CS tsc ac fc bc sc rc sq bq hr hs r sslv sslc',
    cli: 'show stat',
    'http-request': 'deny set-header redirect return track-sc0 set-var add-acl tarpit',
    'http-response': 'set-header del-header',
    'http-after-response': 'set-header',
    'tcp-request connection': 'accept reject expect-proxy track-sc0',
    'tcp-request content': 'accept reject capture use-service',
    'tcp-response content': 'accept close',
    'quic-initial': 'send-retry',
  };
  for (const [kind, names] of Object.entries(samples)) {
    for (const name of names.split(' ')) {
      assert.ok(kind === 'cli' || classify(kind as KeywordClass, name) === 'known', `${kind} ${name}`);
      assert.equal(classify(kind as KeywordClass, `${name}x~`), 'unknown');
    }
  }
  assert.equal(classify('cli', 'show servers state'), 'known');
  assert.equal(classify('proxy', 'constructor'), 'unknown');
  assert.equal(classify('http-request', 'lua.auth'), 'known');
  assert.equal(classify('option', 'lua.auth'), 'unknown');
});

test('the counts stay near those of the reference', () => {
  const counts: readonly [KeywordClass, number][] = [
    ['fetch', 562],
    ['converter', 208],
    ['bind', 80],
    ['server', 126],
    ['log-alias', 65],
    ['global', 270],
    ['option', 55],
    ['http-request', 68],
  ];
  for (const [kind, count] of counts) {
    const { size } = knownNames(kind);
    assert.ok(size >= count && size < count * 1.4, `${kind}: ${size}`);
  }
});

test('removed keywords say what to write instead', () => {
  assert.deepEqual(classify('proxy', 'contimeout'), {
    removed: `the 'contimeout' directive is not supported anymore since HAProxy 2.1. Use 'timeout connect'.`,
  });
  assert.deepEqual(classify('proxy', 'reqadd'), {
    removed: `The 'reqadd' directive is not supported anymore since HAProxy 2.1. Use 'http-request add-header' instead.`,
  });
  assert.match(JSON.stringify(classify('proxy', 'monitor-net', '10.0.0.0/8')), /\{ src 10\.0\.0\.0\/8 \}/);
  assert.match(JSON.stringify(classify('global', 'nbproc')), /since HAProxy 2\.5/);
  assert.match(JSON.stringify(classify('option', 'http_proxy')), /since HAProxy 2\.5/);
});

test('places and types come from the tables of the manual', () => {
  assert.equal(allowedIn('proxy', 'bind', 'b'), false);
  assert.equal(allowedIn('proxy', 'bind', 'f'), true);
  assert.equal(allowedIn('proxy', 'acl', 'd'), false);
  assert.equal(allowedIn('proxy', 'acl', 'n'), true);
  assert.equal(allowedIn('option', 'httpchk', 'f'), false);
  assert.equal(allowedIn('proxy', 'nothing', 'f'), undefined);
  assert.equal(fetchType('src'), 'addr');
  assert.equal(fetchType('req.hdr_cnt'), 'int');
  assert.equal(converterType('lower'), 'str>str');
});
