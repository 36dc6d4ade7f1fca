// Compiles a log-format string (manual 8.2.6) to an array of small functions whose texts are joined.

import { ConfigError, type ParseContext } from '../registry/define.ts';
import type { SampleTables } from '../registry/registry.ts';
import { type Alias, ALIASES } from './aliases.ts';
import { parseExpression } from './compile.ts';
import type { StreamContext } from './context.ts';
import { encoderOf, type Encoder, expressionReader, forced, type ForcedType, integerOf } from './encode.ts';
import type { Encoding, ItemReader } from './encode.ts';
import { CAPTURE_SET, CONTROL_SET, escapeBytes, escapeStructured, HEADER_SET } from './escape.ts';
import { type Expression, Phase } from './expression.ts';
import type { Line } from './line.ts';
import type { LogFormat } from './logformat.ts';

/** Format of `option httplog` (manual 8.2.3), also HAPROXY_HTTP_LOG_FMT. */
export const HTTP_LOG_FORMAT =
  '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r';
/** Format of `option httplog clf`, also HAPROXY_HTTP_CLF_LOG_FMT. */
export const HTTP_CLF_LOG_FORMAT =
  '%{+Q}o %{-Q}ci - - [%trg] %r %ST %B "" "" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc ' +
  '%ac %fc %bc %sc %rc %sq %bq %CC %CS %hrl %hsl';
/**
 * Format of `option httpslog` (manual 8.2.4). What it says of TLS stands as HAProxy writes it for connections without:
 * there are no others. HAPROXY_HTTPS_LOG_FMT keeps the expressions.
 */
export const HTTPS_LOG_FORMAT = `${HTTP_LOG_FORMAT} 0/-/-/-/0 -/-/-`;
/** Format of `option tcplog` (manual 8.2.2), also HAPROXY_TCP_LOG_FMT. */
export const TCP_LOG_FORMAT = '%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq';
/** Format of `option tcplog clf`, also HAPROXY_TCP_CLF_LOG_FMT. */
export const TCP_CLF_LOG_FORMAT =
  '%{+Q}o %{-Q}ci - - [%T] "TCP " 000 %B "" "" %cp %ms %ft %b %s %Th %Tw %Tc %Tt %U %ts-- ' +
  '%ac %fc %bc %sc %rc %sq %bq "" "" ';
export interface FormatOptions {
  /** 'log': '-' for missing values, `#XX` for unsafe bytes. 'http': nothing for missing values, `%XX`. */
  readonly purpose: 'log' | 'http';
  /** Runs of spaces become one (log-format, log-format-sd, unique-id-format). */
  readonly mergeSpaces: boolean;
}

type Part = (stream: StreamContext) => string;
type WritePart = (stream: StreamContext, line: Line) => void;

/** What gives a text, and what writes it where that is more than copying the text. */
interface Making {
  readonly text: Part;
  readonly write: WritePart;
}

/** Text that is always the same, or what makes it. */
type Piece = string | Part | Making;

interface Flags {
  quote: boolean;
  hex: boolean;
  escape: boolean;
  binary: boolean;
  /** What is missing is written as '-'. */
  mandatory: boolean;
  encoding: Encoding;
}

/** What `%(name:type)` said. */
interface Named {
  readonly name: string;
  readonly type: ForcedType;
}

const UNNAMED: Named = { name: '', type: 'own' };

const TABLE: ReadonlyMap<string, Alias> = new Map(ALIASES.map((alias) => [alias.name, alias]));
/** Written without quotes, and yet no numbers. */
const DATES_AND_FLAGS = new Set(['T', 'Tl', 't', 'tr', 'trg', 'trl', 'ts', 'tsc']);

class CompiledFormat implements LogFormat {
  readonly source: string;
  readonly constant: string | null;
  readonly needsHttp: boolean;
  /** Renders to latin1 text. */
  readonly render: Part;
  /** Made when the first line is logged: most formats never are. */
  write: WritePart;

  constructor(source: string, constant: string | null, needsHttp: boolean, parts: readonly Piece[]) {
    this.source = source;
    this.constant = constant;
    this.needsHttp = needsHttp;
    this.render = join(parts);
    this.write = (stream, line) => {
      this.write = joinWriting(parts);
      this.write(stream, line);
    };
  }
}

/**
 * One function that joins all pieces. It is generated so that each piece has a call site of its own: V8 then inlines
 * them, and a log line costs half of what a loop over an array of functions costs. The generated text holds nothing
 * but numbered names.
 */
function join(pieces: readonly Piece[]): Part {
  if (pieces.length === 0) return () => '';
  const names = pieces.map((_piece, index) => `p${index}`);
  const terms = pieces.map((piece, index) =>
    typeof piece === 'string' ? names[index]! : `${names[index]!}(s)`,
  );
  const body = `return (s) => '' + ${terms.join(' + ')};`;
  const makers = pieces.map((piece) => (typeof piece === 'object' ? piece.text : piece));
  return (new Function(...names, body) as (...args: readonly (string | Part)[]) => Part)(...makers);
}

/** The same for log lines: single bytes between the pieces are numbers in the generated text. */
function joinWriting(pieces: readonly Piece[]): WritePart {
  const names = pieces.map((_piece, index) => `p${index}`);
  const steps = pieces.map((piece, index) => {
    const name = names[index]!;
    if (typeof piece === 'object') return `${name}(s, l);`;
    if (typeof piece === 'function') return `l.text(${name}(s));`;
    return piece.length === 1 ? `l.byte(${piece.charCodeAt(0)});` : `l.text(${name});`;
  });
  const body = `return (s, l) => { ${steps.join(' ')} };`;
  const makers = pieces.map((piece) => (typeof piece === 'object' ? piece.write : piece));
  return (new Function(...names, body) as (...args: readonly (string | Part | WritePart)[]) => WritePart)(
    ...makers,
  );
}

/** A format that is the same text for all streams. */
export function constantFormat(text: string): LogFormat {
  return new CompiledFormat(text, text, false, text === '' ? [] : [text]);
}

/**
 * Compiles a format. Without options they follow from `phases`: formats that run when a stream is logged are made for
 * logs, others for headers and payloads. Throws ConfigError in HAProxy's words.
 */
export function compileLogFormat(
  source: string,
  phases: number,
  context: ParseContext,
  tables: SampleTables,
  options: FormatOptions = {
    purpose: (phases & Phase.LOG) === 0 ? 'http' : 'log',
    mergeSpaces: (phases & Phase.LOG) !== 0,
  },
): LogFormat {
  return new Compiler(source, phases, context, tables, options).run();
}

class Compiler {
  private readonly source: string;
  private readonly phases: number;
  private readonly context: ParseContext;
  private readonly tables: SampleTables;
  private readonly options: FormatOptions;
  private readonly parts: Piece[] = [];
  private readonly defaults: Flags = {
    quote: false,
    hex: false,
    escape: false,
    binary: false,
    mandatory: false,
    encoding: 'none',
  };
  /** The whole is one object of named items: what `%{+json}o` began. */
  private object: Encoder | null = null;
  private pairs = 0;
  private text = '';
  private needsHttp = false;
  private at = 0;

  constructor(
    source: string,
    phases: number,
    context: ParseContext,
    tables: SampleTables,
    options: FormatOptions,
  ) {
    this.source = source;
    this.phases = phases;
    this.context = context;
    this.tables = tables;
    this.options = options;
    this.defaults.mandatory = options.purpose === 'log';
  }

  run(): LogFormat {
    const { source } = this;
    let swallow = false;
    while (this.at < source.length) {
      const char = source[this.at]!;
      if (char === '%') {
        swallow = this.readItem();
      } else {
        this.at++;
        const space = char === ' ' || char === '\t';
        if (space && this.options.mergeSpaces && (swallow || this.text.endsWith(' '))) continue;
        swallow = false;
        this.text += space && this.options.mergeSpaces ? ' ' : char;
      }
    }
    if (this.object !== null) this.text = this.pairs === 0 ? this.object.open : '';
    if (this.object !== null) this.text += this.object.close;
    const constant = this.parts.length === 0 ? this.text : null;
    this.flush();
    return new CompiledFormat(source, constant, this.needsHttp, this.parts);
  }

  private flush(): void {
    const { text } = this;
    if (text === '') return;
    this.text = '';
    this.parts.push(text);
  }

  /** Reads what follows a '%'. Tells whether a space behind it is dropped (after %o). */
  private readItem(): boolean {
    const { source } = this;
    const start = ++this.at;
    if (start >= source.length) throw new ConfigError("truncated line after '%'");
    if (source[start] === '%') {
      this.at++;
      this.text += '%';
      return false;
    }
    const named = this.readName();
    const flags = this.readFlags();
    const opener = source[this.at];
    // Only %o may ask for raw bytes.
    const { binary } = flags;
    flags.binary = this.defaults.binary;
    if (opener === '[') {
      this.readExpression(flags, named);
      return false;
    }
    const name = /^[A-Za-z0-9]*/.exec(source.slice(this.at))![0];
    if (name === '') {
      if (this.at >= source.length) throw new ConfigError(`truncated line after '${source.slice(start)}'`);
      throw new ConfigError(
        `unexpected variable name near '${source[this.at]!}' at position ${this.at + 1} line : '${source}'. ` +
          "Maybe you want to write a single '%', use the syntax '%%'",
      );
    }
    this.at += name.length;
    if (name === 'o') {
      Object.assign(this.defaults, flags, { binary });
      if (flags.encoding !== 'none') {
        this.object = encoderOf(flags.encoding, binary);
        this.text = '';
        this.parts.length = 0;
      }
      return this.options.mergeSpaces;
    }
    this.addAlias(name, flags, named);
    return false;
  }

  /** `(name)` or `(name:type)`: only encodings use it. */
  private readName(): Named {
    if (this.source[this.at] !== '(') return UNNAMED;
    const close = this.source.indexOf(')', this.at);
    if (close < 0) throw new ConfigError(`truncated line after '${this.source.slice(this.at)}'`);
    const inner = this.source.slice(this.at + 1, close);
    const colon = inner.indexOf(':');
    const type = colon < 0 ? 'own' : inner.slice(colon + 1);
    if (colon >= 0 && type !== 'str' && type !== 'sint' && type !== 'bool') {
      throw new ConfigError(`unexpected type '${type}': only 'str', 'sint' or 'bool' are supported`);
    }
    this.at = close + 1;
    return { name: colon < 0 ? inner : inner.slice(0, colon), type: type as ForcedType };
  }

  private readFlags(): Flags {
    const flags = { ...this.defaults };
    if (this.source[this.at] !== '{') return flags;
    const close = this.source.indexOf('}', this.at);
    if (close < 0) throw new ConfigError(`truncated line after '${this.source.slice(this.at + 1)}'`);
    for (const word of this.source.slice(this.at + 1, close).split(',')) {
      if (word === '') continue;
      const on = !word.startsWith('-');
      const name = word.startsWith('+') || word.startsWith('-') ? word.slice(1) : word;
      if (name === 'Q') flags.quote = on;
      else if (name === 'X') flags.hex = on;
      else if (name === 'E') flags.escape = on;
      else if (name === 'M') flags.mandatory = on;
      else if (name === 'bin') flags.binary = on;
      else if (name === 'json' || name === 'cbor') flags.encoding = on ? name : 'none';
      else throw new ConfigError(`unknown log-format flag '${name}'`);
    }
    this.at = close + 1;
    return flags;
  }

  /** Adds an item in its encoding; false where it has none and is written as text. */
  private addEncoded(read: ItemReader, flags: Flags, { name, type }: Named): boolean {
    const { object } = this;
    if (object === null && flags.encoding === 'none') return false;
    if (object !== null && name === '') return true;
    const encoder = object ?? encoderOf(flags.encoding, flags.binary)!;
    if (object !== null) this.text = (this.pairs++ === 0 ? object.open : object.between) + object.key(name);
    this.flush();
    if (type === 'own') this.parts.push((stream) => encoder.value(read(stream)));
    else {
      this.parts.push((stream) => {
        const value = read(stream);
        const list = typeof value === 'object' && value !== null;
        return encoder.value(list ? value.map((one) => forced(one, type)) : forced(value, type));
      });
    }
    return true;
  }

  private addAlias(name: string, flags: Flags, named: Named): void {
    const alias = TABLE.get(name);
    if (alias === undefined) {
      throw new ConfigError(
        `no such format alias '${name}'. If you wanted to emit the '%' character verbatim, you need to use '%%'`,
      );
    }
    if (alias.logOnly && (this.phases & Phase.LOG) === 0) {
      throw new ConfigError(`format alias '${name}' is only available in log formats`);
    }
    this.needsHttp ||= alias.needsHttp;
    if (this.addEncoded(aliasReader(alias, flags), flags, named)) return;
    this.flush();
    const missing = flags.mandatory ? '-' : '';
    if (alias.list !== undefined) {
      const clf = name.endsWith('l');
      this.addOptional(clf ? listPart(alias.list, flags) : capturePart(alias.text, flags));
      return;
    }
    const hex = flags.hex && alias.hex !== undefined;
    if (alias.write !== undefined && !hex && !alias.quotes) {
      this.parts.push({ text: alias.text, write: alias.write });
      return;
    }
    const text = hex ? alias.hex! : alias.text;
    this.parts.push(decorate(text, alias.quotes && flags.quote, alias.quotes && flags.escape, missing));
  }

  /** Captures write nothing at all where there are none; in logs the space behind them then goes too. */
  private addOptional(text: Part): void {
    if (!this.options.mergeSpaces || this.source[this.at] !== ' ') {
      this.parts.push(text);
      return;
    }
    while (this.source[this.at] === ' ') this.at++;
    this.parts.push((stream) => {
      const value = text(stream);
      return value === '' ? '' : value + ' ';
    });
  }

  private readExpression(flags: Flags, named: Named): void {
    const { source } = this;
    const start = this.at + 1;
    let parsed;
    try {
      parsed = parseExpression(source, start, this.context, this.tables);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new ConfigError(`failed to parse sample expression <${source.slice(start)}> : ${error.message}`);
    }
    const { expression, end } = parsed;
    if (end >= source.length) throw new ConfigError(`missing ']' after '${source.slice(start)}'`);
    if (source[end] !== ']') {
      throw new ConfigError(`expected ']' after '${expression.source}', but found '${source[end]!}'`);
    }
    if ((expression.phases & this.phases) === 0) {
      throw new ConfigError(
        `sample fetch <${source.slice(start)}> may not be reliably used here because it needs ` +
          `'${expression.needs}' which is not available here`,
      );
    }
    this.at = end + 1;
    this.needsHttp ||= expression.needsHttp;
    if (this.addEncoded(expressionReader(expression, named.type), flags, named)) return;
    if (expression.constant) this.addConstant(expression, flags);
    else {
      this.flush();
      this.parts.push(this.expressionPart(expression, flags));
    }
  }

  private addConstant(expression: Expression, flags: Flags): void {
    this.text += this.expressionPart(expression, flags)(undefined as unknown as StreamContext);
  }

  private expressionPart(expression: Expression, flags: Flags): Part {
    const log = this.options.purpose === 'log';
    const missing = log && flags.mandatory ? '-' : '';
    const set = log ? CONTROL_SET : HEADER_SET;
    const mark = log ? '#' : '%';
    if (flags.binary) return (stream) => expression.text(stream) ?? missing;
    const text: Part = (stream) => {
      const value = expression.text(stream);
      return value === null ? '' : escapeBytes(value, set, mark);
    };
    // A value for a header is never put between quotes: they would be part of it.
    return decorate(text, flags.quote && log, flags.escape, missing);
  }
}

/** What an encoding sees of an alias: numbers without the sign of an unfinished count, nothing where logs have '-'. */
function aliasReader(alias: Alias, flags: Flags): ItemReader {
  const { list } = alias;
  if (list !== undefined && alias.name.endsWith('l')) return (stream) => list(stream);
  const text = flags.hex && alias.hex !== undefined ? alias.hex : alias.text;
  if (alias.quotes || text === alias.hex || DATES_AND_FLAGS.has(alias.name)) {
    return (stream) => text(stream) || null;
  }
  return (stream) => integerOf(text(stream));
}

/** Adds quotes, escapes, and the sign for a missing value. */
function decorate(text: Part, quote: boolean, escape: boolean, missing: string): Part {
  if (quote && escape) return (stream) => '"' + escapeStructured(text(stream)) + '"';
  if (quote) return (stream) => '"' + text(stream) + '"';
  if (missing === '') return escape ? (stream) => escapeStructured(text(stream)) : text;
  return (stream) => {
    const value = text(stream);
    if (value === '') return missing;
    return escape ? escapeStructured(value) : value;
  };
}

/** `{a|b}`, with the flags around it. */
function capturePart(captures: Part, flags: Flags): Part {
  if (!flags.quote && !flags.escape) return captures;
  return (stream) => {
    const text = captures(stream);
    if (text === '') return '';
    const clean = flags.escape ? escapeStructured(text) : text;
    return flags.quote ? '"' + clean + '"' : clean;
  };
}

/** CLF style: one field per capture, a space between. */
function listPart(values: (stream: StreamContext) => readonly (string | null)[], flags: Flags): Part {
  return (stream) => {
    const list = values(stream);
    let text = '';
    for (let index = 0; index < list.length; index++) {
      if (index > 0) text += ' ';
      const value = list[index] ?? null;
      let clean = value === null ? '' : escapeBytes(value, CAPTURE_SET, '#');
      if (flags.escape) clean = escapeStructured(clean);
      text += flags.quote ? '"' + clean + '"' : value === null ? '-' : clean;
    }
    return text;
  };
}
