// Versions as HAProxy and OpenSSL write them, brought to an order.

/**
 * Compares two versions such as `2.4-dev19`, `3.5.0`, `1.1.1k`. Missing components count as zero, and a
 * development version comes before its release. Text that is no version counts as zero.
 *
 * @returns a negative number, 0, or a positive number.
 */
export function compareVersions(a: string, b: string): number {
  const left = parts(a);
  const right = parts(b);
  for (let i = 0; i < left.length; i++) {
    const difference = left[i]! - right[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

const STAGES = ['dev', 'pre', 'rc'];

/** Major, minor, patch, stage (-3 dev, -2 pre, -1 rc, else 0), number of the stage, letter of the patch. */
function parts(version: string): readonly number[] {
  const match = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?([a-z](?![a-z]))?(?:-(dev|pre|rc)(\d*))?/.exec(version);
  if (match === null) return [0, 0, 0, 0, 0, 0];
  const [, major, minor, patch, letter, stage, number] = match;
  return [
    Number(major),
    Number(minor ?? 0),
    Number(patch ?? 0),
    stage === undefined ? 0 : STAGES.indexOf(stage) - STAGES.length,
    Number(number ?? 0) || 0,
    letter === undefined ? 0 : letter.charCodeAt(0) - 0x60,
  ];
}
