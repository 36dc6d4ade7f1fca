// The help text: a heading, the commands that match, and the three that always work.

import type { Command } from './command.ts';
import type { Level } from './view.ts';

const ranks: Record<Level, number> = { user: 0, operator: 1, admin: 2 };

/** Whether a connection of `level` may run what needs `needed`. */
export function allows(level: Level, needed: Level): boolean {
  return ranks[level] >= ranks[needed];
}

const always = ['help', 'prompt', 'quit'];

function line(command: Command): string {
  return `  ${command.usage.padEnd(40)}: ${command.doc}\n`;
}

/** How near two texts are: shared letter pairs; for "maybe one of the following". */
function similarity(one: string, other: string): number {
  let shared = 0;
  for (let at = 0; at + 1 < one.length; at++) if (other.includes(one.slice(at, at + 2))) shared++;
  return shared / Math.max(1, one.length + other.length);
}

function startsWith(command: Command, words: readonly string[]): boolean {
  return words.every((word, at) => at >= command.words.length || command.words[at] === word);
}

/** Commands to list for `words`; for no words, all of this level. */
export function matching(commands: readonly Command[], words: readonly string[], level: Level): Command[] {
  return commands.filter(
    (one) =>
      one.hidden !== true &&
      !always.includes(one.words[0]!) &&
      allows(level, one.level) &&
      startsWith(one, words),
  );
}

export function helpText(commands: readonly Command[], words: readonly string[], level: Level): string {
  let text = 'The following commands are valid at this level:\n';
  for (const one of matching(commands, words, level)) text += line(one);
  return text + tail(commands);
}

function tail(commands: readonly Command[]): string {
  return commands
    .filter((one) => always.includes(one.words[0]!))
    .map(line)
    .join('');
}

/** The answer to a command that does not exist. */
export function unknownText(commands: readonly Command[], words: readonly string[], level: Level): string {
  let near = matching(commands, words, level);
  if (near.length === 0 || words.length === 0) {
    const given = words.slice(0, 3).join(' ');
    const all = matching(commands, [], level);
    const byWord = matching(commands, words.slice(0, 1), level);
    near = (byWord.length > 0 ? byWord : all)
      .map((one) => ({ one, score: similarity(given, one.words.join(' ')) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 5)
      .map((entry) => entry.one)
      .sort((a, b) => commands.indexOf(a) - commands.indexOf(b));
  }
  let text = 'Unknown command, but maybe one of the following ones is a better match:\n';
  for (const one of near) text += line(one);
  return text + tail(commands);
}
