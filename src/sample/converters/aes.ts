// AES in CBC and GCM mode (manual 7.3.1, aes_*). All arguments but the size are base64, as literals or in variables.

import { createCipheriv, createDecipheriv } from 'node:crypto';
import { int, optional, registeredVariable } from '../../registry/args.ts';
import { type ArgSpec, type ConverterKeyword, defineConverter } from '../../registry/define.ts';
import type { StreamContext } from '../context.ts';
import { Sample, Type } from '../sample.ts';
import { base64OrVariable, bytesOf, type TextArgument } from '../text-argument.ts';
import { storeOf } from '../variable-name.ts';

type Size = 128 | 192 | 256;
const CBC_NONCE_LENGTH = 16;
const tagSample = new Sample();

const secret = (usage: string): ArgSpec<TextArgument> =>
  base64OrVariable(
    usage,
    `failed to parse ${usage} : argument needs to be base64 encoded, and can either be a string or a variable`,
  );

const checkBits = (bits: number): string | undefined =>
  bits === 128 || bits === 192 || bits === 256 ? undefined : 'key size must be 128, 192 or 256 (bits)';

function buffer(stream: StreamContext, argument: TextArgument): Buffer | null {
  const bytes = bytesOf(stream, argument);
  return bytes === null ? null : Buffer.from(bytes, 'latin1');
}

/** The first bytes of a key count; null where there are too few. */
function keyOf(stream: StreamContext, argument: TextArgument, bits: number): Buffer | null {
  const bytes = buffer(stream, argument);
  return bytes === null || bytes.length < bits / 8 ? null : bytes.subarray(0, bits / 8);
}

/** Runs the input through a cipher; false where OpenSSL refuses nonce, tag or padding. */
function run(
  sample: Sample,
  input: Buffer,
  make: () => { update(data: Buffer): Buffer; final(): Buffer },
): boolean {
  try {
    const cipher = make();
    const head = cipher.update(input).toString('latin1');
    return sample.setBin(head + cipher.final().toString('latin1'));
  } catch {
    return false;
  }
}

const cbc = (
  name: string,
  doc: string,
  create: typeof createCipheriv | typeof createDecipheriv,
): ConverterKeyword =>
  defineConverter({
    name,
    from: Type.BIN,
    to: Type.BIN,
    args: [int('bits'), secret('nonce'), secret('key'), optional(secret('aad'), null)],
    volatile: true,
    doc: `${doc} A shorter nonce is filled up with zeros. CBC does not authenticate: <aad> must exist, no more.`,
    check: ([bits]) => checkBits(bits),
    convert(sample, [bits, nonceArgument, keyArgument, aad], stream) {
      const given = buffer(stream, nonceArgument);
      const key = keyOf(stream, keyArgument, bits);
      if (given === null || key === null || (aad !== null && bytesOf(stream, aad) === null)) return false;
      const nonce = Buffer.alloc(CBC_NONCE_LENGTH);
      given.copy(nonce);
      const input = Buffer.from(sample.text, 'latin1');
      return run(sample, input, () => create(`aes-${bits as Size}-cbc`, key, nonce));
    },
  });

export default [
  cbc('aes_cbc_dec', 'Decrypts with AES-CBC and PKCS#7 padding.', createDecipheriv),
  cbc('aes_cbc_enc', 'Encrypts with AES-CBC and PKCS#7 padding.', createCipheriv),
  defineConverter({
    name: 'aes_gcm_dec',
    from: Type.BIN,
    to: Type.BIN,
    args: [int('bits'), secret('nonce'), secret('key'), secret('aead_tag'), optional(secret('aad'), null)],
    volatile: true,
    doc: 'Decrypts with AES-GCM; no value where the tag of 4, 8 or 12 to 16 bytes does not fit.',
    examples: [
      [
        'bin(3f3510090357266446e423),aes_gcm_dec(128,MTIzNDU2Nzg5MDEy,Zm9vZm9vZm9vZnBvb2Zvbw==,KQ2NdA3RadrGMEvNsrh4mQ==)',
        'Hello World',
      ],
      [
        'bin(3f3510090357266446e423),aes_gcm_dec(128,MTIzNDU2Nzg5MDEy,Zm9vZm9vZm9vZnBvb2Zvbw==,LQ2NdA3RadrGMEvNsrh4mQ==)',
        null,
      ],
    ],
    check: ([bits]) => checkBits(bits),
    convert(sample, [bits, nonceArgument, keyArgument, tagArgument, aadArgument], stream) {
      const nonce = buffer(stream, nonceArgument);
      const key = keyOf(stream, keyArgument, bits);
      const tag = buffer(stream, tagArgument);
      const aad = aadArgument === null ? null : buffer(stream, aadArgument);
      if (nonce === null || key === null || tag === null || (aadArgument !== null && aad === null))
        return false;
      return run(sample, Buffer.from(sample.text, 'latin1'), () => {
        const cipher = createDecipheriv(`aes-${bits as Size}-gcm`, key, nonce, { authTagLength: tag.length });
        cipher.setAuthTag(tag);
        if (aad !== null) cipher.setAAD(aad);
        return cipher;
      });
    },
  }),
  defineConverter({
    name: 'aes_gcm_enc',
    from: Type.BIN,
    to: Type.BIN,
    args: [
      int('bits'),
      secret('nonce'),
      secret('key'),
      registeredVariable('aead_tag'),
      optional(secret('aad'), null),
    ],
    volatile: true,
    doc: 'Encrypts with AES-GCM, and stores the tag in the variable <aead_tag> as base64.',
    check: ([bits]) => checkBits(bits),
    convert(sample, [bits, nonceArgument, keyArgument, tagVariable, aadArgument], stream) {
      const nonce = buffer(stream, nonceArgument);
      const key = keyOf(stream, keyArgument, bits);
      const aad = aadArgument === null ? null : buffer(stream, aadArgument);
      const store = storeOf(stream, tagVariable.scope);
      if (nonce === null || key === null || store === null || (aadArgument !== null && aad === null)) {
        return false;
      }
      let tag = '';
      const isDone = run(sample, Buffer.from(sample.text, 'latin1'), () => {
        const cipher = createCipheriv(`aes-${bits as Size}-gcm`, key, nonce);
        if (aad !== null) cipher.setAAD(aad);
        return {
          update: (data) => cipher.update(data),
          final() {
            const rest = cipher.final();
            tag = cipher.getAuthTag().toString('base64');
            return rest;
          },
        };
      });
      if (!isDone) return false;
      tagSample.setStr(tag);
      store.set(tagVariable.name, tagSample);
      return true;
    },
  }),
];
