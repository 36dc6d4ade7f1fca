// What the values of maps are made into (manual 7.3.1, "map").

import { parseIpv6 } from '../sample/address.ts';
import type { Sample } from '../sample/sample.ts';
import { parseShortIpv4 } from './network.ts';

export type Output = 'str' | 'int' | 'ip' | 'key';

/** Fills the sample with the value as `output` wants it; false where it cannot be. */
export function setOutput(sample: Sample, output: Output, text: string): boolean {
  if (output === 'int') {
    const value = Number(text);
    if (!/^[-+]?\d+$/.test(text)) return false;
    return Number.isSafeInteger(value)
      ? sample.setInt(value + 0)
      : sample.setBig(BigInt.asIntN(64, BigInt(text)));
  }
  if (output === 'ip') {
    const ipv4 = parseShortIpv4(text);
    if (ipv4 >= 0) return sample.setIpv4(ipv4);
    const ipv6 = parseIpv6(text);
    return ipv6 !== '' && sample.setIpv6(ipv6);
  }
  return sample.setStr(text);
}

/** What is wrong with a value, or null. */
export function outputProblem(output: Output, text: string): string | null {
  const fits =
    output === 'int'
      ? /^[-+]?\d{1,19}$/.test(text)
      : output !== 'ip' || parseShortIpv4(text) >= 0 || parseIpv6(text) !== '';
  return fits ? null : `unable to parse '${text}'`;
}
