import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { dump, errorText } from './error-capture.ts';

test('a dump breaks at line ends and before column 80', () => {
  equal(
    dump('GET / HTTP/1.1\r\n\tb\\\x1b\xe9\x7f'),
    '  00000  GET / HTTP/1.1\\r\\n\n  00016  \\tb\\\\\\e\\xe9\\x7f\n',
  );
  // An escape is never cut in two.
  const text = dump(`${'a'.repeat(68)}\x01${'b'.repeat(70)}c\n`);
  equal(text, `  00000  ${'a'.repeat(68)}\n  00068+ \\x01${'b'.repeat(66)}\n  00135+ bbbbc\\n\n`);
  equal(dump(''), '');
});

test('a capture names proxies, server and place', () => {
  const capture = {
    atMs: 0,
    side: 'response',
    frontend: 'fe',
    frontendId: 2,
    backend: 'be',
    backendId: 3,
    server: 's1',
    serverId: 1,
    event: 7,
    source: '192.0.2.1:5',
    state: 'header-name',
    position: 4,
    bufferSize: 100,
    bytes: 'junk\n',
  } as const;
  equal(
    errorText(capture, 'DATE'),
    ' \n[DATE] backend be (#3): invalid response\n  frontend fe (#2), server s1 (#1), event #7, src 192.0.2.1:5\n' +
      '  buffer starts at 0 (including 0 out), 95 free,\n  len 5, wraps at 100, error at position 4\n' +
      '  H1 msg state header-name :\n  \n  00000  junk\\n\n',
  );
});
