import { test } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { readCorpus, tellRequest } from '../../testing/http1.ts';
import { everySplit } from '../../testing/splits.ts';

const folder = new URL('../../../test/corpus/http1/', import.meta.url);
for (const file of readdirSync(folder)) {
  test(file, () => {
    for (const story of readCorpus(new URL(file, folder))) {
      const bytes = Buffer.from(story.bytes, 'latin1');
      strictEqual(tellRequest([bytes]), story.expect, story.title);
      if (bytes.length < 400) everySplit(bytes, tellRequest);
    }
  });
}
