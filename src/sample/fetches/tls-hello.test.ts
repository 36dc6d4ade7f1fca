import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { Match } from '../../acl/condition.ts';
import { ALL_PHASES } from '../../registry/sources.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';
import { clientHello, extensionBytes } from '../../testing/tls.ts';
import { Sample } from '../sample.ts';

function tcpStream(payload: string): FakeStream {
  const stream = new FakeStream();
  stream.request = null;
  stream.payload = payload;
  return stream;
}

function values(payload: string, sources: readonly string[]): (string | null)[] {
  const context = fakeParse();
  const stream = tcpStream(payload);
  return sources.map((source) => context.expression(source, ALL_PHASES).text(stream));
}

/** What node's TLS client sends first. */
async function realHello(): Promise<string> {
  const pipe = new Duplex({ read() {}, write: (chunk: Buffer) => done(chunk.toString('latin1')) });
  let done: (text: string) => void = () => {};
  const hello = new Promise<string>((resolve) => (done = resolve));
  const socket = connect({
    socket: pipe,
    servername: 'www.example.com',
    ALPNProtocols: ['h2', 'http/1.1'],
    ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256',
    sigalgs: 'RSA-PSS+SHA256:ECDSA+SHA256',
    ecdhCurve: 'X25519:P-256',
  });
  socket.on('error', () => {});
  const text = await hello;
  socket.destroy();
  return text;
}

const SHORT = [
  'req.ssl_hello_type',
  'req.ssl_ver',
  'req.ssl_sni',
  'req.ssl_alpn',
  'req.ssl_st_ext',
  'req.ssl_ec_ext',
] as const;

test('the hello of a real client', async () => {
  const hello = await realHello();
  deepStrictEqual(values(hello, SHORT), ['1', '196611', 'www.example.com', 'h2', '1', '1']);
  const [ciphers, groups, algorithms, shares] = values(hello, [
    'req.ssl_cipherlist,hex',
    'req.ssl_supported_groups,hex',
    'req.ssl_sigalgs,hex',
    'req.ssl_keyshare_groups,hex',
  ]);
  ok(ciphers!.startsWith('1301C02F'), ciphers!);
  strictEqual(groups, '001D0017');
  strictEqual(algorithms, '08040403');
  strictEqual(shares, '001D');
  deepStrictEqual(values(hello, ['req_ssl_hello_type', 'req_ssl_ver', 'req_ssl_sni']), [
    '1',
    '196611',
    'www.example.com',
  ]);
});

test('a hello that arrives byte by byte is undecided, never misread', () => {
  const hello = clientHello({ name: 'a.example.com', extensions: extensionBytes(35, 'ticket') });
  const context = fakeParse();
  for (const source of [...SHORT, 'req.ssl_cipherlist']) {
    const expression = context.expression(source, ALL_PHASES);
    const whole = expression.text(tcpStream(hello));
    for (let length = 0; length < hello.length; length++) {
      const stream = tcpStream(hello.slice(0, length));
      stream.inspectionOver = false;
      const sample = new Sample();
      if (expression.evaluate(stream, sample)) strictEqual(expression.text(stream), whole, source);
      // That an extension is absent is known once the last one's type is.
      else strictEqual(sample.partial || (whole === null && length > 70), true, `${source} at ${length}`);
      stream.inspectionOver = true;
      expression.evaluate(stream, sample);
      strictEqual(sample.partial, false, 'nothing is waited for any longer');
    }
  }
});

test('hellos with little in them', () => {
  const ticket = (text: string): string => clientHello({ extensions: extensionBytes(35, text) });
  deepStrictEqual(values(clientHello({}), SHORT), ['1', '196611', null, null, '0', null]);
  deepStrictEqual(values(clientHello({ bare: true }), SHORT), ['1', '196611', null, null, null, null]);
  deepStrictEqual(values(clientHello({ version: 0x0301 }), ['req.ssl_ver']), ['196609']);
  deepStrictEqual(values(ticket(''), ['req.ssl_st_ext']), ['1']);
  deepStrictEqual(values(ticket('x'), ['req.ssl_st_ext']), ['2']);
});

test('what is no hello, or a broken one, has no values and is not waited for', () => {
  const broken = [
    'GET / HTTP/1.1\r\n\r\n',
    '\x16\x02\0\0\x05\x01\0\0\x01\0',
    '\x17\x03\x03\0\x05hello',
    '\x16\x03\x01\0\x00',
    clientHello({ name: 'a.b' }).slice(0, -1) + '\xff',
    clientHello({ extensions: '\0\x10\0\xff' }),
    clientHello({ extensions: extensionBytes(16, '\0\x09\x08h2') }),
  ];
  const context = fakeParse();
  for (const bytes of broken) {
    const stream = tcpStream(bytes + 'and more');
    stream.inspectionOver = false;
    const sample = new Sample();
    strictEqual(context.expression('req.ssl_alpn', ALL_PHASES).evaluate(stream, sample), false);
    strictEqual(sample.partial, false, JSON.stringify(bytes));
  }
  deepStrictEqual(
    values('\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10' + '\0'.repeat(37), ['req.ssl_ver', 'req.ssl_hello_type']),
    ['196609', null],
  );
  const http = new FakeStream();
  http.payload = clientHello({ name: 'x' });
  strictEqual(context.expression('req.ssl_sni', ALL_PHASES).text(http), null, 'HTTP mode has no raw bytes');
});

test('the hello of a server', () => {
  const bytes = '\x16\x03\x03\0\x06\x02\0\0\x02\x03\x03';
  deepStrictEqual(values(bytes, ['res.ssl_hello_type', 'rep_ssl_hello_type']), ['2', '2']);
  deepStrictEqual(values(clientHello({}), ['res.ssl_hello_type']), [null]);
});

test('ACLs compare versions as dotted numbers', () => {
  const context = fakeParse();
  const stream = tcpStream(clientHello({}));
  const probe = (words: string): boolean =>
    context.condition(['if', '{', ...words.split(' '), '}'], ALL_PHASES).probe(stream) === Match.YES;
  const holding = ['3.3', '3.1:3.3', '3:', ':3.3', 'gt 3', 'ge 3', '3.1 3.3', '-m int 196611'];
  const failing = ['3', '3.1', ':3', 'lt 3.3', 'le 3', '3.0:3'];
  deepStrictEqual(
    holding.filter((text) => !probe(`req.ssl_ver ${text}`)),
    [],
  );
  deepStrictEqual(
    failing.filter((text) => probe(`req_ssl_ver ${text}`)),
    [],
  );
  throws(() => probe('req.ssl_ver 196609'), /'196609' is not a dotted number/);
  throws(() => probe('req.ssl_ver -m int 3.1'), /'3.1' is neither a number/);
});
