// Messages of other programs, taken apart and put together again in another format (RFC 3164, RFC 5424; manual 12.6).

import { isoDate, shortDate } from '../header.ts';
import type { LogTargetFormat } from '../../config/model.ts';

/** A message as it came. Texts are latin1; '' stands for a field that is not there. */
export interface SyslogMessage {
  /** -1 without a priority. */
  readonly facility: number;
  readonly level: number;
  /** What it is nearest to: where no format is asked for, it goes out in this one. */
  readonly format: 'rfc5424' | 'rfc3164' | 'priority' | 'raw';
  /** Milliseconds since 1970, -1 without a date. */
  readonly atMs: number;
  /** The date as written. */
  readonly date: string;
  readonly host: string;
  readonly tag: string;
  readonly pid: string;
  readonly msgid: string;
  /** Structured data. */
  readonly sd: string;
  readonly text: string;
}

export type HostOption = 'replace' | 'fill' | 'keep' | 'append';

const DAY_MS = 86_400_000;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
/** VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID; structured data is read by hand. */
const NEW_STYLE = /^1 (\S+) (\S+) (\S+) (\S+) (\S+) /;
const OLD_STYLE = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) /;
const TAG = /^([^\s[\]:]{1,48})(?:\[([^\]\s]*)\])?: ?/;

const dash = (text: string): string => (text === '-' ? '' : text);

/** Takes a message apart; what it cannot find is left in the text. `nowMs` gives old-style dates their year. */
export function parseSyslog(message: string, nowMs: number): SyslogMessage {
  const found = /^<(\d{1,3})>/.exec(message);
  const priority = found === null ? -1 : Number(found[1]);
  const known = priority >= 0 && priority < 192;
  const rest = known ? message.slice(found![0].length) : message;
  const none = { atMs: -1, date: '', host: '', tag: '', pid: '', msgid: '', sd: '' };
  const base = {
    ...none,
    facility: known ? priority >> 3 : -1,
    level: known ? priority & 7 : -1,
    format: known ? ('priority' as const) : ('raw' as const),
    text: rest,
  };
  if (!known) return base;
  const modern = NEW_STYLE.exec(rest);
  if (modern !== null) {
    const [whole, date, host, tag, pid, msgid] = modern;
    const end = structuredEnd(rest, whole.length);
    if (end > 0) {
      const sd = dash(rest.slice(whole.length, end));
      const atMs = date === '-' ? -1 : Date.parse(date!);
      const fields = { date: dash(date!), host: dash(host!), tag: dash(tag!), pid: dash(pid!) };
      const text = rest.slice(end + 1);
      return {
        ...base,
        ...fields,
        format: 'rfc5424',
        atMs: Number.isNaN(atMs) ? -1 : atMs,
        msgid: dash(msgid!),
        sd,
        text,
      };
    }
  }
  const old = OLD_STYLE.exec(rest);
  if (old === null || !MONTHS.includes(old[1]!)) return base;
  return { ...base, format: 'rfc3164', ...oldStyle(rest, old, nowMs) };
}

function oldStyle(rest: string, date: RegExpExecArray, nowMs: number): Partial<SyslogMessage> {
  let text = rest.slice(date[0].length);
  let host = '';
  if (!TAG.test(text)) {
    const end = text.indexOf(' ');
    if (end > 0 && /^[A-Za-z0-9._:%-]+$/.test(text.slice(0, end)) && !text.slice(0, end).endsWith(':')) {
      host = text.slice(0, end);
      text = text.slice(end + 1);
    }
  }
  const tag = TAG.exec(text);
  if (tag !== null) text = text.slice(tag[0].length);
  return {
    date: date[0].trimEnd(),
    atMs: oldDate(date, nowMs),
    host,
    tag: tag?.[1] ?? '',
    pid: tag?.[2] ?? '',
    text,
  };
}

/** Without a year: the latest that is not more than a day ahead of `nowMs`, as clocks differ. */
function oldDate([, month, day, hour, minute, second]: RegExpExecArray, nowMs: number): number {
  const year = new Date(nowMs).getFullYear();
  const at = (one: number): number =>
    new Date(
      one,
      MONTHS.indexOf(month!),
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    ).getTime();
  return [year + 1, year].map(at).find((one) => one <= nowMs + DAY_MS) ?? at(year - 1);
}

/** The offset behind structured data that begins at `from`; 0 where there is none. */
function structuredEnd(text: string, from: number): number {
  if (text[from] === '-') return from + 1 === text.length || text[from + 1] === ' ' ? from + 1 : 0;
  let at = from;
  while (text[at] === '[') {
    let quoted = false;
    for (at++; at < text.length && (quoted || text[at] !== ']'); at++) {
      if (quoted && text[at] === '\\') at++;
      else if (text[at] === '"') quoted = !quoted;
    }
    if (at >= text.length) return 0;
    at++;
  }
  return at > from && (at === text.length || text[at] === ' ') ? at : 0;
}

/** The host to name under `option host`; `source`: who sent it, '' where that is no address. */
export function hostOf(message: SyslogMessage, option: HostOption, source: string): string {
  const { host } = message;
  if (source === '' || option === 'keep') return host;
  if (host === '' || option === 'replace') return source;
  return option === 'append' ? `${host},${source}` : host;
}

/** What a message lacks. */
export interface SyslogDefaults {
  readonly facility: number;
  readonly nowMs: number;
}

/** A message in `format`, null for the one that it came in. `level`: after minlevel. */
export function formatSyslog(
  message: SyslogMessage,
  format: LogTargetFormat | null,
  host: string,
  level: number,
  defaults: SyslogDefaults,
): string {
  const { tag, pid, text } = message;
  const shape = format ?? message.format;
  const facility = message.facility < 0 ? defaults.facility : message.facility;
  const atMs = message.atMs < 0 ? defaults.nowMs : message.atMs;
  const dated = message.format === 'rfc5424' && message.date !== '';
  const iso = (): string => {
    if (dated) return message.date;
    if (message.atMs < 0) return isoDate(new Date(atMs), atMs);
    // An old-style date does not say where on earth it is that time: HAProxy 2.6 writes it so too.
    return isoDate(new Date(atMs)).slice(0, 'YYYY-MM-DDThh:mm:ss'.length) + '-00:00';
  };
  const short = (): string =>
    message.format === 'rfc3164' && message.date !== '' ? message.date : shortDate(new Date(atMs));
  const head = tag === '' ? '' : pid === '' ? `${tag}: ` : `${tag}[${pid}]: `;
  switch (shape) {
    case 'rfc5424': {
      const date = message.format === 'rfc5424' && message.date === '' ? '-' : iso();
      const sd = `${message.msgid || '-'} ${message.sd || '-'}`;
      return `<${facility * 8 + level}>1 ${date} ${host || '-'} ${tag || '-'} ${pid || '-'} ${sd} ${text}`;
    }
    case 'rfc3164':
      return `<${facility * 8 + level}>${short()} ${host || 'localhost'} ${head}${text}`;
    case 'local':
      return `<${facility * 8 + level}>${short()} ${head}${text}`;
    case 'priority':
      return `<${facility * 8 + level}>${text}`;
    case 'short':
      return `<${level}>${text}`;
    case 'timed':
      return `<${level}>${iso()} ${text}`;
    case 'iso':
      return `${iso()} ${text}`;
    case 'raw':
      return text;
  }
}
