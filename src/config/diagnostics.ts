// Everything the program has to say about a configuration, in HAProxy's frame (management.txt 3, manual 2.2).

import { VERSION } from '../version.ts';
import type { Position } from './model.ts';

export type Severity = 'ALERT' | 'WARNING' | 'NOTICE' | 'DIAG';

export interface Message {
  readonly severity: Severity;
  /** Without the frame: begins with `config : ` or `parsing [`, or with neither. */
  readonly text: string;
}

/** Collects messages; who prints them decides when and where. */
export class Diagnostics {
  readonly messages: Message[] = [];
  alerts = 0;
  warnings = 0;

  add(severity: Severity, text: string): void {
    this.messages.push({ severity, text });
    if (severity === 'ALERT') this.alerts++;
    else if (severity === 'WARNING') this.warnings++;
  }

  alert(text: string): void {
    this.add('ALERT', text);
  }

  warning(text: string): void {
    this.add('WARNING', text);
  }

  notice(text: string): void {
    this.add('NOTICE', text);
  }

  diag(text: string): void {
    this.add('DIAG', text);
  }

  /** `config : parsing [file:line] : text`. */
  alertAt(position: Position, text: string): void {
    this.alert(`config : parsing [${position.file}:${position.line}] : ${text}`);
  }

  warningAt(position: Position, text: string): void {
    this.warning(`config : parsing [${position.file}:${position.line}] : ${text}`);
  }
}

const TAGS: Record<Severity, string> = {
  ALERT: '[ALERT]    ',
  WARNING: '[WARNING]  ',
  NOTICE: '[NOTICE]   ',
  DIAG: '[DIAG]     ',
};

/** One framed line. Continuation lines of a text are kept as they are. */
export function frame(severity: Severity, text: string, pid: number): string {
  return `${TAGS[severity]}(${pid}) : ${text}\n`;
}

/** Prints messages to stderr; before the first alert of the process it says which program speaks. */
export class Printer {
  private introduced = false;
  private readonly write: (text: string) => void;
  private readonly executable: string;
  quiet = false;
  /** Everything printed, for `show startup-logs`. */
  log = '';

  constructor(write: (text: string) => void, executable: string) {
    this.write = write;
    this.executable = executable;
  }

  print(severity: Severity, text: string): void {
    let out = '';
    if (!this.introduced && severity === 'ALERT') {
      this.introduced = true;
      out =
        frame('NOTICE', `haproxy version is ${VERSION}`, process.pid) +
        frame('NOTICE', `path to executable is ${this.executable}`, process.pid);
    }
    out += frame(severity, text, process.pid);
    this.log += out;
    if (!this.quiet) this.write(out);
  }

  printAll(diagnostics: Diagnostics): void {
    for (const { severity, text } of diagnostics.messages) this.print(severity, text);
    diagnostics.messages.length = 0;
  }
}
