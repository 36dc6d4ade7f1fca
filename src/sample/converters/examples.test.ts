// Runs the examples that converters and fetches declare.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_PHASES } from '../../registry/sources.ts';
import { fakeParse } from '../../testing/fake-parse.ts';
import { FakeStream } from '../../testing/fake-stream.ts';
import { CONVERTERS } from './index.ts';

test('every example of a converter gives what it says', () => {
  const context = fakeParse();
  const got: (readonly [string, string | null])[] = [];
  const wanted: (readonly [string, string | null])[] = [];
  for (const { examples } of CONVERTERS) {
    for (const example of examples ?? []) {
      wanted.push(example);
      got.push([example[0], context.expression(example[0], ALL_PHASES).text(new FakeStream())]);
    }
  }
  ok(wanted.length > 60);
  deepStrictEqual(got, wanted);
});
