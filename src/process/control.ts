// The control thread: arguments, check, and the running process. It carries no traffic.

import { hostname } from 'node:os';
import { Diagnostics, Printer } from '../config/diagnostics.ts';
import { checkCondition } from '../config/conditions.ts';
import { dumpKeywords } from '../registry/dump.ts';
import { factsOf } from '../config/load.ts';
import { Environment } from '../config/environment.ts';
import { Running } from './running.ts';
import { longVersion, versionLine } from './version.ts';
import { parseArguments, type Arguments } from './args.ts';
import { readConfiguration } from './read-configuration.ts';
import { usage } from './usage.ts';
import { EMULATED_VERSION, VERSION } from '../version.ts';
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
    process.exitCode = testCondition(args.condition);
    return;
  }
  if (args.directory !== null) {
    try {
      process.chdir(args.directory);
    } catch (error) {
      write(
        2,
        `[ALERT]    (${process.pid}) : Could not change to directory ${args.directory} : ${(error as Error).message}\n`,
      );
      process.exitCode = 1;
      return;
    }
  }
  if (args.files.length === 0) {
    write(2, usage());
    process.exitCode = 1;
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
  const diagnostics = new Diagnostics();
  const read = await readConfiguration(args, diagnostics);
  const warned = diagnostics.warnings > 0;
  printer.print(diagnostics);
  if (read === null) {
    process.exitCode = 1;
    return;
  }
  if (args.warningsFatal && warned) {
    printer.say('alert', 'Some warnings were found and -dW (warnings are fatal) was set. Aborting.');
    process.exitCode = 1;
    return;
  }
  if (args.dumpConfig !== null) {
    for (const { words } of read.lines) write(1, `${words.join(' ')}\n`);
  }
  if (args.dumpKeywords !== null) write(1, dumpKeywords(args.dumpKeywords));
  if (args.check) {
    if (warned) write(2, 'Warnings were found.\n');
    if (args.verbose) write(1, 'Configuration file is valid\n');
    return;
  }
  const running = new Running(args, entry, printer, hostname());
  await running.start(read);
}

function printVersion(args: Arguments): void {
  if (args.versionOnly === 'q') write(1, `${VERSION}\n`);
  else if (args.versionOnly === 'qs') write(1, `${EMULATED_VERSION}\n`);
  else if (args.versionOnly === 'qb') write(1, `${EMULATED_VERSION.split('.').slice(0, 2).join('.')}\n`);
  else write(1, args.version === 1 ? versionLine() : longVersion(probeReactor()));
}

/** -cc: 0 true, 1 false, 2 not a condition. */
function testCondition(source: string): number {
  const { status, text } = checkCondition(source, factsOf(Environment.fromProcess(process.env)));
  if (text !== undefined) write(2, `[ALERT]    (${process.pid}) : ${text}\n`);
  return status;
}
