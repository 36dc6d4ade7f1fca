import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { readVarint, varint, varintRead } from '../varint.ts';
import { ALL_PHASES } from '../../registry/sources.ts';
import { FakeMessage } from '../../testing/fake-message.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { endpoint, FakeStream } from '../../testing/fake-stream.ts';
import { Sample } from '../sample.ts';

function check(stream: FakeStream, wanted: Readonly<Record<string, string | null>>): void {
  const context = fakeParse();
  const got = Object.keys(wanted).map((source) => [
    source,
    context.expression(source, ALL_PHASES).text(stream),
  ]);
  deepStrictEqual(Object.fromEntries(got), wanted);
}

test('hashes and addresses of URLs: values seen at HAProxy', () => {
  const stream = new FakeStream();
  stream.session.source = endpoint('127.0.0.1', 1);
  const ask = (target: string, host: string): FakeStream => {
    stream.request = new FakeMessage(false, host === '' ? [] : [['host', host]]);
    stream.request.target = target;
    return stream;
  };
  check(ask('/p/q?a=1', 'h.com'), {
    base32: '2316141441',
    'base32+src,hex': '8A0D83817F000001',
    url32: '3796784627',
    'url32+src,hex': 'E24E55F37F000001',
    url_ip: null,
    url_port: null,
  });
  const absolute = { base32: '3109667131', url32: '3990023487', url_ip: '1.2.3.4', url_port: '81' };
  check(ask('http://1.2.3.4:81/p?z', '1.2.3.4:81'), absolute);
  check(ask('https://1.2.3.4/x', '1.2.3.4'), { base32: '1127023013', url_ip: '1.2.3.4', url_port: '443' });
  check(ask('http://1.2.3.4/', '1.2.3.4'), { url_port: '80' });
  check(ask('http://1.2.3.4:99999/q', ''), { url_port: '34463' });
  for (const target of [
    'http://a.b:99/',
    'ftp://1.2.3.4/q',
    'http://1.2.3.400/x',
    'http://[2001:db8::1]:81/',
    '*',
  ]) {
    check(ask(target, 'a'), { url_ip: null, url_port: null });
  }
  stream.session.source = endpoint('2001:db8::1', 1);
  check(ask('/p/q', 'h.com'), { 'base32+src,hex': `8A0D838120010DB8${'0'.repeat(23)}1` });
});

test('what the kernel knows of both connections', () => {
  const stream = new FakeStream();
  check(stream, {
    'fc_rtt(us)': '68',
    fc_rtt: '0',
    bc_rtt: '68',
    'bc_rttvar(us)': '72000',
    fc_lost: '32',
    fc_unacked: '24',
    fc_sacked: '28',
    fc_retrans: '36',
    fc_fackets: '40',
    fc_reordering: '88',
    dst_conn: '4',
    src_is_local: '1',
    dst_is_local: '0',
    fc_src_is_local: '1',
    fc_dst_is_local: '0',
  });
  stream.tcpInfo = () => -1;
  stream.session.source = { family: 'unix', text: '', ipv4: 0, ipv6: '', port: 0 };
  check(stream, { fc_rtt: null, fc_lost: null, src_is_local: null });
  throws(() => fakeParse().expression('fc_rtt(s)', ALL_PHASES), /expects 'us' or 'ms', got 's'/);
});

test('faults of the client connection: numbers and names of the manual', () => {
  const stream = new FakeStream();
  check(stream, { fc_err: '0', fc_err_name: null, fc_err_str: 'Success' });
  const text = 'Timeout while waiting for PROXY protocol header';
  stream.session = { ...stream.session, connectionFault: text };
  check(stream, { fc_err: '13', fc_err_name: 'PRX_TIMEOUT', fc_err_str: text });
});

test('connections carry one stream', () => {
  const stream = new FakeStream();
  check(stream, { fc_http_major: '1', bc_nb_streams: '1', bc_settings_streams_limit: '1', fc_glitches: '0' });
  stream.backendDestination = null;
  check(stream, { fc_http_major: '1', bc_http_major: null, 'fs.rst_code': null, 'bs.rst_code': null });
  const ends: Record<string, [string, string]> = {
    '--': ['0', '0'],
    CD: ['1', '0'],
    cD: ['0', '0'],
    SD: ['0', '1'],
    SH: ['0', '1'],
    SC: ['0', '0'],
    sH: ['0', '0'],
  };
  for (const [flags, [client, server]] of Object.entries(ends)) {
    stream.flags = `${flags}--`;
    check(stream, { 'fs.aborted': client, 'bs.aborted': server });
  }
});

test('transactions', () => {
  const stream = new FakeStream();
  stream.priorityClass = -3;
  stream.priorityOffset = 250;
  check(stream, {
    'txn.timer.total': '28',
    'txn.timer.user': '27',
    'request_date(ms)': '1795409219404',
    request_date: '1795409219',
    'req.bytes_out': '90',
    'res.bytes_out': '119',
    prio_class: '-3',
    prio_offset: '250',
    server_status: null,
    tgroup: '0',
  });
  stream.serverStatus = 404;
  check(stream, { server_status: '404' });
});

test('cookies under their old names', () => {
  const stream = new FakeStream();
  stream.request = new FakeMessage(false, [['cookie', 'a=1; b=2; a=3']]);
  stream.response = new FakeMessage(true, [['set-cookie', 'a=9; path=/']]);
  check(stream, { 'cookie(a)': '3', cookie: '1', 'set-cookie(a)': '9' });
  stream.direction = 'response';
  check(stream, { 'cookie(a)': '9' });
});

test('headers in binary form', () => {
  const stream = new FakeStream();
  const long = 'x'.repeat(300);
  stream.request = new FakeMessage(false, [
    ['host', 'h'],
    ['x-a', long],
  ]);
  const sample = new Sample();
  fakeParse().expression('req.hdrs_bin', ALL_PHASES).evaluate(stream, sample);
  strictEqual(sample.text, `\x04host\x01h\x03x-a\xfc\x03${long}\0\0`);
});

test('varint: limits of each length, and texts cut short', () => {
  const lengths = [0, 239, 240, 2287, 2288, 264431, 264432, 33818863, 33818864, 4294967296];
  deepStrictEqual(
    lengths.map((value) => varint(value).length),
    [1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
  );
  for (const value of lengths) {
    const bytes = varint(value);
    strictEqual(readVarint(`-${bytes}-`, 1), 1 + bytes.length);
    strictEqual(varintRead.value, value);
    strictEqual(readVarint(bytes.slice(0, -1), 0), -1);
  }
  strictEqual(readVarint('\xff'.repeat(20), 0), -1);
});

test('dump_all_vars', () => {
  const stream = new FakeStream();
  const sample = new Sample();
  sample.setStr('John "D"\n');
  stream.transactionVariables.set('name', sample);
  sample.setInt(42);
  stream.transactionVariables.set('count', sample);
  sample.setBin('Hello');
  stream.session.variables.set('data', sample);
  sample.setBool(true);
  stream.requestVariables.set('on', sample);
  sample.setIpv4(0xc0a80101);
  stream.requestVariables.set('ip', sample);
  check(stream, {
    dump_all_vars:
      'sess.data=x48656c6c6f, txn.name="John \\"D\\"\\n", txn.count=42, req.on=true, req.ip=192.168.1.1',
    'dump_all_vars(txn,c)': 'txn.count=42',
    "dump_all_vars(req,,'; ')": 'req.on=true; req.ip=192.168.1.1',
    'dump_all_vars(res)': '',
  });
  throws(() => fakeParse().expression('dump_all_vars(check)', ALL_PHASES), /invalid scope 'check'/);
});
