// The master's own commands (management.txt 9.4.1).

import { allows } from '../../cli/help.ts';
import type { Level } from '../../cli/view.ts';
import type { MasterView, WorkerRow } from './view.ts';

export interface MasterState {
  level: Level;
  /** Lines are answered until `quit`, with or without a prompt. */
  mode: 'non-interactive' | 'interactive' | 'prompt';
  expert: boolean;
  experimental: boolean;
  debug: boolean;
  closing: boolean;
}

interface MasterCommand {
  readonly words: readonly string[];
  readonly usage: string;
  readonly doc: string;
  readonly level: Level;
  /** The text of the answer, without the empty line that ends it; null for no answer at all. */
  run(view: MasterView, state: MasterState, args: readonly string[]): string | null | Promise<string | null>;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `0d00h02m07s`. */
export function uptime(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const hours = Math.floor((seconds % 86400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return `${Math.floor(seconds / 86400)}d${two(hours)}h${two(minutes)}m${two(seconds % 60)}s`;
}

const row = (...cells: readonly string[]): string =>
  `${cells.map((cell, at) => (at === 4 ? cell.padEnd(15) : cell.padEnd(16))).join('')}\n`;

/** The table of `show proc`; `now`: ms since 1970. */
export function processTable(view: MasterView, now: number): string {
  const worker = (one: WorkerRow): string =>
    row(String(one.pid), 'worker', String(one.reloads), uptime(now - one.startedMs), one.version);
  const reloads = `${view.reloads} [failed: ${view.failedReloads}]`;
  const all = view.workers();
  const leaving = all.filter((one) => one.leaving);
  return (
    row('#<PID>', '<type>', '<reloads>', '<uptime>', '<version>') +
    row(String(view.pid), 'master', reloads, uptime(now - view.startedMs), view.version) +
    `# workers\n${all
      .filter((one) => !one.leaving)
      .map(worker)
      .join('')}` +
    (leaving.length === 0 ? '' : `# old workers\n${leaving.map(worker).join('')}`)
  );
}

async function reload(view: MasterView, state: MasterState, hard: boolean): Promise<string> {
  // Whatever follows the command is dropped, as where a reload replaces the process that reads it.
  state.closing = true;
  const { ok, text } = await view.reload(hard);
  return `Success=${ok ? 1 : 0}\n--\n${text}`;
}

/** `on`, `off`, or nothing to turn it over. */
function turn(name: string, before: boolean, word: string | undefined): boolean | string {
  if (word === undefined) return !before;
  if (word === 'on' || word === 'off') return word === 'on';
  return `'${name}' takes 'on' or 'off': found '${word}'.\n`;
}

function lower(state: MasterState, level: Level): null {
  if (allows(state.level, level)) state.level = level;
  return null;
}

const modes = { n: 'non-interactive', i: 'interactive', p: 'prompt' } as const;

function flag(
  name: string,
  field: 'expert' | 'experimental' | 'debug',
  doc: string,
  level: Level = 'admin',
): MasterCommand {
  return {
    words: [name],
    usage: `${name} [on|off]`,
    doc,
    level,
    run(_view, state, [word]) {
      const value = turn(name, state[field], word);
      if (typeof value === 'string') return value;
      state[field] = value;
      return null;
    },
  };
}

export const masterCommands: readonly MasterCommand[] = [
  flag('expert-mode', 'expert', 'toggle expert-mode for the processes'),
  flag('experimental-mode', 'experimental', 'toggle experimental-mode for the processes'),
  {
    words: ['hard-reload'],
    usage: 'hard-reload',
    doc: 'reload the configuration and close the sessions of the former one',
    level: 'operator',
    run: (view, state) => reload(view, state, true),
  },
  {
    words: ['help'],
    usage: 'help',
    doc: 'list all commands',
    level: 'user',
    run: (_view, state) => `The following commands are valid at this level:\n${commandList(state.level)}`,
  },
  flag('mcli-debug-mode', 'debug', "give the process's own commands to the master too"),
  {
    words: ['operator'],
    usage: 'operator',
    doc: 'lower the level of the current CLI session to operator',
    level: 'operator',
    run: (_view, state) => lower(state, 'operator'),
  },
  {
    words: ['prompt'],
    usage: 'prompt [n|i|p]',
    doc: 'toggle interactive mode with prompt',
    level: 'user',
    run(_view, state, [word]) {
      if (word === undefined) state.mode = state.mode === 'prompt' ? 'non-interactive' : 'prompt';
      else if (word in modes) state.mode = modes[word as keyof typeof modes];
      else return `'prompt' takes 'n', 'i' or 'p' here: found '${word}'.\n`;
      return null;
    },
  },
  {
    words: ['quit'],
    usage: 'quit',
    doc: 'disconnect',
    level: 'user',
    run(_view, state) {
      state.closing = true;
      return null;
    },
  },
  {
    words: ['reload'],
    usage: 'reload',
    doc: 'reload the configuration',
    level: 'operator',
    run: (view, state) => reload(view, state, false),
  },
  {
    words: ['show', 'cli', 'level'],
    usage: 'show cli level',
    doc: 'display the level of the current CLI session',
    level: 'user',
    run: (_view, state) => `${state.level}\n`,
  },
  {
    words: ['show', 'proc'],
    usage: 'show proc [debug]',
    doc: 'show processes status',
    level: 'user',
    run: (view) => processTable(view, Date.now()),
  },
  {
    words: ['show', 'startup-logs'],
    usage: 'show startup-logs',
    doc: 'report logs emitted during the latest start or reload',
    level: 'user',
    run: (view) => view.startupLogs(),
  },
  {
    words: ['show', 'version'],
    usage: 'show version',
    doc: 'show version of the current process',
    level: 'user',
    run: (view) => `${view.version}\n`,
  },
  {
    words: ['user'],
    usage: 'user',
    doc: 'lower the level of the current CLI session to user',
    level: 'user',
    run: (_view, state) => lower(state, 'user'),
  },
];

const prefixes: readonly (readonly [string, string])[] = [
  ['@!<pid>', 'send a command to the <pid> process'],
  ['@<relative pid>', 'send a command to the <relative pid> process'],
  ['@@<[!]pid>', 'send the whole line, or a session, to that process'],
  ['@master', 'send a command to the master process'],
];

/** One line for each command that `level` may use. */
export function commandList(level: Level): string {
  const usable = masterCommands.filter((one) => allows(level, one.level));
  return [...prefixes, ...usable.map(({ usage, doc }) => [usage, doc] as const)]
    .map(([usage, doc]) => `  ${usage.padEnd(39)} : ${doc}\n`)
    .join('');
}

export function findMasterCommand(words: readonly string[]): MasterCommand | null {
  return masterCommands.find((one) => one.words.every((word, at) => words[at] === word)) ?? null;
}
