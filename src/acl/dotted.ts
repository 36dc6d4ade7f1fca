// Patterns of `req.ssl_ver`: versions such as 3.1, which the fetch gives as 65536 times 3 plus 1 (manual 7.3.5).

import { ConfigError } from '../registry/define.ts';
import type { Pattern } from './patterns.ts';

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

/** The same patterns as integers and ranges; operators stay. Throws ConfigError. */
export function dottedPatterns(patterns: readonly Pattern[]): Pattern[] {
  return patterns.map((pattern) => {
    if (OPERATOR.test(pattern.text)) return pattern;
    const text = pattern.text.split(':').map((part) => versionText(part, pattern.text));
    return { ...pattern, text: text.join(':') };
  });
}
