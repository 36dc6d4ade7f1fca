// Patterns of `req.ssl_ver`: versions such as 3.1, which the fetch gives as 65536 times 3 plus 1 (manual 7.3.5).

import { ConfigError } from '../registry/define.ts';

const OPERATOR = /^(eq|ge|gt|le|lt)$/;
const DOTTED = /^(\d+)(?:\.(\d+))?$/;

function versionText(text: string, pattern: string): string {
  if (text === '') return '';
  const parts = DOTTED.exec(text);
  if (parts === null) throw new ConfigError(`'${pattern}' is not a dotted number`);
  const [major, minor] = [Number(parts[1]), Number(parts[2] ?? 0)];
  if (major > 0xffff || minor > 0xffff) throw new ConfigError(`'${pattern}' is not a dotted number`);
  return String(major * 65536 + minor);
}

/** The words behind a criterion with their patterns as integers and ranges; flags and operators stay. Throws ConfigError. */
export function dottedWords(words: readonly string[]): string[] {
  let flags = true;
  return words.map((word, at) => {
    const before = words[at - 1];
    if (at === 0 || (flags && (word.startsWith('-') || before === '-f' || before === '-u'))) {
      if (word === '--') flags = false;
      return word;
    }
    flags = false;
    if (OPERATOR.test(word)) return word;
    return word
      .split(':')
      .map((part) => versionText(part, word))
      .join(':');
  });
}
