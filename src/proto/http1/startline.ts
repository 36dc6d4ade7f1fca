import { Method } from './head.ts';
import { isWord } from './grammar.ts';

const names: readonly (readonly [string, number])[] = [
  ['GET', Method.GET],
  ['HEAD', Method.HEAD],
  ['POST', Method.POST],
  ['PUT', Method.PUT],
  ['DELETE', Method.DELETE],
  ['CONNECT', Method.CONNECT],
  ['OPTIONS', Method.OPTIONS],
  ['TRACE', Method.TRACE],
  ['PATCH', Method.PATCH],
];

/** The method as a small integer. Methods are case-sensitive (RFC 9110 section 9.1). */
export function methodOf(memory: Uint8Array, at: number, end: number): number {
  const length = end - at;
  for (let i = 0; i < names.length; i++) {
    const [name, method] = names[i]!;
    if (name.length !== length) continue;
    let same = 0;
    while (same < length && memory[at + same] === name.charCodeAt(same)) same++;
    if (same === length) return method;
  }
  return Method.OTHER;
}

/**
 * "HTTP/" digit "." digit as 11, 10 or 9; -1 when it isn't that. When violations are accepted, other protocol
 * names and more digits pass.
 */
export function readVersion(memory: Uint8Array, at: number, end: number, relaxed: boolean): number {
  if (end - at === 8 && isWord(memory, at, at + 5, 'http/') && memory[at + 6] === 46) {
    const major = memory[at + 5]! - 48;
    const minor = memory[at + 7]! - 48;
    if (major >= 0 && major <= 9 && minor >= 0 && minor <= 9) return rank(major, minor);
  }
  if (!relaxed) return -1;
  while (at < end && memory[at] !== 47) at++;
  if (at++ >= end) return -1;
  let major = 0;
  let minor = 0;
  for (; at < end && memory[at] !== 46; at++) {
    const digit = memory[at]! - 48;
    if (digit < 0 || digit > 9) return -1;
    major = Math.min(major * 10 + digit, 1000);
  }
  for (at++; at < end; at++) {
    const digit = memory[at]! - 48;
    if (digit < 0 || digit > 9) return -1;
    minor = Math.min(minor * 10 + digit, 1000);
  }
  return rank(major, minor);
}

function rank(major: number, minor: number): number {
  if (major > 1 || (major === 1 && minor > 0)) return 11;
  return major === 1 ? 10 : 9;
}

/** Three digits from 100 on; when violations are accepted, as many as fit in 16 bits. -1 for anything else. */
export function readStatus(memory: Uint8Array, at: number, end: number, relaxed: boolean): number {
  const digits = end - at;
  if (digits < 3 || (digits > 3 && !relaxed)) return -1;
  let status = 0;
  for (; at < end; at++) status = status * 10 + memory[at]! - 48;
  return status >= 100 && status <= 65535 ? status : -1;
}
