import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { bindSocket, closeSocket, openSocket, SOCK_DGRAM, type SocketAddress } from '../sys/socket.ts';
import { receiveFds } from '../sys/pass-fds.ts';
import { notify, notifyAddress, readyLines } from './notify.ts';

test('where a service manager listens', () => {
  equal(notifyAddress(undefined), null);
  equal(notifyAddress(''), null);
  equal(notifyAddress('relative'), null);
  deepEqual(notifyAddress('@name'), { family: 'abns', address: 'name', port: 0 });
  deepEqual(notifyAddress('/run/n'), { family: 'unix', address: '/run/n', port: 0 });
});

test('READY=1 arrives as one datagram', () => {
  const name = `hawser-notify-test-${process.pid}`;
  const address: SocketAddress = { family: 'abns', address: name, port: 0 };
  const fd = openSocket(1, SOCK_DGRAM);
  equal(bindSocket(fd, address), 0);
  equal(notify(readyLines(42), `@${name}`), 0);
  equal(receiveFds(fd).payload.toString(), 'READY=1\nMAINPID=42\nSTATUS=Ready.');
  closeSocket(fd);
});

test('without a service manager nothing is sent, and a dead one is an errno', () => {
  equal(notify(['READY=1'], ''), 0);
  equal(notify(['READY=1'], '@hawser-nobody-listens') < 0, true);
});
