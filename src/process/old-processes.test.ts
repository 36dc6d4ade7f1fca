import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { OldProcesses } from './old-processes.ts';

function recorded(): { sent: string[]; signal: (pid: number, signal: number) => number } {
  const sent: string[] = [];
  return {
    sent,
    signal: (pid, signal) => {
      sent.push(`${pid}:${signal}`);
      return pid === 404 ? -3 : 0;
    },
  };
}

test('nobody is paused when the ports are free', async () => {
  const { sent, signal } = recorded();
  equal(await new OldProcesses([1], [2], signal).whilePaused(() => 7), 7);
  deepEqual(sent, []);
});

test('the old processes pause, and leave at the end', async () => {
  const { sent, signal } = recorded();
  const old = new OldProcesses([11], [12], signal);
  let tries = 0;
  equal(await old.whilePaused(() => (++tries < 3 ? 'Address already in use' : 5)), 5);
  old.dismiss();
  deepEqual(sent, ['11:22', '12:22', '11:10', '12:15']);
});

test('they resume when the port belongs to somebody else', async () => {
  const { sent, signal } = recorded();
  equal(await new OldProcesses([11], [], signal).whilePaused(() => 'in use'), 'in use');
  deepEqual(sent, ['11:22', '11:21']);
});

test('there is nothing to wait for when none of them lives', async () => {
  const { sent, signal } = recorded();
  let tries = 0;
  equal(await new OldProcesses([404], [], signal).whilePaused(() => `try ${++tries}`), 'try 1');
  deepEqual(sent, ['404:22']);
});
