// crypt(3) of the system's libcrypt: which methods exist (DES, MD5, SHA-256, SHA-512, yescrypt...) is its affair. The
// library is opened on first use, so nobody needs it who has no encrypted password.

import { mapRegion, type Region } from './memory.ts';
import { openLibrary } from './native.ts';

/** What the library is called: libxcrypt and the old glibc, then musl, which keeps crypt_r in its libc. */
const NAMES = ['libcrypt.so.1', 'libcrypt.so.2', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1'] as const;
/** Longest phrase and longest setting, bytes: CRYPT_MAX_PASSPHRASE_SIZE of libxcrypt. */
const TEXT_MAX = 511;
const PHRASE_AT = 0;
const SETTING_AT = 512;
const WORK_AT = 4096;
/** struct crypt_data: 128 KiB and some in the old glibc, less in the others; pages cost nothing until touched. */
const REGION_BYTES = WORK_AT + 160 * 1024;

type CryptR = (phrase: bigint, setting: bigint, work: bigint) => bigint;

/** null: no such library; undefined: not looked for yet. */
let cryptR: CryptR | null | undefined;
let region: Region;
let bytes: Uint8Array;

function find(): CryptR | null {
  for (const name of NAMES) {
    try {
      const { functions } = openLibrary(name, {
        crypt_r: { return: 'pointer', arguments: ['pointer', 'pointer', 'pointer'] },
      });
      region = mapRegion(REGION_BYTES);
      bytes = new Uint8Array(region.buffer);
      return functions.crypt_r as CryptR;
    } catch {
      // The next name.
    }
  }
  return null;
}

/** Whether this system has a libcrypt. */
export function hasCrypt(): boolean {
  if (cryptR === undefined) cryptR = find();
  return cryptR !== null;
}

/** Writes latin1 text with its NUL; false where C would see another text. */
function write(text: string, at: number): boolean {
  if (text.length > TEXT_MAX || text.includes('\0')) return false;
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  bytes[at + text.length] = 0;
  return true;
}

/**
 * Hashes `phrase` (bytes as latin1) as `setting`, an earlier hash, says; null where there is no libcrypt or where it
 * refuses the setting. Takes as long as the method wants: micro- to hundreds of milliseconds.
 */
export function crypt(phrase: string, setting: string): string | null {
  if (!hasCrypt() || !write(setting, SETTING_AT) || !write(phrase, PHRASE_AT)) return null;
  const { address } = region;
  const at = cryptR!(address + BigInt(PHRASE_AT), address + BigInt(SETTING_AT), address + BigInt(WORK_AT));
  bytes.fill(0, PHRASE_AT, PHRASE_AT + phrase.length);
  // The answer lies in the work area, which is ours.
  const from = Number(at - address);
  if (from < WORK_AT || from >= REGION_BYTES) return null;
  let text = '';
  for (let i = from; bytes[i] !== 0; i++) text += String.fromCharCode(bytes[i]!);
  // "*0" and "*1" are how libxcrypt says no.
  return text === '' || text.startsWith('*') ? null : text;
}
