// Rings as Debian's haproxy and Hawser fill and show them.

import { test } from 'node:test';
import { deepStrictEqual } from 'node:assert/strict';
import { exchange } from '../scenario/harness.ts';
import { haproxyMissing, startTwins, type Twin } from './twins.ts';

const skip = haproxyMissing();

test('rings keep the same lines, and show events says the same', { skip, timeout: 60_000 }, async (t) => {
  const twins = await startTwins(
    t,
    1,
    ([port]) => `
global
    stats socket STATS level admin
ring plain
    maxlen 300
ring modern
    description "the modern one"
    format rfc5424
    maxlen 90
    size 32764
defaults
    mode http
    timeout client 2s
frontend fe
    bind 127.0.0.1:${port}
    log ring@plain format short local0
    log ring@modern local0
    log ring@buf0 local0
    log-format "uri %HU"
    http-request return status 200
`,
  );
  const told = async (twin: Twin): Promise<string[]> => {
    for (const path of ['/a', `/${'x'.repeat(400)}`]) {
      await exchange(t, twin.ports[0]!, `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    }
    const answers: string[] = [];
    for (const line of ['plain', 'modern', 'buf0', 'plain -n', 'none', 'plain -x', 'stdout']) {
      answers.push(await twin.ask(`show events ${line}`));
    }
    const [plain, modern, buf0, ...rest] = answers;
    // Process ids differ, and with them what is left of a line that is cut; so do refusals by an empty line.
    const dateless = (text: string): string => text.replace(/\d{4}-\S+/g, 'now');
    return [
      plain!,
      dateless(modern!)
        .replace(/haproxy \d+/g, 'haproxy pid')
        .replace(/x+/g, 'x'),
      dateless(buf0!),
      ...rest.map((text) => text.trimEnd()),
    ];
  };
  deepStrictEqual(await told(twins[1]), await told(twins[0]));
});
