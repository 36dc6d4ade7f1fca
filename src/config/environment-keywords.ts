// `setenv`, `presetenv`, `unsetenv` and `resetenv` of the global section (manual 3.1). They act at once: the next
// line sees the new values.

import type { Frame, Position } from './diagnostics.ts';
import type { Environment } from './environment.ts';

export const ENVIRONMENT_KEYWORDS = ['presetenv', 'resetenv', 'setenv', 'unsetenv'] as const;

/** Where refusals go. */
export interface AlertSink {
  alert(position: Position, text: string, frame: Frame): void;
}

/** Handles one line. Returns false when its first word is none of the four. */
export function environmentKeyword(
  words: readonly string[],
  position: Position,
  environment: Environment,
  diagnostics: AlertSink,
): boolean {
  const keyword = words[0]!;
  switch (keyword) {
    case 'setenv':
    case 'presetenv': {
      const [, name, value] = words;
      if (name === undefined || value === undefined) {
        diagnostics.alert(position, `'${keyword}' expects a name and a value.`, 'tight');
      } else if (!(keyword === 'setenv' ? environment.set(name, value) : environment.preset(name, value))) {
        diagnostics.alert(position, `'${keyword}' failed on variable '${name}' : Invalid argument.`, 'tight');
      }
      return true;
    }
    case 'unsetenv':
      if (words.length < 2) {
        diagnostics.alert(position, `'unsetenv' expects at least one variable name.`, 'tight');
      }
      for (const name of words.slice(1)) {
        if (!environment.unset(name)) {
          diagnostics.alert(position, `'unsetenv' failed on variable '${name}' : Invalid argument.`, 'tight');
        }
      }
      return true;
    case 'resetenv':
      environment.reset(words.slice(1));
      return true;
    default:
      return false;
  }
}
