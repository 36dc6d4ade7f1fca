// option http-use-proxy-header: which headers authentication uses, in both programs.

import { test } from 'node:test';
import { deepStrictEqual } from 'node:assert/strict';
import { answering, exchange, ok, serve } from '../scenario/harness.ts';
import { haproxyMissing, startTwins } from './twins.ts';

const BASIC = 'Basic dTpw';
const CASES: readonly (readonly [target: string, header: string, status: string])[] = [
  ['http://x/', 'X-None: 1', '407 proxy-authenticate'],
  ['http://x/', `Proxy-Authorization: ${BASIC}`, '200'],
  ['http://x/', `Authorization: ${BASIC}`, '407 proxy-authenticate'],
  ['/', 'X-None: 1', '401 www-authenticate'],
  ['/', `Proxy-Authorization: ${BASIC}`, '401 www-authenticate'],
  ['/', `Authorization: ${BASIC}`, '200'],
];

for (const on of [true, false]) {
  test(
    `${on ? '' : 'no '}option http-use-proxy-header acts as in HAProxy`,
    { skip: haproxyMissing() },
    async (t) => {
      const server = await serve(t, answering(ok('x')));
      const twins = await startTwins(
        t,
        1,
        ([port]) => `global
  stats socket STATS level admin
userlist ul
  user u insecure-password p
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
  option http-use-proxy-header
listen fe
  bind 127.0.0.1:${port}
  ${on ? '' : 'no '}option http-use-proxy-header
  http-request auth realm r unless { http_auth(ul) }
  server s 127.0.0.1:${server.port}
`,
      );
      for (const twin of twins) {
        const told: string[] = [];
        for (const [target, header] of CASES) {
          const request = `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}\r\n\r\n`;
          const answer = await exchange(t, twin.ports[0]!, request);
          const asked = /^(\w+-authenticate): Basic realm="r"\r$/m.exec(answer);
          told.push(`${answer.slice(9, 12)}${asked === null ? '' : ` ${asked[1]}`}`);
        }
        const wanted = CASES.map(([target, header, status]) => {
          if (on || target === '/') return status;
          return header.startsWith('Authorization') ? '200' : '401 www-authenticate';
        });
        deepStrictEqual(told, wanted, twin.name);
      }
    },
  );
}
