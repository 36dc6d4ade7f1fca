// CRC-32C (Castagnoli), as RFC 4960 appendix B defines it.

const POLYNOMIAL = 0x82f63b78;
const table = new Uint32Array(256);
for (let i = 0; i < 256; i++) {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  table[i] = value >>> 0;
}

/** The checksum of [at, end), continuing from `seed` (the result for what came before; 0 at the start). Unsigned. */
export function crc32c(memory: Uint8Array, at: number, end: number, seed = 0): number {
  let value = ~seed;
  for (let i = at; i < end; i++) value = table[(value ^ memory[i]!) & 255]! ^ (value >>> 8);
  return ~value >>> 0;
}
