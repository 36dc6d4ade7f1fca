import { test } from 'node:test';
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { forbiddenImports, sources, tooLong, unerasable, unlisted } from './tidy.ts';

const all = sources();

test('the tree is read', () => strictEqual(all.length > 100, true));

test('rooms import only what tools/tidy.ts allows', () => deepStrictEqual(forbiddenImports(all), []));

test('no source file is longer than 600 lines', () => deepStrictEqual(tooLong(all), []));

test('no enum and no namespace', () => deepStrictEqual(unerasable(all), []));

test('index files list every file of their folder', () => deepStrictEqual(unlisted(all), []));
