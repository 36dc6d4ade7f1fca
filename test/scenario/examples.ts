// One configuration that evaluates every example of the manual, for the running program: `bin/hawser` or `haproxy`.
// The first proxy evaluates on the request, the second on the answer; a third is the server. Each value comes back as a
// header of the answer, and an example without a value as none.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { REGISTRY } from '../../src/registry/index.ts';
import * as examples from '../../src/registry/manual/examples.ts';
import { connect, freePorts, until } from './harness.ts';

export interface Example {
  readonly expression: string;
  readonly gives: string | null;
  readonly side: 'request' | 'response';
}

const flatten = (table: examples.Examples, side: Example['side']): Example[] =>
  Object.values(table).flatMap((list) => list.map(([expression, gives]) => ({ expression, gives, side })));

/** Every example: those of the table, and those that converters carry themselves. */
export function allExamples(): Example[] {
  const own = [...REGISTRY.converters].map(([name, { examples: list = [] }]) => [name, list] as const);
  return [
    ...flatten(examples.REQUEST_EXAMPLES, 'request'),
    ...flatten(examples.CONVERTER_EXAMPLES, 'request'),
    ...flatten(Object.fromEntries(own), 'request'),
    ...flatten(examples.RESPONSE_EXAMPLES, 'response'),
  ];
}

/** Keywords of an expression, as `fetch src` and `converter lower`. */
export function keywordsIn({ expression }: Example): string[] {
  // Arguments go first, quoted ones before those in parentheses.
  let bare = expression.replaceAll(/\\./g, '').replaceAll(/"[^"]*"|'[^']*'/g, '');
  for (let before = ''; before !== bare;) [before, bare] = [bare, bare.replaceAll(/\([^()]*\)/g, '')];
  return bare.split(',').map((name, at) => `${at === 0 ? 'fetch' : 'converter'} ${name}`);
}

/** A word of the configuration that is read as it stands. */
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

function configuration(list: readonly Example[], [port, origin, idle]: readonly number[]): string {
  const rules = (side: Example['side']): string =>
    list
      .map((example, at) =>
        example.side === side ? ` http-${side} set-var(txn.v${at}) ${quoted(example.expression)}\n` : '',
      )
      .join('');
  const shown = list
    .map(
      (_, at) => ` http-response set-header v${at} "=%[var(txn.v${at})]" if { var(txn.v${at}) -m found }\n`,
    )
    .join('');
  const variables = Object.entries(examples.EXAMPLE_VARIABLES)
    .map(([name, expression]) => ` http-request set-var(${name}) ${expression}\n`)
    .join('');
  const answer = examples.EXAMPLE_ANSWER.map(([name, value]) => `hdr ${name} ${quoted(value)}`).join(' ');
  return `
global
 nbthread 1
 tune.bufsize 131072
 tune.maxrewrite 65536
 tune.http.maxhdr 4000
defaults
 mode http
 timeout client 9s
 timeout server 8s
 timeout connect 6s
 timeout queue 5s
 timeout tarpit 4s
 timeout tunnel 7s
 retries 2
userlist staff
 group admins users ann
 user ann insecure-password secret
frontend web
 id 12
 bind 127.0.0.1:${port} accept-proxy id 7 name public
 option http-buffer-request
 unique-id-format %[src,hex,lower]-%[src_port]
 capture request header Host len 8
 declare capture request len 16
 capture response header X-Ids len 32
 acl is_shop path_beg /shop
 acl is_mail hdr(host) -m beg mail
${variables}${rules('request')} default_backend app
backend app
 id 31
 server a 127.0.0.1:${origin} id 5 weight 10 maxconn 50 maxqueue 5
 server b 127.0.0.1:${origin} id 6 disabled
${rules('response')}${shown}
backend bare
backend be
 server s 127.0.0.1:1 disabled
frontend fe
 bind 127.0.0.1:${idle}
frontend origin
 bind 127.0.0.1:${origin}
 http-request return status 200 content-type text/plain string abc ${answer}
`;
}

/** What `program` gives for each of `list`; throws with its messages where it refuses one. */
export async function evaluate(
  t: TestContext,
  program: string,
  list: readonly Example[],
): Promise<(string | null)[]> {
  const ports = await freePorts(3);
  const folder = mkdtempSync(join(tmpdir(), 'examples-'));
  writeFileSync(join(folder, 'examples.cfg'), configuration(list, ports));
  for (const [file, text] of Object.entries(examples.EXAMPLE_FILES)) writeFileSync(join(folder, file), text);
  const child = spawn(program, ['-db', '-f', 'examples.cfg'], {
    cwd: folder,
    env: { ...process.env, EXAMPLE: 'from outside' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('latin1').on('data', (text: string) => (said += text));
  t.after(async () => {
    child.kill('SIGKILL');
    await until(() => child.exitCode !== null || child.signalCode !== null, `the end of ${program}`);
    rmSync(folder, { recursive: true });
  });
  const head = [
    `POST ${examples.EXAMPLE_TARGET} HTTP/1.1`,
    ...examples.EXAMPLE_HEADERS.map(([name, value]) => `${name}: ${value}`),
  ];
  const request = `PROXY TCP4 192.0.2.1 198.51.100.2 4321 80\r\n${head.join('\r\n')}\r\n\r\n${examples.EXAMPLE_BODY}`;
  let answer = '';
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${program} ended:\n${said}`);
    const peer = await connect(t, ports[0]!).catch(() => null);
    if (peer === null) return false;
    peer.send(request);
    answer = await peer.seen(/\r\n\r\nabc$/);
    return true;
  }, `the answer of ${program}`);
  const found = new Map(
    answer.split('\r\n').flatMap((line) => {
      const parts = /^v(\d+): =(.*)$/i.exec(line);
      return parts === null ? [] : [[Number(parts[1]), parts[2]!] as const];
    }),
  );
  return list.map((_, at) => found.get(at) ?? null);
}
