// JSON Web Tokens in compact form: their parts, and signatures of JWS (RFC 7515, RFC 7518 section 3).

import { constants, createHmac, type KeyObject, timingSafeEqual, verify } from 'node:crypto';

/** What verifying a token gives, as the manual numbers it (7.3.1, jwt_verify). */
export const Verdict = {
  SUCCESS: 1,
  FAILURE: 0,
  UNKNOWN_ALGORITHM: -1,
  UNMANAGED_ALGORITHM: -2,
  INVALID_TOKEN: -3,
  UNKNOWN_KEY: -5,
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

const ALGORITHM = /^(?:none|(?:HS|RS|ES|PS)(?:256|384|512))$/;
const SIGNED_PARTS = 3;
/** The curve of each ES algorithm and the bytes of one of its numbers (RFC 7518 section 3.4). */
const CURVES: Readonly<Record<string, readonly [name: string, size: number]>> = {
  '256': ['prime256v1', 32],
  '384': ['secp384r1', 48],
  '512': ['secp521r1', 66],
};

export const isAlgorithm = (name: string): boolean => ALGORITHM.test(name);

/** Null where the text is no base64url; padding may be left out. */
export function decodeBase64Url(text: string): Buffer | null {
  if (!/^[A-Za-z0-9_-]*={0,2}$/.test(text) || text.length % 4 === 1) return null;
  return Buffer.from(text, 'base64url');
}

/** Part number `index` of a token, decoded; null where it is empty or no base64url. */
export function tokenPart(token: string, index: number): Buffer | null {
  const part = token.split('.', index + 1)[index];
  return part === undefined || part === '' ? null : decodeBase64Url(part);
}

/** The public key by its file's name, or null. */
export type KeyLookup = (name: string) => KeyObject | null;

/**
 * Verifies a token's signature alone: what it says is not looked at. `key` is the secret of an HS algorithm, else the
 * name that `lookup` is asked for.
 */
export function verifyToken(token: string, algorithm: string, key: string, lookup: KeyLookup): Verdict {
  if (!isAlgorithm(algorithm)) return Verdict.UNKNOWN_ALGORITHM;
  const parts = token.split('.');
  const encoded = parts[SIGNED_PARTS - 1] ?? '';
  if (algorithm === 'none') {
    if (parts.length < SIGNED_PARTS - 1 || parts.length > SIGNED_PARTS) return Verdict.INVALID_TOKEN;
    return encoded === '' ? Verdict.SUCCESS : Verdict.FAILURE;
  }
  if (parts.length !== SIGNED_PARTS || encoded === '') return Verdict.INVALID_TOKEN;
  const signature = decodeBase64Url(encoded);
  if (signature === null) return Verdict.INVALID_TOKEN;
  const signed = Buffer.from(token.slice(0, -encoded.length - 1), 'latin1');
  const bits = algorithm.slice(2);
  if (algorithm.startsWith('HS')) {
    const code = createHmac(`sha${bits}`, Buffer.from(key, 'latin1')).update(signed).digest();
    const isSame = code.length === signature.length && timingSafeEqual(code, signature);
    return isSame ? Verdict.SUCCESS : Verdict.FAILURE;
  }
  const publicKey = lookup(key);
  if (publicKey === null) return Verdict.UNKNOWN_KEY;
  return algorithm.startsWith('ES')
    ? verifyCurve(bits, publicKey, signed, signature)
    : verifyRsa(algorithm, publicKey, signed, signature);
}

function verifyRsa(algorithm: string, key: KeyObject, signed: Buffer, signature: Buffer): Verdict {
  const { asymmetricKeyType: type } = key;
  const isPss = algorithm.startsWith('PS');
  if (type !== 'rsa' && !(isPss && type === 'rsa-pss')) return Verdict.FAILURE;
  const padding = isPss
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { padding: constants.RSA_PKCS1_PADDING };
  const isSame = verify(`sha${algorithm.slice(2)}`, signed, { key, ...padding }, signature);
  return isSame ? Verdict.SUCCESS : Verdict.FAILURE;
}

/** The signature is two numbers of one length, the most significant byte first. */
function verifyCurve(bits: string, key: KeyObject, signed: Buffer, signature: Buffer): Verdict {
  if (signature.length % 2 !== 0) return Verdict.INVALID_TOKEN;
  const [curve, size] = CURVES[bits]!;
  if (key.asymmetricKeyDetails?.namedCurve !== curve || signature.length !== 2 * size) return Verdict.FAILURE;
  const isSame = verify(`sha${bits}`, signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
  return isSame ? Verdict.SUCCESS : Verdict.FAILURE;
}
