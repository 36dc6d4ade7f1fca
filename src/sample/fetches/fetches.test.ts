import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { REGISTRY } from '../../registry/index.ts';
import { tabulate } from '../../registry/registry.ts';
import { ALL_PHASES } from '../../registry/sources.ts';
import { FakeMessage } from '../../testing/fake-message.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { endpoint, FakeStream } from '../../testing/fake-stream.ts';
import type { ServerView } from '../context.ts';
import type { ServerConfig } from '../../config/model.ts';

function values(stream: FakeStream, sources: readonly string[]): Record<string, string | null> {
  const context = fakeParse([stream.frontend, stream.backend!]);
  const expressions = sources.map((source) => context.expression(source, ALL_PHASES));
  context.finish();
  return Object.fromEntries(sources.map((source, index) => [source, expressions[index]!.text(stream)]));
}

function check(stream: FakeStream, wanted: Readonly<Record<string, string | null>>): void {
  deepStrictEqual(values(stream, Object.keys(wanted)), wanted);
}

test('the request', () => {
  const stream = new FakeStream();
  stream.request = new FakeMessage(false, [
    ['host', 'h.com'],
    ['cookie', 'a=1; b="x"; a=2'],
    ['x-forwarded-for', '192.0.2.7, [2001:db8::1]:80, 198.51.100.1:80'],
  ]);
  stream.request.target = '/p;s=9?a=1&b=2;c=3&B=4';
  stream.request.bodyText = 'u=1&v=two&u=3';
  check(stream, {
    'url_param(a)': '1',
    'url_param(c)': '3',
    'url_param(b,,i)': '2',
    'urlp(s,;)': '9',
    'urlp(zz)': null,
    'urlp_val(b)': '2',
    'req.body_param(v)': 'two',
    'req.body_len': '13',
    'req.cook(a)': '2',
    'req.cook(b)': '"x"',
    'req.cook_cnt(a)': '2',
    'hdr_ip(x-forwarded-for)': '198.51.100.1',
    'hdr_ip(x-forwarded-for,1)': '192.0.2.7',
    'hdr_ip(x-forwarded-for,-2)': '2001:db8::1',
    base: 'h.com/p;s=9',
    path: '/p;s=9',
  });
  stream.request.target = 'http://other/x?y';
  check(stream, { path: '/x', pathq: '/x?y', url: 'http://other/x?y', query: 'y' });
  stream.request.target = '*';
  check(stream, { path: null, url: '*' });
});

test('the response', () => {
  const stream = new FakeStream();
  stream.direction = 'response';
  stream.response = new FakeMessage(true, [
    ['set-cookie', 's=abc; path=/; a=b'],
    ['x', '1'],
  ]);
  stream.response.status = 404;
  check(stream, {
    status: '404',
    'res.cook(s)': 'abc',
    'scook(a)': null,
    'hdr(x)': '1',
    'shdr(x)': '1',
    'res.hdr_cnt(x)': '1',
    'res.hdr_names(;)': 'set-cookie;x',
  });
});

test('connections and PROXY protocol', () => {
  const stream = new FakeStream();
  stream.session = {
    ...stream.session,
    proxyTlvs: new Map([
      [2, 'host'],
      [5, 'uid'],
      [0xe0, 'own'],
    ]),
    receivedProxy: true,
    source: endpoint('2001:db8::1', 1),
  };
  check(stream, {
    src: '2001:db8::1',
    src_port: '1',
    fc_src: '192.0.2.1',
    dst_port: '80',
    bc_dst: '10.0.0.2',
    fc_pp_authority: 'host',
    fc_pp_unique_id: 'uid',
    'fc_pp_tlv(0xE0)': 'own',
    'fc_pp_tlv(ALPN)': null,
    fc_rcvd_proxy: '1',
    so_name: 'web',
    so_id: '1',
    ssl_fc: '0',
  });
});

test('proxies and servers', () => {
  const stream = new FakeStream();
  const server = { name: 's1', maxconn: 10, maxqueue: 5, weight: 3 } as ServerConfig;
  const view = { config: server, name: 's1', id: 4, usable: true, current: 2, queued: 1 } as ServerView;
  stream.backend!.servers.push(server);
  stream.serverViews = [view, { ...view, config: { ...server, name: 's2' } as ServerConfig, usable: false }];
  stream.server = view;
  check(stream, {
    nbsrv: '1',
    'nbsrv(be)': '1',
    'be_conn_free(be)': '8',
    'connslots(be)': '12',
    'avg_queue(be)': '4',
    fe_conn: '3',
    'srv_is_up(be/s1)': '1',
    'srv_conn(be/s1)': '2',
    'srv_conn_free(be/s1)': '8',
    'srv_iweight(be/s1)': '3',
    srv_name: 's1',
    be_name: 'be',
    fe_name: 'fe',
  });
});

test('bytes under inspection', () => {
  const stream = new FakeStream();
  stream.payload = 'GET / HTTP/1.1\r\n';
  check(stream, { 'req.len': '16', 'req.payload(4,1)': '/', 'req.payload(0,99)': null, wait_end: '1' });
  stream.request = null;
  check(stream, { 'req.proto_http': '1' });
  stream.payload = '\x16\x03\x01';
  check(stream, { 'req.proto_http': '0' });
});

test('names are unique, and each keyword is documented', () => {
  const keyword = [...REGISTRY.fetches.values()][0]!;
  throws(() => tabulate([keyword, keyword]), /is defined twice/);
  for (const { name, doc } of [...REGISTRY.fetches.values(), ...REGISTRY.converters.values()]) {
    ok(doc !== '', name);
  }
  strictEqual(REGISTRY.actions.size, 7);
});

test('identifiers', () => {
  const {
    uuid,
    'uuid(7)': seven,
    'rand(1)': zero,
  } = values(new FakeStream(), ['uuid', 'uuid(7)', 'rand(1)']);
  ok(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid!));
  ok(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(seven!));
  strictEqual(zero, '0');
});
