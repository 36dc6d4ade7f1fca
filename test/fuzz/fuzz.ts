// What the fuzzers share. Each property has its seed, so that a failure is there again in the next run; FUZZ_RUNS
// multiplies how often it is tried, and FUZZ_SEED tries others.

import fc from 'fast-check';
import { ConfigError } from '../../src/registry/define.ts';

const FACTOR = Number(process.env['FUZZ_RUNS'] ?? 1);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_123);

/** Checks that `property` holds. `runs`: as many as take less than a second or two. */
export function holds<T extends unknown[]>(runs: number, property: fc.IProperty<T>): void {
  fc.assert(property, { seed: SEED, numRuns: runs * FACTOR });
}

/** As `holds`, where the property waits for something. */
export async function holdsLater<T extends unknown[]>(
  runs: number,
  property: fc.IAsyncProperty<T>,
): Promise<void> {
  await fc.assert(property, { seed: SEED, numRuns: runs * FACTOR });
}

/** Latin1 text: pieces that mean something, and bytes that may be any. */
export function textOf(pieces: readonly string[], maxLength = 12): fc.Arbitrary<string> {
  const noise = fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
  return fc
    .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...pieces) }, noise), { maxLength })
    .map((parts) => parts.join(''));
}

/** A text with some bytes changed, cut out or put in. */
export function bent(text: string): fc.Arbitrary<string> {
  const change = fc.tuple(fc.nat(Math.max(0, text.length - 1)), fc.nat(3), fc.nat(255));
  return fc.array(change, { maxLength: 4 }).map((changes) => {
    let made = text;
    for (const [at, keep, code] of changes) {
      made = made.slice(0, at) + String.fromCharCode(code) + made.slice(at + keep);
    }
    return made;
  });
}

/** Whether `run` refuses its input as a configuration's mistake. Anything else that it throws is a fault. */
export function refuses(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch (error) {
    if (error instanceof ConfigError) return true;
    throw error;
  }
}

/** Milliseconds that one input may take: far more than any needs, even where others use the processor. */
const PATIENCE_MS = 2000;

/** Runs `work`, and fails where it takes longer than anything should. `what` names it then. */
export function soon<T>(work: () => T, what: () => string): T {
  const before = performance.now();
  const result = work();
  const took = performance.now() - before;
  if (took > PATIENCE_MS) throw new Error(`took ${Math.round(took)} ms: ${what()}`);
  return result;
}
