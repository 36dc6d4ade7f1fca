// What the master CLI sees of the process. Master and worker live in one process here: both show its pid, and each
// generation of the configuration counts as one worker.

import type { Level } from '../../cli/view.ts';
import type { Sink } from '../../cli/session.ts';

export interface WorkerRow {
  readonly pid: number;
  /** Reloads that it has lived through. */
  readonly reloads: number;
  readonly startedMs: number;
  readonly version: string;
  /** Draining, after a reload. */
  readonly leaving: boolean;
}

export interface ReloadResult {
  readonly ok: boolean;
  /** The messages of this attempt, each with its line end. */
  readonly text: string;
}

/** A session of the ordinary command line, as src/cli/session.ts makes it. */
export interface WorkerSession {
  readonly state: {
    expert: boolean;
    experimental: boolean;
    mode: 'non-interactive' | 'interactive' | 'prompt';
  };
  receive(bytes: Buffer): void;
  receiveEnd(): void;
  abort(): void;
}

export interface MasterView {
  readonly pid: number;
  readonly version: string;
  readonly startedMs: number;
  readonly reloads: number;
  /** Failed attempts since the last success. */
  readonly failedReloads: number;
  workers(): readonly WorkerRow[];
  /** Reads the configuration again; `hard`: sessions of the old one are closed instead of finished. */
  reload(hard: boolean): Promise<ReloadResult>;
  /** Messages of the latest start or reload, failed ones too. */
  startupLogs(): string;
  openWorker(sink: Sink, level: Level): WorkerSession;
}
