import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { Body } from '../proto/http1/framing.ts';
import { BodyReader, BodyState } from './body.ts';

/** Reads `wire` in pieces of `step` bytes; where payload comes next, lets all of it go by unseen if `skips`. */
function follow(kind: Body, length: number, wire: string, step: number, skips: boolean): [string, BodyState] {
  const memory = Buffer.alloc(wire.length * 2);
  const reader = new BodyReader('response');
  reader.begin(kind, length);
  let passed = '';
  let at = 0;
  let end = 0;
  for (let next = 0; next < wire.length;) {
    if (skips && at === end && reader.spliceable > 0) {
      const count = Math.min(reader.spliceable, wire.length - next, 3);
      reader.skip(count);
      passed += wire.slice(next, next + count);
      next += count;
      if (reader.isOver) return [passed, BodyState.END];
      continue;
    }
    const piece = wire.slice(next, next + step);
    memory.write(piece, end, 'latin1');
    end += piece.length;
    next += piece.length;
    const state = reader.scan(memory, at, end);
    passed += memory.toString('latin1', reader.at, reader.end);
    at = reader.consumed;
    if (state !== BodyState.MORE) return [passed, state];
  }
  return [passed, BodyState.MORE];
}

test('payload that goes by unseen leaves the same body, cut anywhere', () => {
  const chunked = '5\r\nhello\r\n0c;x=1\r\nsplice it on\r\n1\r\n!\r\n0\r\nt: 1\r\n\r\n';
  for (let step = 1; step <= chunked.length; step++) {
    const copied = follow(Body.CHUNKED, 0, chunked, step, false);
    equal(copied[1], BodyState.END);
    deepEqual(follow(Body.CHUNKED, 0, chunked, step, true), copied, `pieces of ${step}`);
    deepEqual(follow(Body.LENGTH, 20, 'x'.repeat(20), step, true), ['x'.repeat(20), BodyState.END]);
    deepEqual(follow(Body.UNTIL_CLOSE, 0, 'x'.repeat(20), step, true), ['x'.repeat(20), BodyState.MORE]);
  }
});

test('a chunk is passed on whole as soon as it is here, and the body stays the same', () => {
  const odd = '5\r\nhello\r\n0c;x=1\r\nsplice it on\r\n1 \r\n!\r\n0\r\nt: 1\r\n\r\n';
  const plain = '5\r\nhello\r\nc\r\nsplice it on\r\n1\r\n!\r\n0\r\nt: 1\r\n\r\n';
  for (let cut = 1; cut < odd.length; cut++) {
    const reader = new BodyReader('response');
    reader.begin(Body.CHUNKED, 0);
    const memory = Buffer.from(odd, 'latin1');
    equal(reader.scan(memory, 0, cut), BodyState.MORE);
    let passed = memory.toString('latin1', reader.at, reader.end);
    for (const end of ['hello\r\n', 'on\r\n', '!\r\n']) {
      // What stays behind is the frame of the next chunk, and no end of this one.
      if (cut === odd.indexOf(end) + end.length) match(passed, new RegExp(`${end}$`));
    }
    equal(reader.scan(memory, reader.consumed, memory.length), BodyState.END);
    passed += memory.toString('latin1', reader.at, reader.end);
    equal(passed, plain, `cut at ${cut}`);
  }
});

test('framing is always seen', () => {
  const reader = new BodyReader('request');
  reader.begin(Body.CHUNKED, 0);
  equal(reader.spliceable, 0);
  const memory = Buffer.from('4\r\nab');
  reader.scan(memory, 0, memory.length);
  equal(reader.spliceable, 2);
  reader.skip(2);
  equal(reader.spliceable, 0);
  reader.begin(Body.NONE, 0);
  equal(reader.spliceable, 0);
  reader.begin(Body.TUNNEL, 0);
  equal(reader.spliceable, 0);
});
