// One connection of the stats socket: bytes in, bytes out. Knows no socket: `Sink` takes bytes and says when it is
// full, so that a long answer waits for its reader instead of piling up in memory.

import type { Answer, Call, Command, SessionState } from './command.ts';
import { allows, unknownText } from './help.ts';
import { parseLine } from './line.ts';
import type { ControlView, Level } from './view.ts';

/** Where answers go. */
export interface Sink {
  /** False: full; wait for `drained` before the next write. */
  write(bytes: Buffer): boolean;
  /** Resolves when more may be written; false when the connection is gone. */
  drained(): Promise<boolean>;
  /** All was said: ends the write side. */
  end(): void;
  /** Stops and starts reading. */
  pause(): void;
  resume(): void;
}

export interface CliLimits {
  /** Longest command line, bytes (tune.bufsize). */
  readonly lineBytes: number;
  /** Longest payload, bytes. */
  readonly payloadBytes: number;
}

const defaultLimits: CliLimits = { lineBytes: 16384, payloadBytes: 1048576 };
/** Pieces are gathered to writes of about this size. */
const CHUNK = 16384;
/** Bytes of pipelined lines that may wait before reading stops. */
const BACKLOG = 65536;

const two = (value: number): string => String(value).padStart(2, '0');

export class CliSession {
  readonly state: SessionState;
  private readonly view: ControlView;
  private readonly commands: readonly Command[];
  private readonly sink: Sink;
  private readonly limits: CliLimits;
  private input = '';
  private inputEnded = false;
  private closed = false;
  private busy = false;
  private reading = true;
  private payload: { words: readonly (readonly string[])[]; end: string; text: string } | null = null;
  private readonly sleepers = new Set<() => void>();

  constructor(
    view: ControlView,
    commands: readonly Command[],
    sink: Sink,
    start: { level: Level; timeoutMs: number; severity?: SessionState['severity']; limits?: CliLimits },
  ) {
    this.view = view;
    this.commands = commands;
    this.sink = sink;
    this.limits = start.limits ?? defaultLimits;
    this.state = {
      level: start.level,
      mode: 'non-interactive',
      timed: false,
      expert: false,
      experimental: false,
      severity: start.severity ?? 'none',
      timeoutMs: start.timeoutMs,
      closing: false,
    };
  }

  /** Whether something came in, which is thrown away, or nothing will any more. */
  private interrupted(): boolean {
    const came = this.input !== '';
    this.input = '';
    return came || this.inputEnded;
  }

  /** True while a command runs: the idle timeout does not count then. */
  get running(): boolean {
    return this.busy;
  }

  /** Bytes from the client. */
  receive(bytes: Buffer): void {
    if (this.closed || this.state.closing) return;
    this.input += bytes.toString('latin1');
    if (this.busy && this.input.length > BACKLOG && this.reading) {
      this.reading = false;
      this.sink.pause();
    }
    void this.pump();
  }

  /** The client sends nothing more but may still read: answers are completed first. */
  receiveEnd(): void {
    this.inputEnded = true;
    void this.pump();
  }

  /** The connection is gone. */
  abort(): void {
    this.closed = true;
    for (const wake of this.sleepers) wake();
    this.sleepers.clear();
  }

  private async pump(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      while (!this.closed && !this.state.closing) {
        const line = this.nextLine();
        if (line === null) break;
        await this.take(line);
      }
      if (!this.closed && (this.state.closing || this.inputEnded)) this.finish();
    } finally {
      this.busy = false;
    }
    if (!this.reading && !this.closed) {
      this.reading = true;
      this.sink.resume();
    }
  }

  private finish(): void {
    this.closed = true;
    this.sink.end();
  }

  private nextLine(): string | null {
    const at = this.input.indexOf('\n');
    const limit = this.payload === null ? this.limits.lineBytes : this.limits.payloadBytes;
    if (at < 0) {
      if (this.input.length > limit) this.overflow();
      else if (this.inputEnded && this.input !== '' && this.payload === null) {
        // A last line may lack its line end when the client has shut down its side.
        const line = this.input;
        this.input = '';
        return line;
      }
      return null;
    }
    if (at > limit) {
      this.overflow();
      return null;
    }
    const line = this.input.slice(0, at);
    this.input = this.input.slice(at + 1);
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  private overflow(): void {
    const text = this.payload === null ? 'The command line is too long.' : 'The payload is too large.';
    this.sink.write(Buffer.from(`${text}\n\n`, 'latin1'));
    this.input = '';
    this.state.closing = true;
  }

  private async take(line: string): Promise<void> {
    if (this.payload !== null) {
      if (line !== this.payload.end) {
        this.payload.text += `${line}\n`;
        if (this.payload.text.length > this.limits.payloadBytes) this.overflow();
        else if (this.state.mode === 'prompt') await this.write('+ ');
        return;
      }
      const { words, text } = this.payload;
      this.payload = null;
      await this.runAll(words, text);
      return;
    }
    if (line.trimStart().startsWith('#')) line = '';
    const { commands, payloadEnd } = parseLine(line);
    if (payloadEnd !== null && commands.length > 0) {
      this.payload = { words: commands, end: payloadEnd, text: '' };
      if (this.state.mode === 'prompt') await this.write('+ ');
      return;
    }
    await this.runAll(commands, null);
  }

  private async runAll(commands: readonly (readonly string[])[], payload: string | null): Promise<void> {
    // An empty line in an interactive mode only repeats the prompt; alone it is an unknown command.
    if (commands.length === 0) {
      if (this.state.mode === 'non-interactive') await this.answer([], null);
      else if (this.state.mode === 'prompt') await this.write(`\n${this.promptText()}`);
    }
    for (let at = 0; at < commands.length && !this.closed && !this.state.closing; at++)
      await this.answer(commands[at]!, at === commands.length - 1 ? payload : null);
    if (this.state.mode === 'non-interactive') this.state.closing = true;
  }

  private async answer(words: readonly string[], payload: string | null): Promise<void> {
    await this.pour(words, payload);
    if (this.state.closing || this.closed) return;
    await this.write(this.state.mode === 'prompt' ? `\n${this.promptText()}` : '\n');
  }

  private start(words: readonly string[], payload: string | null): Answer {
    const command = findCommand(this.commands, words);
    if (command === null) return [unknownText(this.commands, words, this.state.level)];
    if (!allows(this.state.level, command.level)) return ['Permission denied\n'];
    if (command.experimental === true && !this.state.experimental) {
      return ['This command is restricted to experimental mode only.\n'];
    }
    const call: Call = {
      view: this.view,
      words,
      args: words.slice(command.words.length),
      payload,
      session: this.state,
      commands: this.commands,
      sleep: (ms) => this.sleep(ms),
      interrupted: () => this.interrupted(),
    };
    return command.run(call);
  }

  private async pour(words: readonly string[], payload: string | null): Promise<void> {
    let gathered = '';
    try {
      const answer = this.start(words, payload);
      if (Symbol.iterator in answer) {
        // No promise per piece: only a full sink makes the answer wait.
        for (const piece of answer) {
          gathered += piece;
          if (gathered.length < CHUNK) continue;
          if (!(await this.write(gathered))) return;
          gathered = '';
        }
      } else {
        for await (const piece of answer) {
          gathered += piece;
          // An empty piece: what there is goes out now, as the next may be long in coming.
          if (gathered === '' || (piece !== '' && gathered.length < CHUNK)) continue;
          if (!(await this.write(gathered))) return;
          gathered = '';
        }
      }
    } catch (error) {
      gathered += `Internal error: ${error instanceof Error ? error.message : String(error)}\n`;
    }
    if (gathered !== '') await this.write(gathered);
  }

  private async write(text: string): Promise<boolean> {
    if (this.closed) return false;
    if (this.sink.write(Buffer.from(text, 'latin1'))) return true;
    const open = await this.sink.drained();
    if (!open) this.abort();
    return open;
  }

  private promptText(): string {
    if (!this.state.timed) return '> ';
    const seconds = Math.floor((Date.now() - this.view.facts().startedAtMs) / 1000);
    const hours = Math.floor((seconds % 86400) / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    return `[${Math.floor(seconds / 86400)}:${two(hours)}:${two(minutes)}:${two(seconds % 60)}]> `;
  }

  private sleep(ms: number): Promise<boolean> {
    if (this.closed) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.sleepers.delete(finish);
        resolve(this.closed);
      };
      const timer = setTimeout(finish, ms);
      this.sleepers.add(finish);
    });
  }
}

/** The command with the most words that `words` starts with, or null. */
export function findCommand(commands: readonly Command[], words: readonly string[]): Command | null {
  let best: Command | null = null;
  for (const one of commands) {
    if (one.words.length > words.length) continue;
    if (best !== null && best.words.length >= one.words.length) continue;
    if (one.words.every((word, at) => words[at] === word)) best = one;
  }
  return best;
}
