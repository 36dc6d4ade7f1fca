// The master's side of a running process: its sockets, and what the service manager is told.

import { CliServer } from '../../cli/server.ts';
import { CliSession, type Sink } from '../../cli/session.ts';
import { RunningView } from '../control-view.ts';
import { VERSION } from '../../version.ts';
import { commands } from '../../cli/commands/index.ts';
import { failedReloadLines, notify, readyLines, reloadingLines, stoppingLines } from '../notify.ts';
import { MasterSession } from './session.ts';
import { parseMasterBind } from './listen.ts';
import type { Level } from '../../cli/view.ts';
import type { Running } from '../running.ts';
import type { MasterView, ReloadResult, WorkerRow, WorkerSession } from './view.ts';

/** Idle connections of the master's sockets are closed after this time, ms. */
const TIMEOUT_MS = 10_000;
const MAXCONN = 64;

export class RunningMaster implements MasterView {
  readonly pid = process.pid;
  readonly version = VERSION;
  readonly startedMs: number;
  reloads = 0;
  failedReloads = 0;
  private readonly running: Running;
  private readonly workerView: RunningView;
  private readonly server: CliServer;

  constructor(running: Running) {
    this.running = running;
    this.startedMs = running.startedMs;
    this.workerView = new RunningView(running);
    this.server = new CliServer(
      (sink, { level }, timeoutMs) => new MasterSession(this, sink, { level, timeoutMs }),
      { timeoutMs: TIMEOUT_MS, maxconn: MAXCONN },
    );
  }

  /** Opens the sockets of -S. Null, or the alert that says why one cannot be had. */
  async listen(binds: readonly string[]): Promise<string | null> {
    for (const text of binds) {
      const listen = parseMasterBind(text);
      if (typeof listen === 'string') return `-S ${text} : ${listen}.`;
      try {
        await this.server.listen(listen);
      } catch (error) {
        return `-S ${text} : cannot bind the master socket (${(error as Error).message}).`;
      }
    }
    return null;
  }

  close(): void {
    this.server.close(false);
  }

  workers(): readonly WorkerRow[] {
    const { generation } = this.running;
    const all = generation === null ? [] : [generation, ...this.running.drainingGenerations];
    return all.map((one) => ({
      pid: process.pid,
      reloads: (generation?.number ?? 0) - one.number,
      startedMs: one.startedMs,
      version: VERSION,
      leaving: one !== generation,
    }));
  }

  reload(hard: boolean): Promise<ReloadResult> {
    return this.running.reload(hard);
  }

  startupLogs(): string {
    return this.running.latestLog;
  }

  openWorker(sink: Sink, level: Level): WorkerSession {
    return new CliSession(this.workerView, commands, sink, { level, timeoutMs: TIMEOUT_MS });
  }

  isReady(): void {
    this.tell(readyLines(process.pid));
  }

  isReloading(): void {
    this.tell(reloadingLines(process.hrtime.bigint() / 1000n));
  }

  hasReloaded(ok: boolean): void {
    if (ok) this.reloads++;
    this.failedReloads = ok ? 0 : this.failedReloads + 1;
    this.tell(ok ? readyLines(process.pid) : failedReloadLines());
  }

  isStopping(): void {
    this.tell(stoppingLines());
  }

  /** Only -Ws talks to the service manager. A manager that is gone changes nothing for us. */
  private tell(lines: readonly string[]): void {
    if (this.running.args.master === 'Ws') notify(lines);
  }
}
