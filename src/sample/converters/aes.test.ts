import { strictEqual, throws } from 'node:assert/strict';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { ALL_PHASES } from '../../registry/sources.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';
import { Sample } from '../sample.ts';

const context = fakeParse();
const stream = new FakeStream();

function setVariable(name: string, text: string): void {
  const sample = new Sample();
  sample.setStr(text);
  stream.transactionVariables.set(name, sample);
}

/** The bytes that an expression gives, or null. */
function bytes(source: string): Buffer | null {
  const sample = new Sample();
  return context.expression(source, ALL_PHASES).evaluate(stream, sample)
    ? Buffer.from(sample.text, 'latin1')
    : null;
}

const base64 = (data: Uint8Array): string => Buffer.from(data).toString('base64');
const sizes = fc.constantFrom(128, 192, 256) as fc.Arbitrary<128 | 192 | 256>;
const someBytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength });

test('aes_cbc_enc and aes_cbc_dec agree with node:crypto, literals and variables alike', () => {
  fc.assert(
    fc.property(sizes, someBytes(1, 80), someBytes(1, 16), someBytes(32, 32), (bits, plain, nonce, key) => {
      const iv = Buffer.alloc(16);
      iv.set(nonce);
      const used = key.subarray(0, bits / 8);
      setVariable('n', base64(nonce));
      setVariable('k', base64(key));
      const hex = Buffer.from(plain).toString('hex');
      const literal = bytes(`bin(${hex}),aes_cbc_enc(${bits},${base64(nonce)},${base64(key)})`)!;
      const decipher = createDecipheriv(`aes-${bits}-cbc`, used, iv);
      strictEqual(Buffer.concat([decipher.update(literal), decipher.final()]).toString('hex'), hex);
      const held = bytes(`bin(${literal.toString('hex')}),aes_cbc_dec(${bits},txn.n,txn.k,dGVzdAo=)`)!;
      strictEqual(held.toString('hex'), hex);
    }),
    { numRuns: 40 },
  );
});

test('aes_gcm_enc stores its tag, which aes_gcm_dec and node:crypto verify', () => {
  fc.assert(
    fc.property(sizes, someBytes(1, 80), someBytes(1, 20), someBytes(32, 32), (bits, plain, nonce, key) => {
      setVariable('n', base64(nonce));
      setVariable('k', base64(key));
      setVariable('aad', base64(plain));
      const hex = Buffer.from(plain).toString('hex');
      const sealed = bytes(`bin(${hex}),aes_gcm_enc(${bits},txn.n,txn.k,txn.tag,txn.aad)`)!;
      const cipher = createCipheriv(`aes-${bits}-gcm`, key.subarray(0, bits / 8), nonce);
      cipher.setAAD(plain);
      strictEqual(
        Buffer.concat([cipher.update(plain), cipher.final()]).toString('hex'),
        sealed.toString('hex'),
      );
      const stored = new Sample();
      stream.transactionVariables.get('tag', stored);
      strictEqual(stored.text, cipher.getAuthTag().toString('base64'));
      const input = `bin(${sealed.toString('hex')})`;
      const opened = bytes(`${input},aes_gcm_dec(${bits},txn.n,txn.k,txn.tag,${base64(plain)})`)!;
      strictEqual(opened.toString('hex'), hex);
      strictEqual(bytes(`${input},aes_gcm_dec(${bits},txn.n,txn.k,txn.tag)`), null);
      strictEqual(bytes(`${input},aes_gcm_dec(${bits},txn.n,txn.k,txn.none)`), null);
    }),
    { numRuns: 40 },
  );
});

test('aes_*: what is wrong gives no value, or is refused', () => {
  const input = 'bin(3f3510090357266446e423)';
  const [nonce, key, tag] = ['MTIzNDU2Nzg5MDEy', 'Zm9vZm9vZm9vZnBvb2Zvbw==', 'KQ2NdA3RadrGMEvNsrh4mQ=='];
  strictEqual(String(bytes(`${input},aes_gcm_dec(128,${nonce},${key},KQ2NdA3RadrGMEvN)`)), 'Hello World');
  for (const args of [
    `192,${nonce},${key},${tag}`,
    `128,,${key},${tag}`,
    `128,${nonce},${key},`,
    `128,${nonce},${key},KQ==`,
    `128,${nonce},txn.none,${tag}`,
  ]) {
    strictEqual(bytes(`${input},aes_gcm_dec(${args})`), null, args);
  }
  strictEqual(bytes(`${input},aes_cbc_dec(128,${nonce},${key})`), null);
  const refused = (call: string, why: RegExp): void => throws(() => bytes(`${input},${call}`), why);
  refused(`aes_gcm_dec(129,${nonce},${key},${tag})`, /key size must be 128, 192 or 256 \(bits\)/);
  refused(`aes_gcm_dec(128,!!,${key},${tag})`, /failed to parse nonce : argument needs to be base64 encoded/);
  refused(`aes_gcm_dec(128,${nonce},foo.bar,${tag})`, /failed to parse key : /);
  refused(`aes_gcm_dec(128,${nonce},${key},!!)`, /failed to parse aead_tag : /);
  refused(`aes_gcm_dec(128,${nonce},${key})`, /missing arguments \(got 3\/4\), type 'string' expected/);
  refused(`aes_gcm_enc(128,${nonce},${key},tag)`, /failed to register variable name 'tag'/);
});
