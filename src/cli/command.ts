// The shape of a command of the stats socket, and what it is run with.

import type { ControlView, Level, ServerControl } from './view.ts';

export type Mode = 'non-interactive' | 'interactive' | 'prompt';
export type Severity = 'none' | 'number' | 'string';

/** What commands may read and change about the connection they came from. */
export interface SessionState {
  level: Level;
  mode: Mode;
  timed: boolean;
  expert: boolean;
  experimental: boolean;
  severity: Severity;
  timeoutMs: number;
  closing: boolean;
}

export interface Call {
  readonly view: ControlView;
  /** All words of the command, the command's own first. */
  readonly words: readonly string[];
  /** Words after the command's own. */
  readonly args: readonly string[];
  /** Lines of the payload, each with its line end; null when there was none. */
  readonly payload: string | null;
  readonly session: SessionState;
  readonly commands: readonly Command[];
  /** Resolves after some time, or early with true when the connection went away. */
  sleep(ms: number): Promise<boolean>;
  /** Whether the client sent something, which is thrown away, or the end: commands that wait for long stop then. */
  interrupted(): boolean;
}

/** Pieces of an answer, latin1 text with line ends; an empty one sends what there is. The session adds the empty line
 * that ends it. */
export type Answer = Iterable<string> | AsyncIterable<string>;

export interface Command {
  readonly words: readonly string[];
  /** The left column of `help`. */
  readonly usage: string;
  /** The right column of `help`. */
  readonly doc: string;
  readonly level: Level;
  /** Only after `experimental-mode on`. */
  readonly experimental?: boolean;
  /** Not listed by `help`. */
  readonly hidden?: boolean;
  run(call: Call): Answer;
}

export const defineCommand = (command: Command): Command => command;

const severities = {
  emergency: 0,
  alert: 1,
  critical: 2,
  error: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
} as const;

/** A one-line answer with the severity that `set severity-output` asks for. */
export function message(call: Call, severity: keyof typeof severities, text: string): string[] {
  const { severity: form } = call.session;
  const head = form === 'none' ? '' : form === 'number' ? `[${severities[severity]}]: ` : `[${severity}]: `;
  return [`${head}${text}\n`];
}

export const refuse = (call: Call, text: string): string[] => message(call, 'error', text);

/** Finds `backend/server`, or says why not. */
export function findServer(call: Call, word: string | undefined): ServerControl | string {
  const slash = word === undefined ? -1 : word.indexOf('/');
  if (word === undefined || slash < 0) return "Require 'backend/server'.";
  const backendName = word.slice(0, slash);
  const serverName = word.slice(slash + 1);
  for (const proxy of call.view.proxies) {
    if (proxy.backend === null || proxy.config.name !== backendName) continue;
    for (const server of proxy.servers) if (server.config.name === serverName) return server;
    return 'No such server.';
  }
  return 'No such backend.';
}

/** Runs `change` on the server that `args[0]` names; `change` returns a refusal or nothing. `done`: what success says. */
export function withServer(
  call: Call,
  change: (server: ServerControl) => string | null | void,
  done?: string,
): string[] {
  const server = findServer(call, call.args[0]);
  if (typeof server === 'string') return refuse(call, server);
  const refusal = change(server);
  return typeof refusal === 'string' ? refuse(call, refusal) : done === undefined ? [] : [`${done}\n`];
}

/** A delay with an optional unit (us, ms, s, m, h, d); milliseconds, or -1 when it is none. */
export function parseDelay(text: string, unitMs: number): number {
  const match = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text);
  if (match === null) return -1;
  const units: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60000, h: 3600000, d: 86400000 };
  const unit = match[2] === undefined ? unitMs : units[match[2]]!;
  return Math.ceil(Number(match[1]) * unit);
}

/** A whole decimal number, or -1. */
export function parseCount(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : -1;
}
