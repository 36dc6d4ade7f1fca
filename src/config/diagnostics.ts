// What the configuration has to say about itself: collected first, printed later in HAProxy's frame, because
// wrapper scripts read the bracketed level and position.

/** Where a message comes from; lines start at 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
}

export type Level = 'alert' | 'warning' | 'notice' | 'diag';

/**
 * How the position stands before the text; HAProxy writes it in four ways, and tools compare whole lines.
 * - `spaced`:  `config : parsing [f:l] : text`
 * - `tight`:   `config : parsing [f:l]: text`
 * - `element`: `config : [f:l] : text` (a server line)
 * - `late`:    `[f:l] : text` (after parsing; without a position, the bare text)
 *
 * Without a position, the first three print `config : text`.
 */
export type Frame = 'spaced' | 'tight' | 'element' | 'late';

export interface Message {
  readonly level: Level;
  readonly text: string;
  readonly frame: Frame;
  readonly file?: string;
  readonly line?: number;
}

/** Collects messages in order. Texts are latin1: one character for each byte of the files they quote. */
export class Diagnostics {
  readonly messages: Message[] = [];
  /** How many alerts: the configuration is refused unless 0. */
  alerts = 0;
  /** How many warnings: refused too in zero-warning mode. */
  warnings = 0;

  alert(position: Position | null, text: string, frame: Frame = 'spaced'): void {
    this.alerts++;
    this.add('alert', position, text, frame);
  }

  warning(position: Position | null, text: string, frame: Frame = 'spaced'): void {
    this.warnings++;
    this.add('warning', position, text, frame);
  }

  notice(position: Position | null, text: string, frame: Frame = 'spaced'): void {
    this.add('notice', position, text, frame);
  }

  /** Printed in diagnostic mode (-dD) alone; never changes the verdict. */
  diag(position: Position | null, text: string, frame: Frame = 'spaced'): void {
    this.add('diag', position, text, frame);
  }

  /** Takes over all of `other`. */
  append(other: Diagnostics): void {
    this.messages.push(...other.messages);
    this.alerts += other.alerts;
    this.warnings += other.warnings;
  }

  /** Forgets what was wrong so far; notices stay. */
  retract(): void {
    const kept = this.messages.filter(({ level }) => level === 'notice' || level === 'diag');
    this.messages.splice(0, this.messages.length, ...kept);
    this.alerts = 0;
    this.warnings = 0;
  }

  private add(level: Level, position: Position | null, text: string, frame: Frame): void {
    this.messages.push(
      position === null
        ? { level, text, frame }
        : { level, text, frame, file: position.file, line: position.line },
    );
  }
}

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0b-\x1f\x7f]/g;

/** As `\xHH`: what a message quotes must not command the terminal that shows it, which HAProxy lets it do. */
const visible = (text: string): string =>
  text.replace(CONTROL, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);

/** The message after its level and process id, for example `config : parsing [f:3] : text`. */
export function formatMessage(message: Message): string {
  const { frame, line } = message;
  const text = visible(message.text);
  const file = message.file === undefined ? undefined : visible(message.file);
  if (file === undefined) return frame === 'late' ? text : `config : ${text}`;
  if (frame === 'late') return `[${file}:${line}] : ${text}`;
  if (frame === 'element') return `config : [${file}:${line}] : ${text}`;
  return `config : parsing [${file}:${line}]${frame === 'tight' ? '' : ' '}: ${text}`;
}

export interface PrinterOptions {
  /** Printed in parentheses. */
  readonly pid: number;
  /** Leads `NAME version is ...`, the first of the two notices before the first alert. */
  readonly programName: string;
  readonly programVersion: string;
  readonly programPath: string;
  /** -q: prints nothing at all. */
  readonly quiet?: boolean;
  /** -dD: prints messages of level `diag`. */
  readonly diagnostic?: boolean;
  /** Receives whole lines, latin1. */
  readonly write: (text: string) => void;
}

/**
 * Prints messages in HAProxy's frame. One printer serves a process for its life: it remembers whether the two
 * notices that introduce the first alert are already out.
 */
export class Printer {
  private readonly options: PrinterOptions;
  /** Everything printed so far, for `show startup-logs`. */
  log = '';
  private introduced = false;

  constructor(options: PrinterOptions) {
    this.options = options;
  }

  /** Prints all of `diagnostics`; `from` skips that many messages, which were printed before. */
  print(diagnostics: Diagnostics, from = 0): void {
    for (let i = from; i < diagnostics.messages.length; i++) this.printMessage(diagnostics.messages[i]!);
  }

  printMessage(message: Message): void {
    const { quiet, diagnostic } = this.options;
    if (quiet === true || (message.level === 'diag' && diagnostic !== true)) return;
    if (message.level === 'alert') this.introduce();
    this.line(message.level, formatMessage(message));
  }

  /** Prints a message that belongs to no configuration. */
  say(level: Level, text: string): void {
    this.printMessage({ level, text, frame: 'late' });
  }

  private introduce(): void {
    if (this.introduced) return;
    this.introduced = true;
    const { programName, programVersion, programPath } = this.options;
    this.line('notice', `${programName} version is ${programVersion}`);
    this.line('notice', `path to executable is ${programPath}`);
  }

  private line(level: Level, text: string): void {
    const line = `${`[${level.toUpperCase()}]`.padEnd(11)}(${this.options.pid}) : ${text}\n`;
    this.log += line;
    this.options.write(line);
  }
}

/**
 * The last word on a configuration. Adds the alert of zero-warning mode (-dW) where it applies.
 *
 * @returns false when the process must not start.
 */
export function verdict(diagnostics: Diagnostics, zeroWarning: boolean): boolean {
  if (diagnostics.alerts > 0) return false;
  if (!zeroWarning || diagnostics.warnings === 0) return true;
  diagnostics.alert(null, `Some warnings were found and 'zero-warning' is set. Aborting.`);
  return false;
}
