import { test } from 'node:test';
import assert from 'node:assert/strict';
import { loadText } from '../../testing/load.ts';
import type { BindConfig } from '../model.ts';

function binds(line: string): readonly BindConfig[] {
  const { config, messages } = loadText(`frontend f\n bind ${line}\n`);
  assert.notEqual(config, null, messages.join('\n'));
  return config!.proxies[0]!.binds;
}

test('bind options fill their fields', () => {
  const [bind] = binds(
    ':80 name web id 7 maxconn 10 backlog 20 mss 1400 interface lo tcp-ut 5s accept-proxy defer-accept tfo transparent',
  );
  assert.deepEqual(
    [
      bind!.name,
      bind!.id,
      bind!.maxconn,
      bind!.backlog,
      bind!.mss,
      bind!.interfaceName,
      bind!.tcpUserTimeout,
    ],
    ['web', 7, 10, 20, 1400, 'lo', 5000],
  );
  assert.ok(bind!.acceptProxy && bind!.deferAccept && bind!.tfo && bind!.transparent);
});

test('bind options of a unix socket', () => {
  const [bind] = binds('unix@/tmp/x mode 660 uid 5 gid 6');
  assert.deepEqual([bind!.address.kind, bind!.mode, bind!.uid, bind!.gid], ['unix', 0o660, 5, 6]);
});

test('a stats socket takes level, severity-output and expose-fd', () => {
  const { config } = loadText(
    'global\n stats socket /tmp/x level admin severity-output string expose-fd listeners\n stats timeout 2m\n',
  );
  const { global } = config!;
  const { bind } = global.statsSockets[0]!;
  assert.deepEqual([bind.level, bind.severityOutput, bind.exposeFdListeners], ['admin', 'string', true]);
  assert.equal(global.statsTimeoutMs, 120_000);
});
