import { test } from 'node:test';
import { deepStrictEqual, match } from 'node:assert/strict';
import { loadText } from '../../testing/load.ts';

const messages = (rule: string): string[] => [
  ...loadText(
    `listen l\n  mode http\n  bind 127.0.0.1:1\n  timeout client 1s\n  timeout server 1s\n  timeout connect 1s\n  ${rule}\n`,
  ).messages,
];

test('use-service: the exporter, and what is refused', () => {
  deepStrictEqual(messages('http-request use-service prometheus-exporter if { path /metrics }'), []);
  match(messages('http-request use-service')[0]!, /expects a service name/);
  match(messages('http-request use-service nonsense')[0]!, /unknown service name 'nonsense'/);
  match(messages('http-request use-service lua.x')[0]!, /service 'lua.x' is known but not yet supported/);
  match(messages('tcp-request content use-service x')[0]!, /known but not yet supported/);
});
