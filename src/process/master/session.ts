// One connection of the master CLI: the master's commands, and `@` prefixes that hand a command, a line or the rest
// of the session to the worker (management.txt 9.4.1).

import { allows } from '../../cli/help.ts';
import { parseLine } from '../../cli/line.ts';
import type { Level } from '../../cli/view.ts';
import type { Sink } from '../../cli/session.ts';
import { commandList, findMasterCommand, type MasterState } from './commands.ts';
import type { MasterView, WorkerSession } from './view.ts';

/** Longest line, and longest line with its payload, in bytes. */
const LINE_BYTES = 16384;
const PAYLOAD_BYTES = 1 << 20;

type Target = 'master' | 'worker';

export class MasterSession {
  readonly state: MasterState & { timeoutMs: number };
  /** True while a command runs: the idle timeout does not count then. */
  running = false;
  private readonly view: MasterView;
  private readonly sink: Sink;
  private target: Target = 'master';
  private input = '';
  private ended = false;
  private closed = false;
  private worker: WorkerSession | null = null;
  /** The worker has the rest of the session (`@@1`). */
  private attached = false;

  constructor(view: MasterView, sink: Sink, start: { readonly level: Level; readonly timeoutMs: number }) {
    this.view = view;
    this.sink = sink;
    this.state = {
      level: start.level,
      mode: 'non-interactive',
      expert: false,
      experimental: false,
      debug: false,
      closing: false,
      timeoutMs: start.timeoutMs,
    };
  }

  receive(bytes: Buffer): void {
    if (this.closed) return;
    if (this.attached) {
      this.worker?.receive(bytes);
      return;
    }
    this.input += bytes.toString('latin1');
    void this.pump();
  }

  receiveEnd(): void {
    this.ended = true;
    if (this.attached) this.worker?.receiveEnd();
    else void this.pump();
  }

  abort(): void {
    this.closed = true;
    this.worker?.abort();
  }

  private async pump(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      while (!this.closed && !this.state.closing) {
        const line = this.nextLine();
        if (line === null) break;
        await this.line(line);
        if (this.state.mode === 'non-interactive') this.state.closing = true;
        else if (this.state.mode === 'prompt' && !this.state.closing) await this.write(this.prompt());
      }
      if (!this.closed && (this.state.closing || this.ended)) {
        this.closed = true;
        this.sink.end();
      }
    } finally {
      this.running = false;
    }
  }

  /** The next whole line, with the lines of its payload if it has one; null when more bytes are needed. */
  private nextLine(): string | null {
    const { input } = this;
    let at = input.indexOf('\n');
    if (at < 0) {
      if (input.length > LINE_BYTES) return this.refuse('The command line is too long.');
      if (!this.ended || input === '') return null;
      at = input.length;
    }
    const { payloadEnd } = parseLine(input.slice(0, at).replace(/\r$/, ''));
    let end = at;
    for (let line: string | null = null; payloadEnd !== null && line !== payloadEnd;) {
      const next = input.indexOf('\n', end + 1);
      if (next < 0) {
        if (input.length > PAYLOAD_BYTES) return this.refuse('The payload is too large.');
        if (!this.ended) return null;
        end = input.length;
        break;
      }
      line = input.slice(end + 1, next).replace(/\r$/, '');
      end = next;
    }
    const whole = payloadEnd === null ? input.slice(0, at).replace(/\r$/, '') : input.slice(0, end);
    this.input = input.slice(end + 1);
    return whole;
  }

  private refuse(text: string): null {
    this.sink.write(Buffer.from(`${text}\n\n`, 'latin1'));
    this.input = '';
    this.state.closing = true;
    return null;
  }

  private async line(line: string): Promise<void> {
    const whole = /^\s*@@(!?)(\d+)\s*([^]*)$/.exec(line);
    if (whole !== null) {
      const prefix = `@@${whole[1]}${whole[2]}`;
      if (this.targetOf(`@${whole[1]}${whole[2]}`) !== 'worker') await this.notFound(prefix);
      else if (whole[3] === '') await this.attach();
      else await this.ask(whole[3]!);
      return;
    }
    for (const command of splitCommands(line)) {
      if (this.state.closing || this.closed) return;
      await this.command(command);
    }
  }

  private async command(text: string): Promise<void> {
    const match = /^\s*(@\S*)\s*([^]*)$/.exec(text);
    if (match === null) {
      if (this.target === 'worker') await this.ask(text.trimStart());
      else await this.own(text);
      return;
    }
    const target = this.targetOf(match[1]!);
    if (target === null) await this.notFound(match[1]!);
    else if (match[2] === '') this.target = target;
    else if (target === 'worker') await this.ask(match[2]!);
    else await this.own(match[2]!);
  }

  private targetOf(prefix: string): Target | null {
    if (prefix === '@' || prefix === '@0' || prefix === '@master') return 'master';
    if (prefix === '@1') return 'worker';
    if (prefix.startsWith('@!')) {
      const pid = Number(prefix.slice(2));
      if (this.view.workers().some((one) => one.pid === pid)) return 'worker';
    }
    return null;
  }

  private notFound(prefix: string): Promise<void> {
    return this.write(`Can't find the target PID matching the prefix '${prefix}'\n`);
  }

  private async own(text: string): Promise<void> {
    const words = parseLine(text).commands[0] ?? [];
    const command = findMasterCommand(words);
    if (command === null) {
      if (this.state.debug && words.length > 0) await this.ask(text);
      else
        await this.write(
          `Unknown command. Please enter one of the following commands only:\n${commandList(this.state.level)}\n`,
        );
      return;
    }
    if (!allows(this.state.level, command.level)) {
      await this.write('Permission denied\n\n');
      return;
    }
    const answer = await command.run(this.view, this.state, words.slice(command.words.length));
    if (answer !== null) await this.write(`${answer}\n`);
  }

  /** Has the worker run `text` in a session of its own and waits for the end of its answer. */
  private ask(text: string): Promise<void> {
    return new Promise((resolve) => {
      const worker = this.open(resolve);
      worker.receive(Buffer.from(`${text}\n`, 'latin1'));
      worker.receiveEnd();
    });
  }

  /** The worker gets all that the client sends from now on, and this connection ends with its session. */
  private attach(): Promise<void> {
    return new Promise((resolve) => {
      const worker = this.open(() => {
        this.state.closing = true;
        resolve();
      });
      worker.state.mode = this.state.mode === 'non-interactive' ? 'interactive' : this.state.mode;
      this.attached = true;
      if (worker.state.mode === 'prompt') worker.receive(Buffer.from('\n'));
      if (this.input !== '') worker.receive(Buffer.from(this.input, 'latin1'));
      this.input = '';
      if (this.ended) worker.receiveEnd();
    });
  }

  private open(done: () => void): WorkerSession {
    const { sink } = this;
    const through: Sink = {
      write: (bytes) => sink.write(bytes),
      drained: async () => {
        const open = await sink.drained();
        if (!open) done();
        return open;
      },
      end: () => {
        this.worker = null;
        done();
      },
      pause: () => sink.pause(),
      resume: () => sink.resume(),
    };
    const worker = this.view.openWorker(through, this.state.level);
    worker.state.expert = this.state.expert;
    worker.state.experimental = this.state.experimental;
    this.worker = worker;
    return worker;
  }

  private async write(text: string): Promise<void> {
    if (this.closed || this.sink.write(Buffer.from(text, 'latin1'))) return;
    if (!(await this.sink.drained())) this.abort();
  }

  private prompt(): string {
    const { state, view } = this;
    const flags = `${state.experimental ? 'x' : ''}${state.expert ? 'e' : ''}${state.debug ? 'd' : ''}`;
    const name =
      this.target === 'worker'
        ? String(view.pid)
        : view.failedReloads > 0
          ? 'master[ReloadFailed]'
          : 'master';
    return `${name}${flags === '' ? '' : `(${flags})`}> `;
  }
}

/** Cuts at each `;` without a backslash before the payload. Empty pieces are dropped, but for a whole empty line. */
export function splitCommands(line: string): string[] {
  const pieces: string[] = [];
  const head = line.indexOf('\n') < 0 ? line.length : line.indexOf('\n');
  let from = 0;
  for (let at = 0; at < head; at++) {
    if (line[at] === '\\') at++;
    else if (line[at] === ';') {
      pieces.push(line.slice(from, at));
      from = at + 1;
    }
  }
  pieces.push(line.slice(from));
  const full = pieces.filter((piece) => piece.trim() !== '');
  return full.length === 0 ? [''] : full;
}
