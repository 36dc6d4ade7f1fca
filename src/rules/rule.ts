// What an action gives back to the one who runs the rule set (manual 4.3, 4.4).

import type { StreamContext } from '../sample/context.ts';
import type { BandwidthFilter, LogProfile } from '../config/model.ts';
import type { Origin } from '../sample/origin.ts';
import type { HttpMessage } from '../http/message.ts';

/** What happens after an action ran. */
export const Verdict = {
  /** The next rule is looked at. */
  CONTINUE: 0,
  /** No further rule of this set. */
  STOP: 1,
  /** The reply in `RuleTarget.reply`, else the proxy's page for `denyStatus`, is sent to the client. */
  REPLY: 2,
  /** Denied: the proxy's error reply for `RuleTarget.denyStatus` is sent. */
  DENY: 3,
  /** The connection is closed without an answer. */
  REJECT: 4,
  /** More bytes are needed, or a delay runs: the same rule is run again later. */
  WAIT: 5,
  /** An action failed (no memory, rewrite impossible): 500. */
  ERROR: 6,
  /** Close without telling the peer (silent-drop). */
  DROP: 7,
  /** Held for timeout tarpit, then answered as DENY. */
  TARPIT: 8,
  /** The connection to the server is closed; what it has said so far still goes to the client. */
  CLOSE: 9,
  /** A service of the program answers (use-service). */
  SERVICE: 10,
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** A reply made by a rule: `return`, `redirect`, `deny` with content. */
export interface LocalReply {
  readonly status: number;
  readonly reason: string;
  /** Lower-case names; content-length is added by the sender unless `raw` is set. */
  readonly headers: readonly (readonly [string, string])[];
  /** content-type, sent behind content-length; null where there is none. */
  readonly contentType: string | null;
  readonly body: string;
  /** A whole HTTP/1 message to be sent as it is (error files); then the fields above are ignored. */
  readonly raw: string | null;
}

/** What an action may touch beyond reading: implemented by the stream. */
export interface RuleTarget extends StreamContext {
  /** The message of the current direction; actions exist in HTTP rule sets only where it is present. */
  readonly message: HttpMessage;
  reply: LocalReply | null;
  denyStatus: number;
  /** What the error reply asks the client for (http-request auth): the value of its www-authenticate. */
  challenge: string | null;
  /** silent-drop: how many hops the reset may travel; 0 for no reset. Set with every DROP. */
  dropTtl: number;
  logLevel: number;
  /** http-request strict-mode and its kin: on again with each rule set. */
  strict: boolean;
  /** Counts an edit that found no room, and says what follows: ERROR in strict mode, else CONTINUE. */
  rewriteFailed(): Verdict;
  /** Makes a log line now (do-log); `profile`: in place of those of the log targets. */
  logNow(origin: Origin, profile: LogProfile | null): void;
  /** Header lines of `http-request early-hint` collected until the next other rule. */
  sendEarlyHints(lines: readonly (readonly [string, string])[]): void;
  setSource(address: import('../sample/context.ts').Endpoint): void;
  setDestination(address: import('../sample/context.ts').Endpoint): void;
  /** Overrides for this stream, ms. */
  setTimeout(kind: 'server' | 'tunnel' | 'client' | 'connect' | 'queue' | 'tarpit', ms: number): void;
  setRetries(count: number): void;
  setPriority(kind: 'class' | 'offset', value: number): void;
  /** Asks for the body: true once enough is buffered (or the time is over). */
  waitForBody(timeMs: number, atLeast: number): boolean;
  /** Starts or continues a pause of `ms`; true once it is over. */
  paused(ms: number): boolean;
  disableRetries(): void;
  captureRequest(slot: number, value: string): void;
  captureResponse(slot: number, value: string): void;
  /** The netfilter mark or TOS byte of what goes to the client from now on; what the kernel refuses is left as it is. */
  setClientPackets(kind: 'mark' | 'tos', value: number): void;
  /** The same for the connection to the server that is still to be made. */
  setServerPackets(kind: 'mark' | 'tos', value: number): void;
  /** Puts a bandwidth limit in force, in bytes for each `periodMs`; one that is in force already is changed. */
  limitBandwidth(filter: BandwidthFilter, limit: number, periodMs: number): void;
  /** tcp-request connection expect-proxy layer4. */
  expectProxy(): void;
}

/** Runs once per stream that reaches the rule; compiled at load. */
export interface RuleAction {
  /** Keyword, for `show` and logs. */
  readonly name: string;
  readonly needsHttp: boolean;
  /** A final action that lets some requests pass all the same, such as a redirect with ignore-empty. */
  readonly mayPass?: boolean;
  run(target: RuleTarget): Verdict;
}

/** Rule families, by the words that open the line. */
export const RuleSet = {
  TCP_REQUEST_CONNECTION: 'tcp-request connection',
  TCP_REQUEST_SESSION: 'tcp-request session',
  TCP_REQUEST_CONTENT: 'tcp-request content',
  TCP_RESPONSE_CONTENT: 'tcp-response content',
  HTTP_REQUEST: 'http-request',
  HTTP_RESPONSE: 'http-response',
  HTTP_AFTER_RESPONSE: 'http-after-response',
} as const;
export type RuleSet = (typeof RuleSet)[keyof typeof RuleSet];
