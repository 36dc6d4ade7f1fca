// Servers that this system itself cannot reach: no pause between the retries, beside Debian's haproxy.

import { deepEqual, equal } from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { haproxyMissing, startTwins, type Twin } from './twins.ts';

const SERVERS = [
  'unix@/nonexistent/socket',
  'abns@nobody-listens-here',
  '127.0.0.1:9 source 192.0.2.9',
  '255.255.255.255:9',
];

const config = (ports: readonly number[]): string =>
  `global
  stats socket STATS
defaults
  mode http
  retries 2
  timeout connect 5s
  timeout client 5s
  timeout server 5s
` +
  SERVERS.map((server, at) => `listen l${at}\n  bind 127.0.0.1:${ports[at]}\n  server s ${server}\n`).join(
    '',
  );

function status(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, host: '127.0.0.1', agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.on('error', reject);
  });
}

test(
  'retries of a server that cannot be reached from here follow at once',
  { skip: haproxyMissing() },
  async (t) => {
    const twins = await startTwins(t, SERVERS.length, config);
    const look = async (twin: Twin): Promise<readonly string[]> => {
      const began = performance.now();
      const answers = await Promise.all(twin.ports.map(status));
      equal(performance.now() - began < 900, true, 'no pause of a second');
      const rows = await twin.stat();
      return answers.map((answer, at) => {
        const { econ, wretr } = rows.get(`l${at}/s`)!;
        return `${SERVERS[at]}: ${answer} ${econ} ${wretr}`;
      });
    };
    const [theirs, ours] = [await look(twins[0]), await look(twins[1])];
    deepEqual(ours, theirs);
  },
);

test(
  'redispatch: retries of the same server where no other can be chosen',
  { skip: haproxyMissing() },
  async (t) => {
    const cases = [
      'option redispatch 2',
      'option redispatch',
      'option redispatch 1\n  balance source\n  server t 127.0.0.1:9',
      'option redispatch 2\n  balance roundrobin\n  server t 127.0.0.1:9',
    ];
    const twins = await startTwins(
      t,
      cases.length,
      (ports) =>
        `global
  stats socket STATS
defaults
  mode http
  timeout connect 200ms
  timeout client 5s
  timeout server 5s
` +
        cases
          .map(
            (lines, at) =>
              `listen l${at}\n  bind 127.0.0.1:${ports[at]}\n  server s 127.0.0.1:9\n  ${lines}\n`,
          )
          .join(''),
    );
    const look = async (twin: Twin): Promise<readonly string[]> => {
      const answers = await Promise.all(twin.ports.map(status));
      const rows = await twin.stat();
      return answers.map((answer, at) => {
        const { econ, wretr, wredis, lbtot } = rows.get(`l${at}/BACKEND`)!;
        return `${cases[at]}: ${answer} ${econ} ${wretr} ${wredis} ${lbtot}`;
      });
    };
    const [theirs, ours] = await Promise.all(twins.map(look));
    deepEqual(ours, theirs);
  },
);
