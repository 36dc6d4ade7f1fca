// The matching methods by name, what each makes of a pattern that is wrong, and what it needs of a sample (manual 7.1).

import { ConfigError } from '../registry/define.ts';
import { toAddr, toBin, toBool, toSint, toStr } from '../sample/cast.ts';
import { type Sample, Type } from '../sample/sample.ts';
import { parseNetwork } from './network.ts';
import { hexBytes, parseRange } from './ranges.ts';
import { compileRegex } from './regex.ts';

export const METHODS = [
  'found',
  'bool',
  'int',
  'ip',
  'bin',
  'len',
  'str',
  'beg',
  'sub',
  'dir',
  'dom',
  'end',
  'reg',
] as const;
export type Method = (typeof METHODS)[number];

/** Throws ConfigError where the pattern is none for the method. */
export function checkPattern(method: Method, text: string, ignoreCase: boolean): void {
  switch (method) {
    case 'int':
    case 'len':
      parseRange(text);
      break;
    case 'ip':
      parseNetwork(text);
      break;
    case 'bin':
      hexBytes(text);
      break;
    case 'reg':
      compileRegex(text, ignoreCase);
      break;
    default:
  }
}

/** What is wrong with a pattern of a file or of a command, where no operator may stand; or null. */
export function patternProblem(method: Method, text: string, ignoreCase: boolean): string | null {
  try {
    checkPattern(method, text, ignoreCase);
    return null;
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.message.replace(/ is neither a number nor a supported operator$/, ' is not a number');
    }
    throw error;
  }
}

/** Brings the sample to the type that the method looks at; false where its value has no such form. */
export function castFor(method: Method, sample: Sample): boolean {
  switch (method) {
    case 'found':
      return true;
    case 'bool':
      return toBool(sample);
    case 'int':
      return toSint(sample);
    case 'ip':
      return toAddr(sample);
    case 'bin':
      return toBin(sample);
    case 'len':
      return sample.type === Type.BIN || toStr(sample);
    default:
      return sample.type >= Type.STR || toStr(sample);
  }
}
