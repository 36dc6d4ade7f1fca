// Decryption of JSON Web Encryption tokens in compact form (RFC 7516): first the key of the content, by the algorithm
// `alg` (RFC 7518 section 4), then the content, by `enc` (section 5).

import {
  constants,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type JsonWebKeyInput,
  KeyObject,
  privateDecrypt,
  timingSafeEqual,
} from 'node:crypto';
import { decodeBase64Url } from './jwt.ts';

/** The secret itself, or an RSA or EC private key. */
export type DecryptionKey = Buffer | KeyObject;

/** What jwt.decrypt_alg_list and jwt.decrypt_enc_list leave enabled. */
export interface Enabled {
  readonly algorithms: ReadonlySet<string>;
  readonly encryptions: ReadonlySet<string>;
}

interface Encryption {
  /** Bits of the AES key. */
  readonly bits: 128 | 192 | 256;
  /** The hash of CBC's authentication code; '' for GCM. */
  readonly hash: string;
  /** Bytes of the content key, which for CBC is two keys. */
  readonly keyLength: number;
}

const ENCRYPTIONS: Readonly<Record<string, Encryption>> = {
  'A128CBC-HS256': { bits: 128, hash: 'sha256', keyLength: 32 },
  'A192CBC-HS384': { bits: 192, hash: 'sha384', keyLength: 48 },
  'A256CBC-HS512': { bits: 256, hash: 'sha512', keyLength: 64 },
  A128GCM: { bits: 128, hash: '', keyLength: 16 },
  A192GCM: { bits: 192, hash: '', keyLength: 24 },
  A256GCM: { bits: 256, hash: '', keyLength: 32 },
};

const RSA: Readonly<Record<string, { padding: number; oaepHash?: string }>> = {
  'RSA-OAEP': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
  'RSA-OAEP-256': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
  RSA1_5: { padding: constants.RSA_PKCS1_PADDING },
};

export const ENCRYPTION_NAMES: readonly string[] = Object.keys(ENCRYPTIONS);
export const ALGORITHM_NAMES: readonly string[] = [
  ...['dir', 'A128KW', 'A192KW', 'A256KW', 'A128GCMKW', 'A192GCMKW', 'A256GCMKW'],
  ...['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW'],
  ...Object.keys(RSA),
];

/** All but RSA1_5, which RFC 8725 section 3.2 advises against. */
export const DEFAULT_ENABLED: Enabled = {
  algorithms: new Set(ALGORITHM_NAMES.filter((name) => name !== 'RSA1_5')),
  encryptions: new Set(ENCRYPTION_NAMES),
};

const GCM_NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const WRAP_IV = Buffer.alloc(8, 0xa6);
const BASE64URL_MEMBERS = ['k', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'x', 'y'];

type Header = Readonly<Record<string, unknown>>;

function parseObject(text: string): Header | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Header) : null;
  } catch {
    return null;
  }
}

/** The bytes of a header's member; null where it is not there or no base64url. */
function member(header: Header, name: string): Buffer | null {
  const text = header[name];
  return typeof text === 'string' ? decodeBase64Url(text) : null;
}

/** The key of a JSON Web Key of type oct, RSA or EC (RFC 7517), latin1 text; null where it is none. */
export function parseJwk(text: string): DecryptionKey | null {
  const jwk = parseObject(text);
  if (jwk === null) return null;
  // Stricter than node:crypto, which passes over characters that are no base64url.
  for (const name of BASE64URL_MEMBERS) if (name in jwk && member(jwk, name) === null) return null;
  if (jwk['kty'] === 'oct') return member(jwk, 'k');
  try {
    return createPrivateKey({ key: jwk as JsonWebKeyInput['key'], format: 'jwk' });
  } catch {
    return null;
  }
}

function unwrap(bits: number, key: Buffer, wrapped: Buffer): Buffer {
  const decipher = createDecipheriv(`id-aes${bits}-wrap`, key, WRAP_IV);
  return Buffer.concat([decipher.update(wrapped), decipher.final()]);
}

/** Throws where the tag does not fit. */
function openGcm(
  bits: 128 | 192 | 256,
  key: Buffer,
  nonce: Buffer,
  tag: Buffer,
  text: Buffer,
  aad: Buffer | null,
): Buffer {
  if (nonce.length !== GCM_NONCE_LENGTH || tag.length !== TAG_LENGTH) throw new RangeError('wrong length');
  const decipher = createDecipheriv(`aes-${bits}-gcm`, key, nonce);
  decipher.setAuthTag(tag);
  if (aad !== null) decipher.setAAD(aad);
  return Buffer.concat([decipher.update(text), decipher.final()]);
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The key that both sides agree on (RFC 7518 section 4.6.2): `length` bytes for the algorithm `name`. */
function agree(header: Header, key: KeyObject, name: string, length: number): Buffer | null {
  const { epk } = header;
  const partyU = 'apu' in header ? member(header, 'apu') : Buffer.alloc(0);
  const partyV = 'apv' in header ? member(header, 'apv') : Buffer.alloc(0);
  if (key.asymmetricKeyType !== 'ec' || typeof epk !== 'object' || partyU === null || partyV === null)
    return null;
  const publicKey = createPublicKey({ key: epk as JsonWebKeyInput['key'], format: 'jwk' });
  const shared = diffieHellman({ privateKey: key, publicKey });
  const info = Buffer.concat([
    ...[Buffer.from(name, 'latin1'), partyU, partyV].map(withLength),
    Buffer.from([0, 0, (length * 8) >> 8, (length * 8) & 255]),
  ]);
  const rounds: Buffer[] = [];
  for (let round = 1; (round - 1) * 32 < length; round++) {
    rounds.push(
      createHash('sha256')
        .update(Buffer.from([0, 0, 0, round]))
        .update(shared)
        .update(info)
        .digest(),
    );
  }
  return Buffer.concat(rounds).subarray(0, length);
}

/** The key of the content; null, or an exception of node:crypto, where there is none. */
function contentKey(header: Header, encrypted: Buffer, key: DecryptionKey, keyLength: number): Buffer | null {
  const algorithm = header['alg'] as string;
  const rsa = Object.hasOwn(RSA, algorithm) ? RSA[algorithm] : undefined;
  const bits = Number(/A(\d+)(?:GCM)?KW$/.exec(algorithm)?.[1] ?? 0);
  if (rsa !== undefined) {
    if (!(key instanceof KeyObject) || key.asymmetricKeyType !== 'rsa') return null;
    return privateDecrypt({ key, ...rsa }, encrypted);
  }
  if (algorithm === 'ECDH-ES') {
    if (!(key instanceof KeyObject) || encrypted.length > 0) return null;
    return agree(header, key, header['enc'] as string, keyLength);
  }
  if (algorithm.startsWith('ECDH-ES+')) {
    const wrapping = key instanceof KeyObject ? agree(header, key, algorithm, bits / 8) : null;
    return wrapping === null ? null : unwrap(bits, wrapping, encrypted);
  }
  if (key instanceof KeyObject) return null;
  if (algorithm === 'dir') return encrypted.length === 0 ? key : null;
  if (!algorithm.endsWith('GCMKW')) return unwrap(bits, key, encrypted);
  const [nonce, tag] = [member(header, 'iv'), member(header, 'tag')];
  return nonce === null || tag === null
    ? null
    : openGcm(bits as 128 | 192 | 256, key, nonce, tag, encrypted, null);
}

/** AES-CBC under a code over additional data, nonce, text and the bits of the first (RFC 7518 section 5.2.2). */
function openCbc(
  { bits, hash, keyLength }: Encryption,
  key: Buffer,
  nonce: Buffer,
  tag: Buffer,
  text: Buffer,
  aad: Buffer,
): Buffer | null {
  const half = keyLength / 2;
  const aadBits = Buffer.alloc(8);
  aadBits.writeBigUInt64BE(BigInt(aad.length * 8));
  const code = createHmac(hash, key.subarray(0, half)).update(aad).update(nonce).update(text).update(aadBits);
  const wanted = code.digest().subarray(0, half);
  if (tag.length !== half || !timingSafeEqual(tag, wanted)) return null;
  const decipher = createDecipheriv(`aes-${bits}-cbc`, key.subarray(half), nonce);
  return Buffer.concat([decipher.update(text), decipher.final()]);
}

/** The content of a token; null where it is none, its algorithms are not enabled or do not fit the key, or a tag fails. */
export function decryptToken(token: string, key: DecryptionKey, enabled: Enabled): Buffer | null {
  const parts = token.split('.');
  const decoded = parts.map(decodeBase64Url);
  const [head, encrypted, nonce, text, tag] = decoded;
  if (parts.length !== 5 || !head || !encrypted || !nonce || !text || !tag) return null;
  const header = parseObject(head.toString('utf8'));
  // Extensions that must be understood (`crit`) and compression (`zip`) are not.
  if (header === null || 'crit' in header || 'zip' in header) return null;
  const { alg, enc } = header;
  if (typeof alg !== 'string' || !enabled.algorithms.has(alg)) return null;
  if (typeof enc !== 'string' || !enabled.encryptions.has(enc)) return null;
  const encryption = ENCRYPTIONS[enc]!;
  try {
    const secret = contentKey(header, encrypted, key, encryption.keyLength);
    if (secret === null || secret.length !== encryption.keyLength) return null;
    const aad = Buffer.from(parts[0]!, 'latin1');
    return encryption.hash === ''
      ? openGcm(encryption.bits, secret, nonce, tag, text, aad)
      : openCbc(encryption, secret, nonce, tag, text, aad);
  } catch {
    return null;
  }
}
