// One attempt: connect, perhaps a PROXY header, perhaps an exchange, with the timeouts of manual 4.2 `timeout check`.

import { CheckStatus, type CheckResult } from './status.ts';

/** Time, injected. `after` answers what `cancel` wants. */
export interface CheckTimers {
  now(): number;
  after(ms: number, task: () => void): unknown;
  cancel(handle: unknown): void;
}

/** Where a check connects to: an address and port, or a unix path with port 0. */
export interface CheckTarget {
  readonly host: string;
  readonly port: number;
  /** Where it comes from (manual: source); null for the kernel's choice. */
  readonly source: CheckSource | null;
}

export interface CheckSource {
  /** An IP address, '' for the kernel's choice. */
  readonly host: string;
  /** 0 for the kernel's choice. */
  readonly port: number;
  /** The interface that the check is bound to, or null. */
  readonly interfaceName: string | null;
}

/** What a connection reports; nothing after `onClosed` or `onError`. */
export interface CheckEvents {
  /** `local` and `localPort`: our end. */
  onConnected(local: string, localPort: number): void;
  /** Bytes as latin1. */
  onBytes(text: string): void;
  onClosed(): void;
  /** `code`: an errno name such as ECONNREFUSED. `connected`: whether it had been established. */
  onError(code: string, connected: boolean): void;
}

export interface CheckConnection {
  /** `text`: latin1 bytes. */
  send(text: string): void;
  close(): void;
}

/** Opens connections; never calls an event before it has returned. */
export interface Dialer {
  dial(target: CheckTarget, events: CheckEvents): CheckConnection;
}

/** What an exchange concludes from the bytes so far: a verdict, or null to wait for more. */
export interface Verdict {
  readonly status: CheckStatus;
  readonly code: number;
  readonly info: string;
}

/** An application-level check: what to send and how to judge the answer. */
export interface Exchange {
  readonly request: string;
  /** `received`: all bytes so far, latin1. `over`: no more will come. */
  judge(received: string, over: boolean): Verdict | null;
}

export interface ProbeSettings {
  readonly target: CheckTarget;
  /** Milliseconds to connect, and to do the rest once connected; the latter 0: all within `connectMs`. */
  readonly connectMs: number;
  readonly answerMs: number;
  /** 0 none, else the version of the PROXY protocol. */
  readonly proxy: 0 | 1 | 2;
}

/** PROXY v2, LOCAL command: the connection is the proxy's own. */
const PROXY_V2_LOCAL = '\r\n\r\n\0\r\nQUIT\n\x20\0\0\0';

/** What our own end can fail with: not the server's fault. */
const LOCAL_ERRORS = ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'EADDRINUSE', 'ENODEV', 'EPERM'];

/** Most bytes of an answer that are looked at. */
const ANSWER_MAX = 16384;

/** Runs one check; `done` is called once, unless `abort` comes first. */
export class Probe implements CheckEvents {
  private readonly timers: CheckTimers;
  private readonly settings: ProbeSettings;
  private readonly exchange: Exchange | null;
  private readonly done: (result: CheckResult) => void;
  private readonly began: number;
  private connection: CheckConnection | null = null;
  private timer: unknown;
  private connected = false;
  private over = false;
  private received = '';

  constructor(
    dialer: Dialer,
    timers: CheckTimers,
    settings: ProbeSettings,
    exchange: Exchange | null,
    done: (result: CheckResult) => void,
  ) {
    this.timers = timers;
    this.settings = settings;
    this.exchange = exchange;
    this.done = done;
    this.began = timers.now();
    this.timer = timers.after(settings.connectMs, () => this.expire());
    this.connection = dialer.dial(settings.target, this);
  }

  /** Gives up without a result. */
  abort(): void {
    this.end();
  }

  onConnected(local: string, localPort: number): void {
    if (this.over) return;
    this.connected = true;
    if (this.settings.answerMs > 0) {
      this.timers.cancel(this.timer);
      this.timer = this.timers.after(this.settings.answerMs, () => this.expire());
    }
    const { target, proxy } = this.settings;
    let text = '';
    if (proxy === 2) text = PROXY_V2_LOCAL;
    else if (proxy === 1) {
      const family = target.port === 0 ? 'UNKNOWN' : target.host.includes(':') ? 'TCP6' : 'TCP4';
      const ends = family === 'UNKNOWN' ? '' : ` ${local} ${target.host} ${localPort} ${target.port}`;
      text = `PROXY ${family}${ends}\r\n`;
    }
    if (this.exchange !== null) text += this.exchange.request;
    if (text !== '') this.connection!.send(text);
    if (this.exchange === null) this.finish(CheckStatus.L4OK, 0, '');
  }

  onBytes(text: string): void {
    if (this.over || this.exchange === null) return;
    this.received += text;
    this.judge(this.received.length >= ANSWER_MAX);
  }

  onClosed(): void {
    if (!this.over) this.judge(true);
  }

  onError(code: string, connected: boolean): void {
    if (this.over) return;
    if (!connected) {
      const local = LOCAL_ERRORS.includes(code);
      const info =
        code === 'ENETUNREACH' ? 'General socket error (Network is unreachable)' : `${code} returned by OS`;
      this.finish(local ? CheckStatus.SOCKERR : CheckStatus.L4CON, 0, info);
    } else this.judge(true);
  }

  private judge(over: boolean): void {
    const verdict = this.exchange!.judge(this.received, over);
    if (verdict !== null) this.finish(verdict.status, verdict.code, verdict.info);
    else if (over) this.finish(CheckStatus.L7RSP, 0, '');
  }

  /**
   * A thread that was busy sees its timers before what has arrived meanwhile: a server that answered in time is not to
   * pay for that. One more millisecond lets the loop look at its sockets first.
   */
  private expire(): void {
    this.timer = this.timers.after(1, () => this.giveUp());
  }

  private giveUp(): void {
    this.finish(this.connected ? CheckStatus.L7TOUT : CheckStatus.L4TOUT, 0, '');
  }

  private finish(status: CheckStatus, code: number, info: string): void {
    if (this.over) return;
    this.end();
    this.done({ status, code, info, durationMs: Math.round(this.timers.now() - this.began) });
  }

  private end(): void {
    this.over = true;
    this.timers.cancel(this.timer);
    this.connection?.close();
    this.connection = null;
  }
}
