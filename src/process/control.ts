// The control thread: arguments, check, and the running process. It carries no traffic.

import { hostname } from 'node:os';
import { Diagnostics, Printer } from '../config/diagnostics.ts';
import { checkCondition } from '../config/conditions.ts';
import { factsOf, globalOf } from '../config/load.ts';
import { Environment } from '../config/environment.ts';
import { dumpKeywords } from '../registry/dump.ts';
import { dumpLine, parseDumpOptions } from '../config/dump.ts';
import { Running } from './running.ts';
import { longVersion, versionLine } from './version.ts';
import { parseArguments, type Arguments } from './args.ts';
import { readConfiguration, type ReadConfiguration } from './read-configuration.ts';
import { usage } from './usage.ts';
import { EMULATED_VERSION, VERSION } from '../version.ts';
import { isDaemon, startDaemon } from './daemon.ts';
import { probeReactor } from './probe.ts';

/** Writes all of it before going on: what stands on stderr must not be lost when the process ends. */
function write(fd: 1 | 2, text: string): void {
  (fd === 1 ? process.stdout : process.stderr).write(text);
}

export async function main(argv: readonly string[], entry: URL): Promise<void> {
  const args = parseArguments(argv);
  if (args.error !== null) {
    write(2, `${args.error}\n${usage()}`);
    process.exitCode = 1;
    return;
  }
  if (args.version > 0) {
    printVersion(args);
    return;
  }
  if (args.condition !== null) {
    process.exitCode = testCondition(args.condition, args.switches);
    return;
  }
  const printer = new Printer({
    pid: process.pid,
    programName: 'haproxy',
    programVersion: VERSION,
    programPath: process.argv[1] ?? 'hawser',
    quiet: args.quiet,
    diagnostic: args.diagnose,
    write: (text) => write(2, text),
  });
  if (args.directory !== null) {
    try {
      process.chdir(args.directory);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      printer.say('alert', `Could not change to directory ${args.directory} : ${reasonOf(code ?? '')}`);
      process.exitCode = 1;
      return;
    }
  }
  if (args.files.length === 0) {
    write(2, usage());
    process.exitCode = 1;
    return;
  }
  const diagnostics = new Diagnostics();
  const read = await readConfiguration(args, diagnostics);
  const empty = read === null && diagnostics.messages.length === 0;
  const warned = diagnostics.warnings > 0;
  // A daemon reads what its caller has read, and reported, just before.
  if (!isDaemon() || read === null) printer.print(diagnostics);
  if (read === null) {
    if (empty) write(2, usage());
    process.exitCode = 1;
    return;
  }
  if (args.warningsFatal && warned) {
    printer.say('alert', "config : Some warnings were found and 'zero-warning' is set. Aborting.");
    process.exitCode = 1;
    return;
  }
  if (args.dumpConfig !== null) {
    dumpConfiguration(args.dumpConfig, read.lines);
  }
  if (args.dumpKeywords !== null) write(1, dumpKeywords(args.dumpKeywords));
  if (args.check) {
    if (warned && !args.quiet) write(1, 'Warnings were found.\n');
    if (args.verbose && !args.quiet) write(1, 'Configuration file is valid\n');
    return;
  }
  const background = (args.daemon || read.config.global.daemon) && !args.debug && !args.foreground;
  if (background && !isDaemon()) {
    process.exitCode = await startDaemon(entry, argv);
    return;
  }
  const running = new Running(args, entry, printer, hostname());
  await running.start(read);
}

/** -dC: what was read, without comments; under a key without what is confidential. */
function dumpConfiguration(text: string, lines: ReadConfiguration['lines']): void {
  const options = parseDumpOptions(text);
  if (options === undefined) {
    write(2, `-dC accepts [[key],line] with a key of 32 bits, not '${text}'\n`);
    return;
  }
  for (const { words, position, isSection } of lines) {
    write(1, `${dumpLine(words, position.line, isSection, options)}\n`);
  }
}

/** The system's words for an error of changing the directory. */
function reasonOf(code: string): string {
  if (code === 'ENOENT') return 'No such file or directory';
  if (code === 'ENOTDIR') return 'Not a directory';
  return code === 'EACCES' ? 'Permission denied' : code;
}

function printVersion(args: Arguments): void {
  if (args.versionOnly === 'q') write(1, `${VERSION}\n`);
  else if (args.versionOnly === 'qs') write(1, `${EMULATED_VERSION}\n`);
  else if (args.versionOnly === 'qb') write(1, `${EMULATED_VERSION.split('.').slice(0, 2).join('.')}\n`);
  else write(1, args.version === 1 ? versionLine() : longVersion(probeReactor()));
}

/** Variables between double quotes, which in a file the line's own reading would have put in (manual 2.3). */
function withVariables(source: string): string {
  return source.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) =>
    quoted.replace(/\$\{?([A-Za-z_]\w*)\}?/g, (_all, name: string) =>
      (process.env[name] ?? '').replace(/["\\]/g, '\\$&'),
    ),
  );
}

/** -cc: 0 true, 1 false, 2 not a condition. */
function testCondition(source: string, switches: readonly string[]): number {
  const { status, text } = checkCondition(
    withVariables(source),
    factsOf(Environment.fromProcess(process.env), globalOf(switches)),
  );
  if (text !== undefined) write(2, `[ALERT]    (${process.pid}) : ${text}\n`);
  return status;
}
