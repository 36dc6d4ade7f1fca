// The Prometheus exporter of both programs: the same metrics of the same types, with the same labels, in one order.

import { test } from 'node:test';
import { deepStrictEqual, ok } from 'node:assert/strict';
import { exchange } from '../scenario/harness.ts';
import { haproxyMissing, startTwins } from './twins.ts';

/** HAProxy 2.6 lacks them; later releases have them. */
const LATER = /haproxy_(process_node|process_description|server_active|server_backup)\b/;
/** Depend on the moment, the program or the machine; all else has to have the same value. */
const FREE =
  /^haproxy_(process_(?!nbthread|nbproc|relative|limit|stopping|max_(ssl|pipes|back|front))|\w+_(limit_sessions|last_change_seconds|downtime_seconds_total|last_session_seconds|check_duration_seconds|need_connections_current|max_total_time_seconds|total_time_average_seconds|max_session_rate|rate_max|bytes_(in|out)_total|max_sessions|connections_total|sessions_total|requests_total|requests_rate_max|current_sessions|responses_total|intercepted_requests_total))/;

function shown(text: string): { types: string[]; labels: string[]; values: string[] } {
  const lines = text.split('\n').filter((line) => /^(# TYPE )?haproxy_/.test(line) && !LATER.test(line));
  const types = lines.filter((line) => line.startsWith('#'));
  const values = lines.filter((line) => !line.startsWith('#'));
  return {
    types,
    labels: values.map((line) => line.replace(/version="[^"]*"/, '').replace(/ \S+$/, '')),
    values: values.filter((line) => !FREE.test(line)),
  };
}

test('metrics, types, labels, order and settled values', { skip: haproxyMissing() }, async (t) => {
  const twins = await startTwins(
    t,
    4,
    ([stats, front, dead, tcp]) => `
global
    stats socket STATS level admin
    nbthread 1
defaults
    mode http
    timeout connect 1s
    timeout client 3s
    timeout server 3s
    option socket-stats
listen stats
    bind 127.0.0.1:${stats}
    http-request use-service prometheus-exporter if { path /metrics }
frontend fe
    bind 127.0.0.1:${front} name web
    default_backend be
backend be
    server s1 127.0.0.1:${dead}
    server s2 127.0.0.1:${dead} check inter 5s maxqueue 10 maxconn 12 pool-max-conn 42
    server s3 127.0.0.1:${dead} weight 7 disabled
listen t
    mode tcp
    bind 127.0.0.1:${tcp}
    server s4 127.0.0.1:${dead} backup
`,
  );
  for (const query of [
    '',
    '?scope=server',
    '?scope=frontend&scope=backend',
    '?scope=*&scope=',
    '?scope=server&no-maint',
    '?scope',
    '?scope=x',
    '?scope=listener&other',
  ]) {
    const pages = [];
    for (const twin of twins) {
      const request = `GET /metrics${query} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;
      let text = '';
      // The check of s2 has to have failed.
      for (let i = 0; i < 200; i++) {
        text = await exchange(t, twin.ports[0]!, request);
        if (!/check_status\{proxy="be",server="s2",state="L4CON"\} 0/.test(text)) break;
      }
      pages.push({ status: text.slice(0, 12), ...shown(text.replaceAll(/\r\n[0-9a-f]+\r\n/g, '')) });
    }
    deepStrictEqual(pages[1], pages[0], query);
    if (query === '') ok(pages[0]!.labels.length > 500);
  }
});
