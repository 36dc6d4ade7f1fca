// The same file of server states given to both programs: what they make of it, and what they say about it.

import { test } from 'node:test';
import { deepStrictEqual } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { haproxyMissing, startTwins, type Twin } from './twins.ts';

const HEAD = '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state';
const END = '0 0 - PORT - 0 0 - - 0';
const line = (server: string, rest: string, port = '9001'): string =>
  `10 be 1 ${server} ${rest} ${END.replace('PORT', port)}`;

/** Address, both states, both weights and port of each server. The time of the change may be a second older. */
async function statesOf(twin: Twin): Promise<string[]> {
  const lines = (await twin.ask('show servers state be')).split('\n').filter((one) => /^\d+ be /.test(one));
  return lines.map((one) => {
    const words = one.split(' ');
    const age = Math.round(Number(words[9]) / 50) * 50;
    return [...words.slice(3, 9), age, words[18], words[21], words[22]].join(' ');
  });
}

/** What was said about states, without what leads each line. */
const warningsOf = (twin: Twin): string[] =>
  twin.said.text
    .split('\n')
    .filter((one) => /state|forced drain|find server/.test(one) && !/stats socket/.test(one))
    .map((one) => one.replace(/^\[\w+\]\s+\(\d+\) : (?:config : )?/, ''));

const CASES: Readonly<Record<string, string>> = {
  weights: `1\n${HEAD}\n${line('s1', '127.0.0.1 2 0 5 10 100 1 0 0 0 0')}\n${line('s2', '127.0.0.1 2 0 5 7 100 1 0 0 0 0', '9002')}\n`,
  maintenance: `1\n${HEAD}\n${line('s1', '127.0.0.1 2 1 10 10 100 1 0 0 0 0')}\n${line('s2', '127.0.0.1 0 5 20 20 200 1 0 0 0 0', '9002')}\n${line('s3', '127.0.0.1 2 0 30 30 100 1 0 0 0 0', '9003')}\n`,
  drain: `1\n${HEAD}\n${line('s1', '127.0.0.1 2 8 10 10 100 1 0 0 0 0')}\n`,
  down: `1\n${HEAD}\n${line('s1', '127.0.0.1 0 0 10 10 100 1 0 0 0 0')}\n${line('s2', '127.0.0.1 3 0 20 20 100 1 0 0 0 0', '9002')}\n`,
  'other address and port': `1\n${HEAD}\n${line('s1', '127.0.0.9 2 0 10 10 100 1 0 0 0 0', '9111')}\n`,
  'a name': `1\n${HEAD}\n${line('s4', '127.0.0.8 2 0 1 1 100 1 0 0 0 0', '9004').replace(' - 9004', ' localhost 9004')}\n`,
  'other names': `1\n${HEAD}\n${line('sX', '127.0.0.1 0 0 10 10 100 1 0 0 0 0')}\n10 bX 1 s1 127.0.0.1 0 0 5 10 100 1 0 0 0 0 ${END.replace('PORT', '1')}\n`,
  'bad fields': `1\n${HEAD}\n${line('s1', '127.0.0.1 9 9 999 10 x 99 9 0 99 999')}\n`,
  'a short line': `1\n${HEAD}\n10 be 1 s1 127.0.0.1 0 1\n`,
  'another version': `2\n${HEAD}\n${line('s1', '127.0.0.1 0 0 5 10 100 1 0 0 0 0')}\n`,
  nothing: '',
};

for (const [name, text] of Object.entries(CASES)) {
  for (const source of ['global', 'local']) {
    test(
      `a state file is taken in as HAProxy does: ${name}, ${source}`,
      { skip: haproxyMissing() },
      async (t) => {
        const folder = mkdtempSync(join(tmpdir(), 'states-'));
        t.after(() => rmSync(folder, { recursive: true }));
        writeFileSync(join(folder, 'be'), text);
        const file = source === 'global' ? '  server-state-file be\n' : '';
        const [theirs, ours] = await startTwins(
          t,
          1,
          ([port]) => `global
  stats socket STATS level admin
  server-state-base ${folder}
${file}defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
  load-server-state-from-file ${source}
frontend fe
  bind 127.0.0.1:${port}
  default_backend be
backend be
  server s1 127.0.0.1:9001 weight 10
  server s2 127.0.0.1:9002 weight 20
  server s3 127.0.0.1:9003 weight 30 disabled
  server s4 localhost:9004
`,
        );
        deepStrictEqual(await statesOf(ours), await statesOf(theirs));
        deepStrictEqual(warningsOf(ours), warningsOf(theirs));
      },
    );
  }
}
