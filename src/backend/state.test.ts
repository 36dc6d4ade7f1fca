import { test } from 'node:test';
import { deepStrictEqual, notStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { ProxyInt, ServerInt, SharedBlock } from '../core/shared.ts';
import type { ServerConfig } from '../config/model.ts';
import { balanceSettings, backendConfig, makeBackend, makeGround, FirstFree } from './testing.ts';
import { Entered, QueueEntry } from './queue.ts';
import { Pick } from './backend.ts';
import { StateKeeper } from './state.ts';
import type { StreamContext } from '../sample/context.ts';
import type { Server } from './server.ts';

function house(specs: Record<string, Partial<ServerConfig>[]>, algorithm = 'roundrobin') {
  const lines: string[] = [];
  const clock = { ms: 1000 };
  const keeper = new StateKeeper({
    log: (_backend, level, text) => lines.push(`${level} ${text}`),
    now: () => clock.ms,
  });
  const servers = new Map<string, Server>();
  const backends = Object.entries(specs).map(([name, list]) => {
    const config = backendConfig(list, { name, balance: balanceSettings(algorithm) });
    const { backend } = makeBackend(
      makeGround(config, 1, 4),
      0,
      () => {},
      (farm) => new FirstFree(farm),
    );
    keeper.add(backend);
    for (const server of backend.servers) servers.set(`${name}/${server.name}`, server);
    return backend;
  });
  keeper.link();
  const at = (name: string): Server => servers.get(name)!;
  return { keeper, backends, at, lines, clock };
}

const specs = {
  h: [
    { name: 's1', weight: 3 },
    { name: 'bk', backup: true },
    { name: 'bk2', backup: true },
  ],
  t: [{ name: 't2', track: 'h/s1' }, { name: 't1' }],
};

test('the words of maintenance, drain and health, trackers included', () => {
  const { keeper, at, lines } = house(specs);
  const s1 = at('h/s1');
  keeper.setMaintenance(s1);
  keeper.setReady(s1);
  keeper.setDrain(s1);
  keeper.setReady(s1);
  keeper.setMaintenance(at('h/bk'));
  keeper.setMaintenance(at('h/bk2'));
  keeper.setMaintenance(s1);
  keeper.setReady(at('h/bk'));
  keeper.setReady(s1);
  keeper.setHealth(s1, 'down', ', changed from CLI');
  keeper.setHealth(s1, 'up', '');
  keeper.setHealth(s1, 'stopping', ', changed from CLI');
  keeper.setHealth(s1, 'down', '');
  deepStrictEqual(lines, [
    '1 Server h/s1 is going DOWN for maintenance. 0 active and 2 backup servers left. Running on backup. 0 sessions active, 0 requeued, 0 remaining in queue.',
    '1 Server t/t2 is going DOWN for maintenance via h/s1. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
    '5 Server h/s1 is UP/READY (leaving forced maintenance).',
    '5 Server t/t2 is UP/READY (leaving maintenance).',
    '5 Server h/s1 enters drain state. 0 active and 2 backup servers online. Running on backup. 0 sessions requeued, 0 total in queue.',
    '5 Server t/t2 enters drain state via h/s1. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
    '5 Server h/s1 is UP (leaving forced drain).',
    '5 Server t/t2 is UP (leaving forced drain).',
    '1 Backup Server h/bk is going DOWN for maintenance. 1 active and 1 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
    '1 Backup Server h/bk2 is going DOWN for maintenance. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
    '1 Server h/s1 is going DOWN for maintenance. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
    '0 backend h has no server available!',
    '1 Server t/t2 is going DOWN for maintenance via h/s1. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
    '5 Backup Server h/bk is UP/READY (leaving forced maintenance).',
    '5 Server h/s1 is UP/READY (leaving forced maintenance).',
    '5 Server t/t2 is UP/READY (leaving maintenance).',
    '1 Server h/s1 is DOWN, changed from CLI. 0 active and 1 backup servers left. Running on backup. 0 sessions active, 0 requeued, 0 remaining in queue.',
    '1 Server t/t2 is DOWN via h/s1. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
    '5 Server h/s1 is UP. 1 active and 1 backup servers online. 0 sessions requeued, 0 total in queue.',
    '5 Server t/t2 is UP via h/s1. 2 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
    '5 Server h/s1 is stopping, changed from CLI. 0 active and 1 backup servers online. Running on backup. 0 sessions requeued, 0 total in queue.',
    '5 Server t/t2 is stopping via h/s1. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.',
    '5 Server h/s1 is DOWN. 0 active and 1 backup servers left. Running on backup. 0 sessions active, 0 requeued, 0 remaining in queue.',
    '5 Server t/t2 is DOWN via h/s1. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.',
  ]);
});

test('weights: absolute, relative, limits, static algorithms', () => {
  const { keeper, at } = house({ b: [{ name: 's', weight: 3 }] });
  const server = at('b/s');
  strictEqual(keeper.setWeight(server, '50%'), null);
  strictEqual(server.userWeight, 1);
  strictEqual(keeper.setWeight(server, '200'), null);
  strictEqual(server.weight, 200);
  strictEqual(keeper.setWeight(server, '257'), 'Absolute weight can only be between 0 and 256 inclusive.');
  strictEqual(keeper.setWeight(server, 'x'), 'Empty weight string empty or preceded by garbage');
  strictEqual(keeper.setWeight(server, '0'), null);
  strictEqual(server.drain, true);
  const fixed = house({ b: [{ name: 's', weight: 3 }] }, 'static-rr');
  strictEqual(fixed.keeper.setWeight(fixed.at('b/s'), '0'), null);
  strictEqual(fixed.keeper.setWeight(fixed.at('b/s'), '100%'), null);
  strictEqual(fixed.keeper.setWeight(fixed.at('b/s'), '2')?.startsWith('Backend is using a static'), true);
});

test('slow start: weight and maxconn climb after a failure, not at start', () => {
  const { keeper, at, clock } = house({ b: [{ name: 's', weight: 10, slowstartMs: 1000, maxconn: 20 }] });
  const server = at('b/s');
  strictEqual(server.weight, 10);
  keeper.setHealth(server, 'down', '');
  keeper.setHealth(server, 'up', '');
  strictEqual(server.operational, 1);
  strictEqual(server.weight, 1);
  strictEqual(server.dynamicMaxconn(), 1);
  clock.ms += 500;
  keeper.tick();
  strictEqual(server.weight, 5);
  strictEqual(server.dynamicMaxconn(), 10);
  clock.ms += 500;
  keeper.tick();
  strictEqual(server.operational, 2);
  strictEqual(server.weight, 10);
  strictEqual(server.dynamicMaxconn(), 20);
});

test('minconn and fullconn make a ramp', () => {
  const { at, backends } = house({ b: [{ name: 's', minconn: 10, maxconn: 50 }] });
  const limit = (sessions: number): number => {
    backends[0]!.ints[ProxyInt.CURRENT] = sessions;
    return at('b/s').dynamicMaxconn();
  };
  deepStrictEqual([0, 10, 40, 80, 100, 500].map(limit), [10, 10, 20, 40, 50, 50]);
});

test('on-marked-down and on-marked-up ask for sessions to be closed', () => {
  const { keeper, at } = house({
    b: [
      { name: 's', onMarkedDown: 'shutdown-sessions', onMarkedUp: 'shutdown-backup-sessions' },
      { name: 'k', backup: true },
    ],
  });
  keeper.setHealth(at('b/s'), 'down', '');
  strictEqual(at('b/s').ints[ServerInt.SHUTDOWN_VERSION], 1);
  keeper.setHealth(at('b/s'), 'up', '');
  strictEqual(at('b/k').ints[ServerInt.SHUTDOWN_VERSION], 1);
});

test('tracking: unknown names and circles are refused', () => {
  throws(() => house({ b: [{ name: 'a', track: 'nobody' }] }), /unable to find/);
  throws(
    () =>
      house({
        b: [
          { name: 'a', track: 'b' },
          { name: 'b', track: 'a' },
        ],
      }),
    /circle/,
  );
});

test('an address told after the start has another version than the first one', () => {
  const ground = makeGround(backendConfig([{}]), 1, 2);
  // The control thread counted the change before this thread looked; its message comes after.
  new SharedBlock(ground.servers[0]!, 0).ints[ServerInt.ADDRESS_VERSION] = 1;
  const { backend } = makeBackend(
    ground,
    0,
    () => {},
    (farm) => new FirstFree(farm),
  );
  const server = backend.servers[0]!;
  const before = server.addressVersion;
  server.setAddress('192.0.2.9', 81, 1);
  notStrictEqual(server.addressVersion, before);
});

test('who waits is served by a server that comes into use: a backup, or one that has a weight again', () => {
  const list = [
    { name: 's', maxconn: 1 },
    { name: 'bk', backup: true, maxconn: 1 },
  ];
  const config = backendConfig(list, { name: 'b', balance: balanceSettings('roundrobin') });
  const { backend, waiters } = makeBackend(
    makeGround(config, 1, 4),
    0,
    () => {},
    (farm) => new FirstFree(farm),
  );
  const keeper = new StateKeeper({ log() {}, now: () => 1000 });
  keeper.add(backend);
  const granted: string[] = [];
  class Waiter extends QueueEntry {
    override onGranted(server: Server): void {
      granted.push(server.name);
    }
    override onRedistributed(): void {}
  }
  const wait = (): void => {
    strictEqual(backend.pick({} as StreamContext, null), Pick.QUEUE);
    strictEqual(backend.queue.enter(new Waiter(), null, 1000), Entered.WAITING);
  };
  const [server, backup] = backend.servers as [Server, Server];
  strictEqual(backend.pick({} as StreamContext, null), Pick.RESERVED);
  wait();
  keeper.setMaintenance(server);
  waiters.drain();
  deepStrictEqual(granted, ['bk']);
  wait();
  keeper.setReady(server);
  strictEqual(keeper.setWeight(server, '0'), null);
  backup.release();
  server.release();
  waiters.drain();
  deepStrictEqual(granted, ['bk', 'bk']);
  wait();
  strictEqual(keeper.setWeight(server, '100%'), null);
  waiters.drain();
  deepStrictEqual(granted, ['bk', 'bk', 's']);
});
