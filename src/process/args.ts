// The command line, as HAProxy reads it (management.txt 3).

import { SWITCH_WORDS } from '../config/switches.ts';

export interface Arguments {
  readonly files: string[];
  directory: string | null;
  check: boolean;
  condition: string | null;
  version: 0 | 1 | 2;
  /** -vq, -vqs, -vqb: only the version, its short form, its branch. */
  versionOnly: '' | 'q' | 'qs' | 'qb';
  verbose: boolean;
  quiet: boolean;
  debug: boolean;
  daemon: boolean;
  master: false | 'W' | 'Ws';
  masterSockets: string[];
  foreground: boolean;
  /** -dW: warnings are fatal. */
  warningsFatal: boolean;
  diagnose: boolean;
  dumpConfig: string | null;
  dumpKeywords: string | null;
  /** -n: connections of the process; 0 when not given. */
  maxconn: number;
  /** -N: connections of a frontend that sets no limit of its own; 0 when not given. */
  proxyMaxconn: number;
  /** -m: MiB that the process may use; 0 when not given. */
  memoryMib: number;
  localPeer: string | null;
  pidfile: string | null;
  transfer: string | null;
  softStop: number[];
  hardStop: number[];
  /** Words that switch something off, see config/switches.ts. */
  switches: string[];
  ignoreUnresolved: boolean;
  /** -4: server names are only resolved to IPv4 addresses. */
  ipv4Only: boolean;
  error: string | null;
}

const TAKES_VALUE = new Set(['-f', '-C', '-cc', '-n', '-N', '-m', '-L', '-p', '-x', '-S']);
/** Accepted: they tune what HAProxy has inside and we have not (memory poisoning, pollers of other systems). */
const WITHOUT_EFFECT = /^-d(M.*|[IGTVkvp])$/;
/** Their whole point is an output that we cannot give: to take them silently would mislead. */
const UNSUPPORTED = /^-d([At].*|[Lc])$/;

export function parseArguments(argv: readonly string[]): Arguments {
  const out: Arguments = {
    files: [],
    directory: null,
    check: false,
    condition: null,
    version: 0,
    versionOnly: '',
    verbose: false,
    quiet: false,
    debug: false,
    daemon: false,
    master: false,
    masterSockets: [],
    foreground: false,
    warningsFatal: false,
    diagnose: false,
    dumpConfig: null,
    dumpKeywords: null,
    maxconn: 0,
    proxyMaxconn: 0,
    memoryMib: 0,
    localPeer: null,
    pidfile: null,
    transfer: null,
    softStop: [],
    hardStop: [],
    switches: [],
    ignoreUnresolved: false,
    ipv4Only: false,
    error: null,
  };
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '--') {
      out.files.push(...argv.slice(at + 1));
      break;
    }
    if (TAKES_VALUE.has(word)) {
      const value = argv[++at];
      if (value === undefined) {
        out.error = `option ${word} needs a value`;
        return out;
      }
      setValue(out, word, value);
      if (out.error !== null) return out;
      continue;
    }
    if (word === '-sf' || word === '-st') {
      while (/^\d+$/.test(argv[at + 1] ?? ''))
        (word === '-sf' ? out.softStop : out.hardStop).push(Number(argv[++at]));
      continue;
    }
    if (Object.hasOwn(SWITCH_WORDS, word)) out.switches.push(word);
    else if (word.startsWith('-dC')) out.dumpConfig = word.slice(3);
    else if (word.startsWith('-dK')) out.dumpKeywords = word.slice(3);
    else if (UNSUPPORTED.test(word)) {
      out.error = `option '${word}' is known to HAProxy but not supported here`;
      return out;
    } else if (!setFlag(out, word) && !WITHOUT_EFFECT.test(word)) {
      out.error = `unknown option '${word}'`;
      return out;
    }
  }
  return out;
}

function setValue(out: Arguments, word: string, value: string): void {
  switch (word) {
    case '-f':
      out.files.push(value);
      break;
    case '-C':
      out.directory = value;
      break;
    case '-cc':
      out.condition = value;
      break;
    case '-n':
      out.maxconn = limit(out, word, value);
      break;
    case '-N':
      out.proxyMaxconn = limit(out, word, value);
      break;
    case '-m':
      out.memoryMib = limit(out, word, value);
      break;
    case '-L':
      out.localPeer = value;
      break;
    case '-p':
      out.pidfile = value;
      break;
    case '-x':
      out.transfer = value;
      break;
    case '-S':
      out.masterSockets.push(value);
      break;
    default:
  }
}

/** A limit is a whole number; 0 is as good as no limit given. */
function limit(out: Arguments, word: string, value: string): number {
  if (/^\d{1,10}$/.test(value)) return Number(value);
  out.error = `option ${word} needs a number: found '${value}'`;
  return 0;
}

function setFlag(out: Arguments, word: string): boolean {
  switch (word) {
    case '-c':
      out.check = true;
      return true;
    case '-v':
      out.version = 1;
      return true;
    case '-vv':
      out.version = 2;
      return true;
    case '-vq':
    case '-vqs':
    case '-vqb':
      out.version = 1;
      out.versionOnly = word.slice(2) as Arguments['versionOnly'];
      return true;
    case '-V':
      out.verbose = true;
      out.quiet = false;
      return true;
    case '-q':
      out.quiet = true;
      return true;
    case '-4':
      out.ipv4Only = true;
      return true;
    case '-d':
      out.debug = true;
      return true;
    case '-D':
      out.daemon = true;
      return true;
    case '-W':
      out.master = 'W';
      return true;
    case '-Ws':
      out.master = 'Ws';
      return true;
    case '-db':
      out.foreground = true;
      return true;
    case '-dW':
      out.warningsFatal = true;
      return true;
    case '-dD':
      out.diagnose = true;
      return true;
    case '-dr':
      out.ignoreUnresolved = true;
      return true;
    default:
      return false;
  }
}
