// The same expressions through Debian's haproxy and through ours: each must give the same text.

import { deepStrictEqual } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Phase } from '../../src/sample/expression.ts';
import { FakeMessage } from '../../src/testing/fake-message.ts';
import { fakeParse } from '../../src/testing/fake-parse.ts';
import { FakeStream } from '../../src/testing/fake-stream.ts';
import { MQTT_EXPRESSIONS } from './mqtt-packets.ts';

const missing = spawnSync('haproxy', ['-v']).error !== undefined;

const HEADERS: readonly (readonly [string, string])[] = [
  ['Host', 'ExAmple.com:80'],
  ['X-A', '1, 2,"a,b" , 3'],
  ['X-A', '4'],
  ['Cookie', 's=1; t="q 1"; u=; s=2'],
];

const TOKEN =
  'str(eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhIjo3LCJzIjoieCJ9.iP11J_E7b_UH2CLO64GyiYCTPNCbQ_uzJ5HYzcaitVU)';

const GCM = 'bin(3f3510090357266446e423),aes_gcm_dec(128,MTIzNDU2Nzg5MDEy,';
const KEY = 'Zm9vZm9vZm9vZnBvb2Zvbw==';

const PROTOBUF = `
bin(0896ff),protobuf(1) bin(089601),protobuf(1),hex bin(089601),protobuf(1,int32) bin(089601),protobuf(1,uint32)
bin(089601),protobuf(1,sint32) bin(089601),protobuf(1,bool) bin(0800),protobuf(1,bool) bin(089601),protobuf(1,enum)
bin(089601),protobuf(1,fixed32) bin(089601),protobuf(1,double) bin(089601),protobuf(2,int32)
bin(08ffffffffffffffffff01),protobuf(1,int32) bin(08ffffffffffffffffff01),protobuf(1,int64)
bin(08ffffffffffffffffff01),protobuf(1,uint32) bin(08ffffffffffffffffff01),protobuf(1,uint64)
bin(08ffffffffffffffffff01),protobuf(1,sint64) bin(08ffffffffffffffffff01),protobuf(1,sint32)
bin(08ffffffffffffffffff01),protobuf(1,enum) bin(08ffffffffffffffffff01),protobuf(1,bool)
bin(0880808080808080808080),protobuf(1,uint64) bin(08ffffffffffffffffffff01),protobuf(1,uint64)
bin(08ffffffff0f),protobuf(1,int32) bin(08ffffffff0f),protobuf(1,uint32) bin(08ffffffff0f),protobuf(1,sint32)
bin(08ffffffffff3f),protobuf(1,int32) bin(08ffffffffff3f),protobuf(1,uint32) bin(08ffffffffff3f),protobuf(1,int64)
bin(0d01000080),protobuf(1,fixed32) bin(0d01000080),protobuf(1,sfixed32) bin(0d01000080),protobuf(1),hex
bin(0d01000080),protobuf(1,float) bin(0d0000c03f),protobuf(1,float) bin(0d0000c0bf),protobuf(1,float)
bin(0d0000807f),protobuf(1,float) bin(0d0000c07f),protobuf(1,float) bin(090100000000000080),protobuf(1,fixed64)
bin(090100000000000080),protobuf(1,sfixed64) bin(09000000000000f83f),protobuf(1,double)
bin(09000000000000f8bf),protobuf(1,double) bin(0900a138149b39df43),protobuf(1,double)
bin(090000000000000045),protobuf(1,double) bin(09000000000000f07f),protobuf(1,double)
bin(090100000000000080),protobuf(1),hex bin(0a03616263),protobuf(1) bin(0a03616263),protobuf(1,int32)
bin(0a046162),protobuf(1) bin(0a00),protobuf(1),hex bin(0a036162630a03646566),protobuf(1)
bin(10010a03616263),protobuf(1) bin(0a0408071009),protobuf(1.1,int32) bin(0a0408071009),protobuf(1.2,int32)
bin(0a0408071009),protobuf(1.3,int32) bin(0a0408071009),protobuf(1),hex
bin(0a0408071009),protobuf(1),protobuf(2,int32) bin(0a0208070a020808),protobuf(1.1,int32)
bin(0a0210070a020808),protobuf(1.1,int32) bin(1201780a020808),protobuf(1.1,int32)
bin(0a0612040803180a),protobuf(1.2.3,int32) bin(0a0612040803180a),protobuf(1.2),hex bin(08071009),protobuf(1.2,int32)
bin(08071009),protobuf(2,int32) bin(f2ffffff0f03616263),protobuf(536870910) bin(0b0c089601),protobuf(1,int32)
bin(0f01089601),protobuf(1,int32) bin(0b08960114089601),protobuf(1,int32) bin(00000000030a0161),ungrpc(1)
bin(00000000040a026162),ungrpc(1) bin(01000000040a026162),ungrpc(1) bin(00000000050a026162),ungrpc(1)
bin(00000000030a026162),ungrpc(1) bin(00000000),ungrpc(1) bin(0000000000),ungrpc(1)
bin(0000000002080500000000020807),ungrpc(1,int32) bin(0000000002100500000000020807),ungrpc(1,int32)
bin(000000000410050a0161),ungrpc(1) bin(000000000408050807),ungrpc(1,int32) bin(0000000002),ungrpc(1,int32)
bin(0000000006820304da030108),ungrpc(48.59),hex bin(00000000088203ffff),ungrpc(48.59),hex
bin(000000000a820307da0304080310fb01),ungrpc(48.59.2,int32) bin(080108ff01),protobuf(1,int32) str(),protobuf(1,int32)
bin(0800),protobuf(0,int32) bin(0001),protobuf(0,int32) bin(0a03610062),protobuf(1),hex
bin(08808080808001),protobuf(1,bool) bin(0df9021550),protobuf(1,float) bin(0d5ed0324f),protobuf(1,float)
bin(0d5ed032cf),protobuf(1,float) bin(0dea567a4f),protobuf(1,float) bin(0df902954f),protobuf(1,float)
bin(0d0000004f),protobuf(1,float) bin(0d000000cf),protobuf(1,float) bin(0d6b0b5e5d),protobuf(1,float)
bin(0d3d10015f),protobuf(1,float) bin(0d23c70adf),protobuf(1,float) bin(0d6666663f),protobuf(1,float)
bin(0d666666bf),protobuf(1,float) bin(0dc2160100),protobuf(1,float) bin(0d000080cf),protobuf(1,float)
bin(09ffffffffffffdf43),protobuf(1,double) bin(09000000000000e043),protobuf(1,double)
bin(09000000000000e0c3),protobuf(1,double) bin(09010000000000e0c3),protobuf(1,double)
bin(09003d9160e458e143),protobuf(1,double) bin(09003d9160e458e1c3),protobuf(1,double)
bin(0900a138149b39ef43),protobuf(1,double) bin(099c7500883ce4377e),protobuf(1,double)
bin(09000000000000f87f),protobuf(1,double) bin(09000000000000f0ff),protobuf(1,double)
bin(09000000000000e0bf),protobuf(1,double) bin(0933330b000000f041),protobuf(1,double)
bin(0a0408071009),protobuf(2,int32) bin(0a0408071009),protobuf(1..2,int32) bin(0a0408071009),protobuf(.2,int32)
bin(0a04080710090a041009),protobuf(1.2.3) bin(0a04080712020809),protobuf(2.1,int32) bin(080a12),protobuf(2),hex
bin(0a0000),protobuf(1),hex bin(0a8080808001),protobuf(1),hex bin(12ffffffff0f0807),protobuf(1,int32)
bin(12ffffffffffffffffff010807),protobuf(1,int32) bin(880180),protobuf(17,int32) bin(0a020805),protobuf(1,bool)
bin(0d0102),protobuf(1,fixed32) bin(090102),protobuf(1,fixed64) bin(15010203040807),protobuf(1,int32)
bin(1101020304050607080807),protobuf(1,int32) bin(15010203),protobuf(1,int32) bin(0a0208070801),protobuf(1,int32)
bin(08010a020807),protobuf(1.1,int32) bin(08010a020807),protobuf(1) bin(0a0208070801),protobuf(1),hex
bin(888080801001),protobuf(1,int32) bin(08ff),protobuf(1,int32) bin(08ff01ff),protobuf(1,int32)
bin(1080),protobuf(1,int32) bin(0a0408071009),protobuf(1,fixed32) bin(08960110),protobuf(1,int32)
bin(08),protobuf(1),hex bin(0a),protobuf(1),hex bin(0a03080112),protobuf(1.1,int32)
bin(0a0508011209080708),protobuf(1.1,int32) bin(0a02120a0807),protobuf(1,int32) bin(0a0312050807),protobuf(1.1,int32)
bin(08ff),protobuf(1,int64) bin(08ffffffffffffffffff),protobuf(1,int64) bin(08ffffffffffffffffffff),protobuf(1,int64)
`;

const EXPRESSIONS = (
  `
bool(1) bool(1),hex bool(1),not bool(1),length bool(1),add(1)
int(258) int(258),iif(yes,no) int(258),ipmask(8) int(258),hex int(258),length
ipv4(1.2.3.4) ipv4(1.2.3.4),add(1) ipv4(1.2.3.4),ipmask(8) ipv4(1.2.3.4),hex ipv4(1.2.3.4),not
ipv6(::1) ipv6(::1),ipmask(8) ipv6(::1),hex ipv6(::1),length ipv6(2001:db8::1:2),ipmask(32,64)
ipv6(::ffff:1.2.3.4) ipv6(::ffff:1.2.3.4),ipmask(8) ipv6(1:0:0:2:0:0:0:3) ipv6(1::2:3:4:5:6:7) ipv6(::)
str(12),iif(yes,no) str(12),add(1) str(12),ipmask(8) str(abc),add(1) str(abc),not str(1.2.3.4),ipmask(8)
str(1.2.3.4),add(1) bin(3132) bin(3132),lower bin(00ff41),hex bin(00ff41),length meth(GET),lower meth(FOO),hex
int(9223372036854775807),add(1) int(9223372036854775807),mul(2) int(-9223372036854775808),sub(1)
int(-9223372036854775808),neg int(-9223372036854775808),div(-1) int(-7),div(2) int(-7),mod(2) int(7),div(0)
int(7),mod(0) int(7),cpl int(-7),and(255) int(7),or(256) int(7),xor(1) int(9007199254740993),add(2)
int(4294967296),and(4294967296) int(9007199254740991),mul(3) str(12ab),add(0) str(+12),add(0) str(-0),add(0)
str(99999999999999999999),add(0) str(true),bool str(2),bool int(3),odd int(3),even int(-3),odd
str(abc),crc32 str(abc),crc32(1) str(abc),crc32c str(abc),crc32c(1) str(abc),djb2
str(abc),sdbm str(abc),sha1,hex str(abc),sha2,hex str(abc),sha2(512),hex
str(abc),digest(md5),hex str(abc),hmac(sha256,a2V5),hex str(abcd),bytes(1,2) str(abcd),bytes(9) str(abcd),bytes(1)
str(a+b%41),url_dec(1) str(a%zz),url_dec str(a%41?b+c),url_dec bin(6120622f3f263de97e2d5f2e2a282921),url_enc
int(0),http_date int(784111777),http_date(10) int(784111777012),http_date(0,ms) int(784111777123456),http_date(1,us)
bin(c3a9e282acf09f9880),json bin(c3a9e282acf09f9880),json(utf8) bin(c3a9e282acf09f9880),json(utf8s)
bin(41c328),json(utf8s) bin(41c328),json(utf8) bin(092f0d0c08),json
str(YWJj),b64dec str(YWJ),b64dec str(YWJj!),b64dec str(ab?>),base64 str(ab?>ab?>),ub64enc str(YWI_PmFiPz4),ub64dec
str(1F),hex2i str(FFFFFFFFFFFFFFFF),hex2i str(a-b--c),field(3,-) str(a-b--c),field(9,-) str(a-b--c),field(-1,-)
str(f1_f2_f3__f5),field(-2,_,3) str(f1_f2_f3__f5),field(-3,_,0) str(f1_f2_f3__f5),field(2,_,0)
str(a-b--c),word(3,-) str(a-b--c),word(-1,-) str(f1_f2_f3__f5),word(-2,_,3) str(f1_f2_f3__f5),word(3,_,2)
str(aabbcc),regsub(b,X) str(aabbcc),regsub(b,X,g) str(aabbcc),regsub(B,x,gi) str(aabbcc),regsub(x*,-,g)
str(aabbcc),regsub(^,x,g) str(aabbcc),regsub([[:alpha:]]{2},x) str(xxaxx),ltrim(x) str(xxaxx),rtrim(x)
str(Host.COM:80),host_only str([::1]:80),host_only str([::1]:80),port_only int(258),htonl,hex
bin(01020304050607),be2dec(:,2) bin(01020304050607),be2hex(--,2,1) bin(0102030405060708),be2hex(,3,1)
str(abc),concat(-,txn.none,+) str(a),add_item(-,,c) str(),add_item(-,,c) str(a\\1b) str(),length
hdr(x-a) hdr(x-a,1) hdr(x-a,3) hdr(x-a,5) hdr(x-a,6) hdr(x-a,-1) hdr(x-a,-2) hdr(x-a,-6) hdr(zz) hdr_cnt(x-a)
req.fhdr(x-a) req.fhdr(x-a,1) req.fhdr_cnt(x-a) req.cook(s) req.cook(t) req.cook(u) req.cook(v) req.cook_cnt(s)
req.cook cook_val(s) urlp(a) urlp(b) urlp(b),url_dec urlp(e) urlp urlp(zz) base baseq url path pathq query method
req.ver req.hdrs req.hdr_names hdr(host),lower,field(1,:) hdr_val(x-a) var(txn.zz,dflt) var(txn.zz)
str(abc),djb2(1) str(abc),sdbm(1) str(abc),xxh32 str(abc),xxh32(-1) str(abc),xxh64 str(abc),xxh64(-3) str(),xxh64
str(abc),xxh3 str(abc),xxh3(7) str(abcdefgh),xxh3(-7) bin(00ff41000102030405060708),xxh3(81985529216486895)
str(abc),hmac(sha256,txn.none) str(a.b.),jwt_verify(none,) str(a.b.c),jwt_verify(none,) str(a.b.c.d),jwt_verify(HS256,x)
str(a.b.cccc),jwt_verify(HS256,x) str(a.b.ccccc),jwt_verify(HS256,x) str(a.b.ccc!),jwt_verify(HS256,x) str(),jwt_verify(HS256,x)
str(..),jwt_verify(HS384,x) str(a.b.cccc),jwt_verify(RS256,/nonexistent) str(a.b.cccc),jwt_verify(txn.none,x) str(a.b),jwt_verify(none,)
${TOKEN},jwt_verify(HS256,foo) ${TOKEN},jwt_verify(HS384,foo) ${TOKEN},jwt_verify(HS256,bar) ${TOKEN},jwt_header_query($.alg)
${TOKEN},jwt_payload_query($.a,int),add(1) ${TOKEN},jwt_payload_query($.zz) str(e30),jwt_payload_query($.a)
${GCM}${KEY},KQ2NdA3RadrGMEvNsrh4mQ==) ${GCM}${KEY},KQ2NdA3Rado=) ${GCM}${KEY},LQ2NdA3RadrGMEvNsrh4mQ==) ${GCM}${KEY},)
${GCM}Zm9vZm9vZm9vZnBvb2Zvb0FCQ0RFRkdI,KQ2NdA3RadrGMEvNsrh4mQ==) ${GCM}Zm9v,KQ2NdA3RadrGMEvNsrh4mQ==)
str(f),nbsrv str(zz),nbsrv str(zz/s),srv_queue str(sv),secure_memcmp(txn.none)
str("fr;q=0.5,en"),language(es;fr;en) str("fr-CA;q=0.9,en;q=0.5"),language(es;fr;fr-CA;en) str(en-GB),language(en-GB-x;en)
str("fr;q=0.0,en;q=0.001"),language(es;fr;en) str("en;q=0.9,fr;q=.5"),language(es;fr) str("fr;q=0.9,en;q=1.9"),language(fr;en)
str("fr;q=00.5,en;q=0.3"),language(es;fr;en) str("en;q=0.5;,fr;q=0.6"),language(es;fr;en) str(FR),language(fr,xx)
str("fr;q=0.5x,en;q=0.6"),language(es;fr;en) str("en-;q=0.5"),language(en) str(),language(en,xx) str(",,en"),language(en)
str(a),set-var(txn.q),upper src,add(0) http_first_req
str(abc),sdbm(1) str(abc),djb2(1) str(abc),crc32(1) base32 url32 base32+src,hex url32+src,hex url_ip url_port
cookie(s) cookie(v) cookie prio_class prio_offset fc_http_major
` + PROTOBUF
)
  .trim()
  .split(/\s+/)
  .concat(MQTT_EXPRESSIONS);

const TARGET = '/p/q?a=1&b=x%20y&e=&a=2';

/** A free port of the loopback interface. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

function ask(port: number, index: number): Promise<string> {
  const lines = [...HEADERS, ['X-N', String(index)], ['Connection', 'close']];
  const request = `GET ${TARGET} HTTP/1.1\r\n${lines.map((line) => line.join(': ')).join('\r\n')}\r\n\r\n`;
  return new Promise((done, fail) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write(request, 'latin1'));
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('end', () => done(text.slice(text.indexOf('\r\n\r\n') + 4)));
    socket.on('error', fail);
  });
}

/** What haproxy answers to each expression. */
async function askHaproxy(expressions: readonly string[]): Promise<string[]> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'samples-'));
  const file = join(folder, 'haproxy.cfg');
  const rules = expressions.map(
    (text, index) =>
      ` http-request return status 200 content-type text/plain lf-string '[%[${text}]]' if { req.hdr(x-n) ${index} }`,
  );
  const head = 'defaults\n mode http\n timeout client 9s\n timeout server 9s\n timeout connect 9s\n';
  writeFileSync(file, `${head}frontend f\n bind 127.0.0.1:${port}\n${rules.join('\n')}\n`);
  const child = spawn('haproxy', ['-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
    for (let attempt = 0; ; attempt++) {
      try {
        await ask(port, 0);
        break;
      } catch (error) {
        if (attempt > 50 || child.exitCode !== null) throw new Error(errors, { cause: error });
        await new Promise((done) => setTimeout(done, 50));
      }
    }
    const answers: string[] = [];
    for (let index = 0; index < expressions.length; index++) answers.push(await ask(port, index));
    return answers;
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

test(
  'expressions give what haproxy gives',
  { skip: missing ? 'haproxy is not installed' : false },
  async () => {
    const answers = await askHaproxy(EXPRESSIONS);
    const context = fakeParse();
    const got: Record<string, string> = {};
    const wanted: Record<string, string> = {};
    EXPRESSIONS.forEach((text, index) => {
      const stream = new FakeStream();
      const headers = [...HEADERS, ['X-N', String(index)] as const];
      stream.request = new FakeMessage(false, headers);
      stream.request.target = TARGET;
      stream.session.source = { family: 'ipv4', text: '127.0.0.1', ipv4: 0x7f000001, ipv6: '', port: 1 };
      got[text] = context.logFormat(`[%[${text}]]`, Phase.REQUEST_HTTP).render(stream);
      wanted[text] = answers[index]!;
    });
    deepStrictEqual(got, wanted);
  },
);
