// Configuration files to section handlers, line by line. A pure function of its sources, environment and files, so
// that any thread can repeat it. It collects every error instead of stopping at the first one, except where HAProxy
// itself reads no further.

import { Blocks, Next } from './blocks.ts';
import type { Facts } from './conditions.ts';
import type { Diagnostics, Position } from './diagnostics.ts';
import { Environment } from './environment.ts';
import type { FileStore } from './files.ts';
import { formatEmptyWord, formatLexError, isLexError, lexLine } from './lexer.ts';
import type { Line } from './lexer.ts';

/** Where a line stands, and where its words stand in it. One object for each line: handlers may keep it. */
export interface LinePosition extends Position {
  /** Offset of each word in the line, from 0. */
  readonly columns: readonly number[];
  /** Whether any part of each word was quoted. */
  readonly quoted: readonly boolean[];
  /** The line as it is in the file, without its end. */
  readonly source: string;
}

/**
 * What a handler answers: nothing to go on (errors are in the diagnostics), or `abort` where HAProxy reads no
 * further after this error, for example a proxy without a name.
 */
export type Outcome = 'abort' | undefined | void;

/** One open section. */
export interface SectionHandler {
  /** The line with the section keyword; `words[0]` is that keyword. */
  start(words: readonly string[], position: LinePosition): Outcome;
  /** Any other line of the section; `words` has at least one. */
  keyword(words: readonly string[], position: LinePosition): Outcome;
  /** The next section keyword or the end of the file has come. */
  end(): Outcome;
}

/** Makes the handler for one occurrence of a section keyword. */
export type SectionFactory = (diagnostics: Diagnostics) => SectionHandler;

/** A configuration file; `text` is latin1. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

export interface ReaderOptions {
  readonly sources: readonly Source[];
  readonly environment: Environment;
  readonly diagnostics: Diagnostics;
  readonly sections: ReadonlyMap<string, SectionFactory>;
  /** For conditions; `defined()` is answered from the environment. */
  readonly facts: Omit<Facts, 'defined'>;
  /** Sees every line that is read, conditional directives excepted: for -dC. */
  readonly observe?: (words: readonly string[], position: LinePosition, isSection: boolean) => void;
}

/**
 * Reads all sources in order.
 *
 * @returns true when no alert was raised; false when the configuration must be refused.
 */
export function readConfiguration(options: ReaderOptions): boolean {
  const { diagnostics } = options;
  const before = diagnostics.alerts;
  for (const source of options.sources) {
    const alerts = diagnostics.alerts;
    const completed = new FileReader(options, source).run();
    if (diagnostics.alerts > alerts) {
      diagnostics.alert(null, `Error(s) found in configuration file : ${source.name}`);
    }
    if (!completed) return false;
  }
  if (diagnostics.alerts === before) return true;
  diagnostics.alert(null, 'Fatal errors found in configuration.');
  return false;
}

/** One file. A section never continues in the next file. */
class FileReader {
  private readonly options: ReaderOptions;
  private readonly source: Source;
  private readonly blocks: Blocks;
  private section: SectionHandler | null = null;

  constructor(options: ReaderOptions, source: Source) {
    this.options = options;
    this.source = source;
    const { environment, facts, diagnostics } = options;
    this.blocks = new Blocks(
      { ...facts, defined: (name) => environment.get(name) !== undefined },
      diagnostics,
    );
    environment.file = source.name;
    environment.line = 0;
    environment.section = '';
  }

  /** Returns false where nothing more is to be read, other files included. */
  run(): boolean {
    const { text, name: file } = this.source;
    const { diagnostics, environment } = this.options;
    let line = 0;
    let next: Next = Next.LINE;
    for (let from = 0; from < text.length && next === Next.LINE;) {
      const lf = text.indexOf('\n', from);
      const end = lf < 0 ? text.length : lf;
      environment.line = ++line;
      next = this.readLine(text.slice(from, end), { file, line });
      if (lf < 0 && next === Next.LINE) {
        const missing = `Missing LF on last line, file might have been truncated at position ${end - from + 1}.`;
        // HAProxy looks for this before it reads anything for good, and then says nothing else.
        diagnostics.retract();
        diagnostics.alert({ file, line }, missing, 'tight');
      }
      from = end + 1;
    }
    if (next === Next.ABORT) return false;
    if (!this.blocks.finish({ file, line: Math.max(1, line) })) return false;
    return this.endSection() && next !== Next.STOP;
  }

  private readLine(raw: string, position: Position): Next {
    const nul = raw.indexOf('\0');
    if (nul < 0) return this.readText(raw, position);
    const next = this.readText(raw.slice(0, nul), position);
    if (next !== Next.LINE) return next;
    this.options.diagnostics.alert(position, `Stray NUL character at position ${nul + 1}.`, 'tight');
    return Next.END_FILE;
  }

  private readText(text: string, position: Position): Next {
    const { diagnostics, environment } = this.options;
    const lexed = lexLine(text, environment);
    if (isLexError(lexed)) {
      // Inside a skipped block too: such a line could be the end of the block.
      diagnostics.alert(position, formatLexError(lexed, text), 'tight');
      return Next.LINE;
    }
    const { words } = lexed;
    if (words.length === 0) return Next.LINE;
    const first = words[0]!;
    if (first.charCodeAt(0) === 0x2e) {
      if (this.blocks.skipping && !Blocks.isDirective(first)) return Next.LINE;
      return this.blocks.directive(words, position);
    }
    if (this.blocks.skipping) return Next.LINE;
    if (lexed.emptyWord >= 0) {
      diagnostics.alert(position, formatEmptyWord(lexed, text), 'tight');
      return Next.LINE;
    }
    const { file, line } = position;
    const { columns, quoted } = lexed;
    return this.dispatch(lexed, { file, line, columns, quoted, source: text }) ? Next.LINE : Next.ABORT;
  }

  private dispatch(lexed: Line, position: LinePosition): boolean {
    const { diagnostics, environment, observe, sections } = this.options;
    const { words } = lexed;
    const first = words[0]!;
    const factory = sections.get(first);
    observe?.(words, position, factory !== undefined);
    if (factory !== undefined) {
      if (!this.endSection()) return false;
      environment.section = words[1] ?? first;
      this.section = factory(diagnostics);
      return this.section.start(words, position) !== 'abort';
    }
    if (this.section !== null) return this.section.keyword(words, position) !== 'abort';
    diagnostics.alert(position, `unknown keyword '${first}' out of section.`, 'tight');
    return true;
  }

  private endSection(): boolean {
    const { section } = this;
    this.section = null;
    return section === null || section.end() !== 'abort';
  }
}

/**
 * Reads what -f names: a file, or the `*.cfg` files of a folder in lexical order (hidden ones excepted).
 * A name that cannot be read is an alert, and the result is then undefined.
 */
export function loadSources(
  paths: readonly string[],
  files: FileStore,
  diagnostics: Diagnostics,
): Source[] | undefined {
  const sources: Source[] = [];
  for (const path of paths) {
    for (const name of files.isFolder(path) ? folderFiles(path, files) : [path]) {
      const result = files.read(name);
      if ('error' in result) {
        diagnostics.alert(null, `Cannot open configuration file/directory ${name} : ${result.error}`);
        return undefined;
      }
      sources.push({ name, text: result.text });
    }
  }
  return sources;
}

function folderFiles(path: string, files: FileStore): string[] {
  const result = files.list(path);
  if ('error' in result) return [];
  const slash = path.endsWith('/') ? '' : '/';
  return result.names
    .filter((name) => name.endsWith('.cfg') && !name.startsWith('.') && !files.isFolder(path + slash + name))
    .map((name) => path + slash + name);
}
