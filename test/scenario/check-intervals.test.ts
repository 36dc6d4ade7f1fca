// inter, fastinter, downinter: how often a server is checked while it is up, changing and down.

import { ok } from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { PREAMBLE, freePorts, start, until } from './harness.ts';

test('a server is checked at the pace of its state', async (t) => {
  let status = 200;
  let checks: number[] = [];
  const server = http.createServer((_request, answer) => {
    checks.push(performance.now());
    answer.writeHead(status).end();
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const [port] = await freePorts(1);
  const program = await start(
    t,
    `${PREAMBLE}
listen l
    bind 127.0.0.1:${port}
    option httpchk
    server s 127.0.0.1:${(server.address() as AddressInfo).port} check inter 500 fastinter 60 downinter 200 rise 4 fall 4
`,
    [port!],
  );
  /** Times between the next `count` checks, ms. */
  const gaps = async (count: number): Promise<number[]> => {
    checks = [];
    await until(() => checks.length > count, `${count} checks`);
    return checks.slice(1).map((at, index) => at - checks[index]!);
  };
  /** Half of the gaps are at most this long, whatever else the machine does. */
  const near = (seen: readonly number[], wanted: number): void => {
    const median = seen.toSorted((one, other) => one - other)[seen.length >> 1]!;
    ok(median > wanted * 0.6 && median < wanted * 1.9, `${median} ms instead of ${wanted}`);
  };
  await gaps(1);
  near(await gaps(3), 500);
  status = 500;
  // The check that fails first, and three more until it is down.
  near(await gaps(3), 60);
  await program.logs(/Server l\/s is DOWN/);
  near((await gaps(4)).slice(1), 200);
  status = 200;
  near(await gaps(3), 60);
  await program.logs(/Server l\/s is UP/);
  near((await gaps(4)).slice(1), 500);
});
