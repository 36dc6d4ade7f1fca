import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import {
  constants,
  createCipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { test } from 'node:test';
import type { GlobalConfig } from '../config/model.ts';
import { tokenKeywords } from '../config/keywords/global-jwt.ts';
import { ALL_PHASES } from '../registry/sources.ts';
import { fakeParse } from '../testing/fake-parse.ts';
import { FakeStream } from '../testing/fake-stream.ts';
import {
  ALGORITHM_NAMES,
  type DecryptionKey,
  decryptToken,
  DEFAULT_ENABLED,
  ENCRYPTION_NAMES,
  parseJwk,
} from './jwe.ts';
import { Sample } from './sample.ts';

const ALL = { algorithms: new Set(ALGORITHM_NAMES), encryptions: new Set(ENCRYPTION_NAMES) };
const base64url = (data: Uint8Array | string): string => Buffer.from(data).toString('base64url');

/** RFC 7516 appendix A.3. */
const RFC_TOKEN =
  'eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.' +
  '6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ.' +
  'AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ';
const RFC_SECRET = 'GawgguFyGrWKav7AX4VKUg';

/** Seals `text` under a content key: what a token's issuer does (RFC 7518 section 5). */
function seal(header: object, encrypted: Uint8Array, secret: Buffer, text: string): string {
  const head = base64url(JSON.stringify(header));
  const { enc } = header as { enc: string };
  const bits = Number(enc.slice(1, 4)) as 128 | 192 | 256;
  if (enc.endsWith('GCM')) {
    const nonce = randomBytes(12);
    const cipher = createCipheriv(`aes-${bits}-gcm`, secret, nonce);
    cipher.setAAD(Buffer.from(head));
    const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
    return [head, ...[encrypted, nonce, sealed, cipher.getAuthTag()].map(base64url)].join('.');
  }
  const nonce = randomBytes(16);
  const half = secret.length / 2;
  const cipher = createCipheriv(`aes-${bits}-cbc`, secret.subarray(half), nonce);
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  const length = Buffer.alloc(8);
  length.writeUInt32BE(head.length * 8, 4);
  const code = createHmac(`sha${enc.slice(-3)}`, secret.subarray(0, half));
  const tag = code.update(head).update(nonce).update(sealed).update(length).digest().subarray(0, half);
  return [head, ...[encrypted, nonce, sealed, tag].map(base64url)].join('.');
}

const keyLength = (enc: string): number => (Number(enc.slice(1, 4)) / 8) * (enc.endsWith('GCM') ? 1 : 2);

function wrap(bits: string, key: Buffer, secret: Buffer): Buffer {
  const cipher = createCipheriv(`id-aes${bits}-wrap`, key, Buffer.alloc(8, 0xa6));
  return Buffer.concat([cipher.update(secret), cipher.final()]);
}

const open = (token: string, key: DecryptionKey): string | null =>
  decryptToken(token, key, ALL)?.toString('latin1') ?? null;

test('decryptToken: the token of RFC 7516 appendix A.3, and what is not it', () => {
  const key = Buffer.from(RFC_SECRET, 'base64url');
  strictEqual(open(RFC_TOKEN, key), 'Live long and prosper.');
  deepStrictEqual(parseJwk(`{"kty":"oct","k":"${RFC_SECRET}"}`), key);
  const parts = RFC_TOKEN.split('.');
  for (let part = 0; part < parts.length; part++) {
    const changed = parts.with(part, (parts[part]!.startsWith('A') ? 'B' : 'A') + parts[part]!.slice(1));
    strictEqual(open(changed.join('.'), key), null, `part ${part}`);
    strictEqual(open(parts.toSpliced(part, 1).join('.'), key), null);
    strictEqual(open(parts.with(part, '!').join('.'), key), null);
  }
  strictEqual(open(`${RFC_TOKEN}.`, key), null);
  strictEqual(open(RFC_TOKEN, key.subarray(1)), null);
});

test('decryptToken: every algorithm that wraps a key, with every encryption', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  for (const alg of ALGORITHM_NAMES.filter((name) => !name.startsWith('ECDH'))) {
    for (const enc of ENCRYPTION_NAMES) {
      const size = /^A(\d+)/.exec(alg)?.[1] ?? '256';
      let key: DecryptionKey = randomBytes(Number(size) / 8);
      const secret = randomBytes(keyLength(enc));
      let encrypted: Buffer = Buffer.alloc(0);
      let header: object = { alg, enc };
      if (alg === 'dir') key = secret;
      else if (alg.endsWith('GCMKW')) {
        const nonce = randomBytes(12);
        const cipher = createCipheriv(`aes-${size as '128'}-gcm`, key, nonce);
        encrypted = Buffer.concat([cipher.update(secret), cipher.final()]);
        header = { alg, enc, iv: base64url(nonce), tag: base64url(cipher.getAuthTag()) };
      } else if (alg.endsWith('KW')) encrypted = wrap(size, key, secret);
      else {
        const oaepHash = alg === 'RSA-OAEP-256' ? 'sha256' : 'sha1';
        const padding = alg === 'RSA1_5' ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
        encrypted = publicEncrypt({ key: rsa.publicKey, padding, oaepHash }, secret);
        key = rsa.privateKey;
      }
      const token = seal(header, encrypted, secret, 'some text');
      strictEqual(open(token, key), 'some text', `${alg} ${enc}`);
      strictEqual(open(token, key instanceof Buffer ? rsa.privateKey : randomBytes(32)), null);
      strictEqual(
        decryptToken(token, key, DEFAULT_ENABLED)?.toString() ?? null,
        alg === 'RSA1_5' ? null : 'some text',
      );
      for (const extra of [{ crit: ['x'] }, { zip: 'DEF' }, { alg: 'x' }, { enc: 'toString' }]) {
        const broken = [base64url(JSON.stringify({ ...header, ...extra })), ...token.split('.').slice(1)];
        strictEqual(open(broken.join('.'), key), null);
      }
    }
  }
});

test('decryptToken: ECDH-ES derives the key of RFC 7518 appendix C, and unwraps with it', () => {
  const bob =
    '{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",' +
    '"y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}';
  const header = {
    alg: 'ECDH-ES',
    enc: 'A128GCM',
    apu: 'QWxpY2U',
    apv: 'Qm9i',
    epk: {
      kty: 'EC',
      crv: 'P-256',
      x: 'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0',
      y: 'SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps',
    },
  };
  const derived = Buffer.from('VqqN6vgjbSBcIijNcacQGg', 'base64url');
  const key = parseJwk(bob) as KeyObject;
  const token = seal(header, Buffer.alloc(0), derived, 'to Bob');
  strictEqual(open(token, key), 'to Bob');
  strictEqual(open(token.replace('..', '.AAAA.'), key), null);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const foreign = { ...header, epk: publicKey.export({ format: 'jwk' }) };
  strictEqual(open(seal(foreign, Buffer.alloc(0), derived, 'to Bob'), key), null);
  const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: createPublicKey(key) });
  for (const bits of ['128', '192', '256']) {
    const alg = `ECDH-ES+A${bits}KW`;
    const text = (value: string): string => `\0\0\0${String.fromCharCode(value.length)}${value}`;
    const info = `${text(alg)}${text('')}${text('')}\0\0${String.fromCharCode(Number(bits) >> 8, Number(bits) & 255)}`;
    const digest = createHash('sha256')
      .update(Buffer.from([0, 0, 0, 1]))
      .update(shared);
    const wrapping = digest
      .update(Buffer.from(info, 'latin1'))
      .digest()
      .subarray(0, Number(bits) / 8);
    const secret = randomBytes(64);
    const epk = ephemeral.publicKey.export({ format: 'jwk' });
    const wrapped = seal({ alg, enc: 'A256CBC-HS512', epk }, wrap(bits, wrapping, secret), secret, alg);
    strictEqual(open(wrapped, key), alg);
    strictEqual(open(wrapped, wrapping), null);
  }
});

test('parseJwk refuses what is no key', () => {
  for (const text of [
    '',
    '[]',
    '{"kty":"oct"}',
    '{"kty":"oct","k":"a"}',
    '{"kty":"oct","k":"a!bc"}',
    '{"kty":"RSA"}',
  ])
    strictEqual(parseJwk(text), null, text);
});

test('jwt_decrypt_*: literals, variables, and an empty string for all that fails', () => {
  const context = fakeParse();
  const stream = new FakeStream();
  const global = { tokenDecryption: null } as GlobalConfig;
  Object.assign(context.config, { global });
  Object.assign(stream.process, { config: context.config });
  const ask = (call: string, token = RFC_TOKEN): string | null =>
    context.expression(`str(${token}),${call}`, ALL_PHASES).text(stream);
  const sample = new Sample();
  sample.setStr(`{"kty":"oct","k":"${RFC_SECRET}"}`);
  stream.transactionVariables.set('jwk', sample);
  sample.setStr(`${RFC_SECRET}==`);
  stream.transactionVariables.set('secret', sample);
  const prosper = 'Live long and prosper.';
  strictEqual(ask(`jwt_decrypt_secret(${RFC_SECRET})`), prosper);
  strictEqual(ask('jwt_decrypt_secret(txn.secret)'), prosper);
  strictEqual(ask('jwt_decrypt_jwk(txn.jwk)'), prosper);
  strictEqual(ask('jwt_decrypt_jwk(txn.secret)'), '');
  strictEqual(ask('jwt_decrypt_jwk(txn.none)'), '');
  strictEqual(ask('jwt_decrypt_cert(txn.none)'), '');
  strictEqual(ask('jwt_decrypt_secret(txn.secret)', 'a.b.c.d.e'), '');

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [list] = tokenKeywords;
  list!.parse(['jwt.decrypt_alg_list', 'ALL:!A128KW'], context, 'set');
  strictEqual(ask('jwt_decrypt_secret(txn.secret)'), '');
  list!.parse(['jwt.decrypt_alg_list', 'A128KW'], context, 'set');
  strictEqual(ask('jwt_decrypt_secret(txn.secret)'), prosper);
  tokenKeywords[1]!.parse(['jwt.decrypt_enc_list', 'A128GCM:A256GCM'], context, 'set');
  strictEqual(ask('jwt_decrypt_secret(txn.secret)'), '');
  deepStrictEqual([...global.tokenDecryption!.algorithms], ['A128KW']);
  global.tokenDecryption = null;

  const secret = randomBytes(16);
  const encrypted = publicEncrypt({ key: createPublicKey(privateKey), oaepHash: 'sha1' }, secret);
  const token = seal({ alg: 'RSA-OAEP', enc: 'A128GCM' }, encrypted, secret, 'for the owner');
  context.files.set('c.pem', CERTIFICATE);
  context.files.set('c.pem.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  strictEqual(ask('jwt_decrypt_cert(c.pem)', token), 'for the owner');
  sample.setStr('c.pem');
  stream.transactionVariables.set('cert', sample);
  strictEqual(ask('jwt_decrypt_cert(txn.cert)', token), 'for the owner');
  strictEqual(ask('jwt_decrypt_cert(txn.cert)'), '');
});

/** Any certificate: the private key beside it is what counts. */
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
