// `show servers state` and the ids of `show stat` beside Debian's haproxy: automatic and forced ids, health and check
// states of servers without checks, in maintenance, drained and enabled again.

import { deepEqual, match } from 'node:assert/strict';
import { test } from 'node:test';
import { haproxyMissing, startTwins, type Twin } from './twins.ts';

const skip = haproxyMissing();

const config = (ports: readonly number[]): string => `global
  stats socket STATS level admin
defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
listen l0
  bind 127.0.0.1:${ports[0]}
backend b1
  server plain 127.0.0.1:9
  server forced 127.0.0.1:9 id 4
  server off 127.0.0.1:9 disabled
  server checked 127.0.0.1:9 check inter 100s rise 3 fall 2 disabled
  server later 127.0.0.1:9 check inter 100s rise 3
  server tracker 127.0.0.1:9 track b1/later
backend b2
  id 5
  server s 127.0.0.1:9 rise 7
frontend f3
  bind 127.0.0.1:${ports[1]}
  bind 127.0.0.1:${ports[2]} id 9
  bind 127.0.0.1:${ports[3]}
  option socket-stats
backend b4
backend b5
  id 6
backend b6
`;

test('ids and states of servers', { skip }, async (t) => {
  const twins = await startTwins(t, 4, config);
  /** All fields but the age of the state. */
  const states = async (twin: Twin): Promise<string[]> =>
    (await twin.ask('show servers state')).split('\n').map((line) => {
      const fields = line.split(' ');
      if (fields.length > 20 && fields[0] !== '#') fields[9] = 'age';
      return fields.join(' ');
    });
  const ids = async (twin: Twin): Promise<string[]> =>
    Array.from(await twin.stat(), ([name, row]) => `${name} ${row['iid']} ${row['sid']}`);
  const [theirs, ours] = await Promise.all(twins.map(ids));
  deepEqual(ours, theirs);
  const same = async (): Promise<string> => {
    const [expected, seen] = await Promise.all(twins.map(states));
    deepEqual(seen, expected);
    return expected!.join('\n');
  };
  match(await same(), / b1 3 off 127.0.0.1 0 5 1 1 age 1 0 0 8 0 0 0 /);
  for (const order of [
    'disable server b1/plain',
    'set server b1/forced state drain',
    'enable server b1/off',
    'disable server b1/later',
    'enable server b1/later',
  ]) {
    for (const twin of twins) await twin.ask(order);
    await same();
  }
});
