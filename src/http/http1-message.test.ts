import { test } from 'node:test';
import { strictEqual } from 'node:assert/strict';
import { HeadParser, Parse } from '../proto/http1/parser.ts';
import { Http1Message } from './http1-message.ts';
import { MappedSlabs } from '../core/slab-memory.ts';

test('rules may add 128 lines to a full head and no more', () => {
  const memory = new MappedSlabs({ slabSize: 16_384, slabCount: 1, permanentBytes: 4096, plain: true });
  const at = memory.offsetOf(memory.take());
  const received = Array.from({ length: 100 }, (_none, i) => `x-${i}: ${i}\r\n`).join('');
  const end = at + memory.buffer.write(`GET / HTTP/1.1\r\n${received}\r\n`, at, 'latin1');
  const message = new Http1Message(memory, false, 101);
  const parser = new HeadParser('request', { headersMax: 101, relaxed: false });
  strictEqual(parser.parse(memory.bytes, at, end, message.head), Parse.HEAD);
  message.begin();
  // tune.http.maxhdr counts the request line too, so one more than 128 finds a place.
  for (let i = 0; i < 129; i++) strictEqual(message.add(`y-${i}`, `${i}`), true);
  strictEqual(message.add('z', 'z'), false);
  strictEqual(message.headerCount(), 229);
  strictEqual(message.valueAt(message.find('x-99', 0)), '99');
  strictEqual(message.valueAt(message.find('y-128', 0)), '128');
});

test('edits have the room that tune.maxrewrite leaves, or more where less was received', () => {
  const memory = new MappedSlabs({ slabSize: 1024, slabCount: 1, permanentBytes: 4096, plain: true });
  const at = memory.offsetOf(memory.take());
  const parser = new HeadParser('request', { headersMax: 101, relaxed: false });
  const message = new Http1Message(memory, false, 101, 100);
  const end = at + memory.buffer.write('GET / HTTP/1.1\r\nhost: a\r\nx-a: 12\r\n\r\n', at, 'latin1');
  strictEqual(parser.parse(memory.bytes, at, end, message.head), Parse.HEAD);
  message.begin();
  /** How many bytes more. */
  const room = (): number => {
    let low = 0;
    while (message.hasRoom(low + 1)) low++;
    return low;
  };
  strictEqual(room(), 1024 - (end - at));
  message.bodyEnd = at + 1024;
  strictEqual(room(), 100);
  message.add('x-b', '345');
  strictEqual(room(), 90);
  message.replaceValueAt(message.find('x-b', 0), '3');
  strictEqual(room(), 92);
  message.replaceValueAt(message.find('x-a', 0), '1234');
  strictEqual(room(), 90);
  message.setTarget('/123');
  message.setTarget('/12');
  strictEqual(room(), 88);
  message.setMethod('PUTS');
  strictEqual(room(), 87);
  message.remove('x-a');
  message.remove('x-b');
  message.remove('host');
  strictEqual(room(), 87 + 11 + 8 + 9);
});
