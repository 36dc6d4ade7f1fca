// Public keys and certificates that a configuration names: read once at load, found by their paths at run time, so that
// a path which a variable holds never leads to the disk.

import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Config } from '../config/model.ts';
import { ConfigError, type ParseContext } from '../registry/define.ts';

export interface Certificate {
  readonly publicKey: KeyObject;
  /** Null where neither the file nor its neighbour `.key` holds one. */
  readonly privateKey: KeyObject | null;
}

interface Keys {
  readonly publicKeys: Map<string, KeyObject>;
  readonly certificates: Map<string, Certificate>;
}

const KEYS = new WeakMap<Config, Keys>();

function keysOf(config: Config): Keys {
  let keys = KEYS.get(config);
  if (keys === undefined) KEYS.set(config, (keys = { publicKeys: new Map(), certificates: new Map() }));
  return keys;
}

export function publicKeyOf(config: Config, path: string): KeyObject | null {
  return KEYS.get(config)?.publicKeys.get(path) ?? null;
}

export function certificateOf(config: Config, path: string): Certificate | null {
  return KEYS.get(config)?.certificates.get(path) ?? null;
}

function readText(path: string, context: ParseContext): string | null {
  try {
    return Buffer.from(context.readFile(path)).toString('latin1');
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

/**
 * Reads a public key in PKCS#1 or SPKI form. A file that does not exist is passed over, since the argument may be a
 * secret; false where one exists and holds no public key.
 */
export function loadPublicKey(path: string, context: ParseContext): boolean {
  const { publicKeys } = keysOf(context.config);
  if (path === '' || publicKeys.has(path)) return true;
  const text = readText(path, context);
  if (text === null) return true;
  const pem = /-----BEGIN (RSA )?PUBLIC KEY-----[^]*?-----END (RSA )?PUBLIC KEY-----/.exec(text)?.[0];
  if (pem === undefined) return false;
  try {
    publicKeys.set(path, createPublicKey(pem));
    return true;
  } catch {
    return false;
  }
}

/** Reads a certificate and its private key, from the same file or from `<path>.key`. Throws ConfigError. */
export function loadCertificate(path: string, context: ParseContext): void {
  const { certificates } = keysOf(context.config);
  if (certificates.has(path)) return;
  const text = readText(path, context);
  if (text === null) throw new ConfigError(`unable to load certificate from file '${path}'`);
  try {
    const { publicKey } = new X509Certificate(text);
    const isWhole = /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text);
    const privateText = isWhole ? text : readText(`${path}.key`, context);
    const privateKey = privateText === null ? null : createPrivateKey(privateText);
    certificates.set(path, { publicKey, privateKey });
  } catch {
    throw new ConfigError(`unable to load certificate from file '${path}'`);
  }
}
