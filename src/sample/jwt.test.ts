import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { ALL_PHASES } from '../registry/sources.ts';
import { fakeParse } from '../testing/fake-parse.ts';
import { FakeStream } from '../testing/fake-stream.ts';
import { decodeBase64Url, tokenPart, verifyToken } from './jwt.ts';
import { Sample } from './sample.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64url');
const SIGNED = `${encode('{"alg":"?"}')}.${encode('{"a":1}')}`;
const never = (): null => null;

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const CURVES = [
  ['256', 'P-256', 64],
  ['384', 'P-384', 96],
  ['512', 'P-521', 132],
] as const;

function pem(key: KeyObject, type: 'spki' | 'pkcs1'): string {
  return key.export({ type, format: 'pem' }).toString();
}

test('decodeBase64Url takes padding or none, and nothing else', () => {
  strictEqual(decodeBase64Url('_-8')?.toString('hex'), 'ffef');
  strictEqual(decodeBase64Url('_-8=')?.toString('hex'), 'ffef');
  for (const text of ['/+8', 'a', 'abcde', 'a!', 'a=b']) strictEqual(decodeBase64Url(text), null);
  strictEqual(tokenPart('YQ.Yg.', 1)?.toString(), 'b');
  strictEqual(tokenPart('YQ.Yg.', 2), null);
  strictEqual(tokenPart('YQ', 1), null);
});

test('verifyToken: the token of RFC 7515 appendix A.1', () => {
  const token =
    'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.' +
    'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.' +
    'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  const key = decodeBase64Url(
    'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  )!.toString('latin1');
  strictEqual(verifyToken(token, 'HS256', key, never), 1);
  strictEqual(verifyToken(token, 'HS256', `${key}x`, never), 0);
});

// The verdicts on broken signatures are those of haproxy 2.6.
test('verifyToken: HMAC', () => {
  for (const bits of ['256', '384', '512']) {
    const code = createHmac(`sha${bits}`, 'k').update(SIGNED).digest('base64url');
    const verdict = (signature: string): number =>
      verifyToken(`${SIGNED}.${signature}`, `HS${bits}`, 'k', never);
    strictEqual(verdict(code), 1);
    strictEqual(verdict(code.slice(0, -4)), 0);
    strictEqual(verdict(`${code}AAAA`), 0);
    strictEqual(verdict(`${code}!`), -3);
    strictEqual(verdict(''), -3);
    strictEqual(verdict(`${code}.x`), -3);
  }
  strictEqual(verifyToken(SIGNED, 'HS256', 'k', never), -3);
  strictEqual(verifyToken(`${SIGNED}.x`, 'HS128', 'k', never), -1);
  strictEqual(verifyToken(`${SIGNED}.x`, 'none', '', never), 0);
  strictEqual(verifyToken(`${SIGNED}.`, 'none', '', never), 1);
});

test('verifyToken: ECDSA, with two numbers of the right size and the right curve', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey;
  for (const [bits, namedCurve, size] of CURVES) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    const raw = sign(`sha${bits}`, Buffer.from(SIGNED), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const verdict = (signature: Buffer, key: KeyObject | null): number =>
      verifyToken(`${SIGNED}.${signature.toString('base64url')}`, `ES${bits}`, 'name', () => key);
    strictEqual(raw.length, size);
    strictEqual(verdict(raw, publicKey), 1);
    strictEqual(verdict(raw.subarray(0, -1), publicKey), -3);
    strictEqual(verdict(raw.subarray(0, -2), publicKey), 0);
    strictEqual(verdict(Buffer.concat([raw, raw]), publicKey), 0);
    raw[5]! ^= 1;
    strictEqual(verdict(raw, publicKey), 0);
    for (const wrong of [rsa.publicKey, other]) strictEqual(verdict(raw, wrong), 0);
    strictEqual(verdict(raw, null), -5);
  }
});

test('jwt_verify reads a public key once, at load, and finds it by a variable too', () => {
  const context = fakeParse();
  const stream = new FakeStream();
  Object.assign(stream.process, { config: context.config });
  context.files.set('spki.pem', pem(rsa.publicKey, 'spki'));
  context.files.set('pkcs1.pem', pem(rsa.publicKey, 'pkcs1'));
  context.files.set('empty.pem', 'no key');
  const got: string[] = [];
  const wanted: string[] = [];
  const expect = (source: string, verdict: string | null): void => {
    wanted.push(`${source.slice(-30)} ${verdict}`);
    got.push(`${source.slice(-30)} ${context.expression(source, ALL_PHASES).text(stream)}`);
  };
  const sample = new Sample();
  sample.setStr('spki.pem');
  stream.transactionVariables.set('key', sample);
  sample.setStr('RS384');
  stream.transactionVariables.set('alg', sample);
  for (const bits of [256, 384, 512]) {
    for (const [family, padding] of [
      ['RS', constants.RSA_PKCS1_PADDING],
      ['PS', constants.RSA_PKCS1_PSS_PADDING],
    ] as const) {
      const options = { key: rsa.privateKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
      const token = `${SIGNED}.${sign(`sha${bits}`, Buffer.from(SIGNED), options).toString('base64url')}`;
      expect(`str(${token}),jwt_verify(${family}${bits},spki.pem)`, '1');
      expect(`str(${token}),jwt_verify(${family}${bits},pkcs1.pem)`, '1');
      expect(`str(${token}),jwt_verify(${family}${bits},txn.key)`, '1');
      expect(`str(${token}x),jwt_verify(${family}${bits},spki.pem)`, '0');
      expect(`str(${token}xxx),jwt_verify(${family}${bits},spki.pem)`, '-3');
      expect(`str(${token}),jwt_verify(${family === 'RS' ? 'PS' : 'RS'}${bits},spki.pem)`, '0');
      expect(`str(${token}),jwt_verify(txn.alg,spki.pem)`, family === 'RS' && bits === 384 ? '1' : '0');
      expect(`str(${token}),jwt_verify(txn.none,spki.pem)`, null);
    }
  }
  deepStrictEqual(context.warnings, []);
  expect(`str(${SIGNED}.aaaa),jwt_verify(RS256,empty.pem)`, '-5');
  deepStrictEqual(context.warnings, ['file not found (empty.pem)']);
  deepStrictEqual(got, wanted);
});

const CERTIFIED =
  'eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ.k8ki-VjahhmfDzbkEe3KlOz8R0ecGOeeqkQk5NBMAmV33hEAW-MqRDj-Y4xGTQBr' +
  'CikEyIqaQGlHykTdpXagsQ';

const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBdDCCARugAwIBAgIUPoExIK1pDcdG3gYEUrcGENfkDwMwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjMyMDAzNTZaGA8yMTI2MTAzMDIwMDM1
NlowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEHI
wg3xqudVbpZUyq4x7rjYd5bATCxaWiXrHd8w2M1/Vq9TUJiqPMlJADb1zq9kzAv/
zNFz1EuJ+frnu8WuYT2jUzBRMB0GA1UdDgQWBBTW4OQ/UK1WBmPno2dalQL/4Ev0
mjAfBgNVHSMEGDAWgBTW4OQ/UK1WBmPno2dalQL/4Ev0mjAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0cAMEQCIEcCscMthE5+W+JDu3vCnrzOwih4ZfIRZ+XV
0kZyqzoeAiBJQG63ceB4OzzTogtlgq+EE2EV+cCsVklhIvRFiJsKag==
-----END CERTIFICATE-----
`;

test('jwt_verify_cert takes the key of a certificate, which must exist at load', () => {
  const context = fakeParse();
  const stream = new FakeStream();
  Object.assign(stream.process, { config: context.config });
  context.files.set('cert.pem', CERTIFICATE);
  const ask = (source: string): string | null => context.expression(source, ALL_PHASES).text(stream);
  // Signed once with the certificate's key, which is not kept.
  strictEqual(ask(`str(${CERTIFIED}),jwt_verify_cert(ES256,cert.pem)`), '1');
  strictEqual(ask(`str(${CERTIFIED.replace('.', 'A.')}),jwt_verify_cert(ES256,cert.pem)`), '0');
  strictEqual(ask(`str(${CERTIFIED}),jwt_verify_cert(HS256,cert.pem)`), '-2');
  const sample = new Sample();
  sample.setStr('other.pem');
  stream.transactionVariables.set('cert', sample);
  strictEqual(ask(`str(${CERTIFIED}),jwt_verify_cert(ES256,txn.cert)`), '-5');
  const refusal = (name: string): string => {
    try {
      return String(ask(`str(a),jwt_verify_cert(ES256,${name})`));
    } catch (error) {
      return (error as Error).message;
    }
  };
  strictEqual(
    refusal('absent.pem'),
    "invalid args in converter 'jwt_verify_cert' : unable to load certificate from file 'absent.pem'",
  );
  strictEqual(
    refusal('@store/cert.pem'),
    "invalid args in converter 'jwt_verify_cert' : certificates of a crt-store are known but not yet supported " +
      "('@store/cert.pem')",
  );
});
