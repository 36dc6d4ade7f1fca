// What the tree must look like: who may import whom, how long a file may be, which lists match their folders.

import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';

const ROOT = new URL('..', import.meta.url).pathname;

/** Longest source file, lines. */
export const LINES_MAX = 600;

/** Rooms of src/ and the rooms they may import. `src` means the files that lie directly in it. */
export const EDGES: Readonly<Record<string, readonly string[]>> = {
  acl: ['core', 'http', 'registry', 'sample'],
  backend: ['balance', 'config', 'core', 'sample'],
  balance: ['backend', 'config', 'core', 'sample'],
  cli: ['acl', 'config', 'core', 'sample', 'stats'],
  config: ['acl', 'balance', 'registry', 'rules', 'sample', 'src', 'sys'],
  core: ['config', 'reactor', 'sample', 'sys'],
  http: ['config', 'core', 'proto', 'sample', 'stream', 'sys'],
  log: ['balance', 'config', 'core', 'process', 'proto', 'reactor', 'sample', 'stream', 'sys'],
  process: [
    ...['acl', 'backend', 'balance', 'cli', 'config', 'core', 'log', 'reactor', 'registry', 'sample', 'src'],
    ...['stats', 'stream', 'sys'],
  ],
  proto: ['core', 'sample', 'sys'],
  reactor: ['core', 'sys'],
  registry: ['acl', 'cli', 'config', 'rules', 'sample'],
  rules: ['acl', 'config', 'http', 'registry', 'sample'],
  sample: ['acl', 'config', 'core', 'http', 'registry'],
  src: ['process'],
  stats: ['cli', 'core'],
  stream: ['acl', 'backend', 'config', 'core', 'http', 'proto', 'reactor', 'rules', 'sample', 'sys'],
  sys: [],
};

/** Folders whose index.ts imports every other file of the folder. */
export const LISTED = [
  'src/cli/commands',
  'src/rules/actions',
  'src/sample/converters',
  'src/sample/fetches',
] as const;

export interface Source {
  readonly path: string;
  readonly text: string;
  /** Specifiers of its imports. */
  readonly imports: readonly string[];
}

const isTest = (path: string): boolean =>
  /\.(test|hammer)\.ts$|\/testing(\.ts|\/)|\/contract[^/]*\.ts$|\/(echo|failing)-worker\.ts$|\/fake[^/]*\.ts$/.test(
    path,
  );

/** All source files of src/ that are part of the program. */
export function sources(): Source[] {
  return globSync('src/**/*.ts', { cwd: ROOT })
    .filter((path) => !isTest(path) && !path.endsWith('.d.ts'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      const imports = [...text.matchAll(/(?:\bfrom|\bimport\(|^import) ?'([^']+)'/gm)].map(
        ([, name]) => name!,
      );
      return { path, text, imports };
    });
}

/** The room of a path within the tree: src/stream/x.ts lies in `stream`. */
function roomOf(path: string): string {
  const parts = path.split('/');
  return parts.length === 2 ? 'src' : parts[1]!;
}

/** Imports that no edge allows, as `file imports target`. */
export function forbiddenImports(all: readonly Source[]): string[] {
  const faults: string[] = [];
  for (const { path, imports } of all) {
    const room = roomOf(path);
    for (const name of imports) {
      if (name === 'node:ffi' && room !== 'sys') faults.push(`${path} imports node:ffi`);
      if (!name.startsWith('.')) continue;
      const target = roomOf(normalize(join(dirname(path), name)));
      if (target !== room && !EDGES[room]?.includes(target)) faults.push(`${path} imports ${target}`);
    }
  }
  return faults;
}

export function tooLong(all: readonly Source[]): string[] {
  return all
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > LINES_MAX)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
}

/** Syntax that type stripping cannot run. */
export function unerasable(all: readonly Source[]): string[] {
  return all
    .filter(({ text }) => /^(export )?(declare )?(const )?(enum|namespace) \w+ ?\{/m.test(text))
    .map(({ path }) => path);
}

/** Files of listed folders that their index does not import. */
export function unlisted(all: readonly Source[]): string[] {
  return LISTED.flatMap((folder) => {
    const inside = all.filter(({ path }) => dirname(path) === folder);
    const index = inside.find(({ path }) => basename(path) === 'index.ts');
    const listed = new Set(index?.imports.map((name) => normalize(join(folder, name))));
    return inside.filter((file) => file !== index && !listed.has(file.path)).map(({ path }) => path);
  });
}
