import { test } from 'node:test';
import { equal, match } from 'node:assert/strict';
import { defaultError, errorStatuses } from './errors.ts';

test('the page of 403, byte for byte', () => {
  equal(
    defaultError(403),
    'HTTP/1.1 403 Forbidden\r\ncontent-length: 93\r\ncache-control: no-cache\r\ncontent-type: text/html\r\n\r\n' +
      '<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n',
  );
});

test('lengths as observed', () => {
  const lengths: [number, number][] = [
    [200, 58],
    [400, 90],
    [401, 112],
    [404, 83],
    [405, 146],
    [407, 112],
    [408, 110],
    [410, 114],
    [413, 106],
    [421, 104],
    [422, 116],
    [425, 80],
    [429, 117],
    [500, 97],
    [501, 135],
    [502, 107],
    [503, 107],
    [504, 92],
  ];
  for (const [status, length] of lengths)
    match(defaultError(status), new RegExp(`content-length: ${length}\r\n`));
});

test('every page announces the length it has', () => {
  for (const status of errorStatuses) {
    const text = defaultError(status);
    const body = text.slice(text.indexOf('\r\n\r\n') + 4);
    match(text, new RegExp(`^HTTP/1.1 ${status} [^\r]+\r\ncontent-length: ${body.length}\r\n`));
  }
});

test('a status without a page gets that of 500', () => equal(defaultError(418), defaultError(500)));
