import { test } from 'node:test';
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { fakeView } from '../cli/fake.ts';
import { parseScrape, renderMetrics, scrapeMetrics } from './prometheus.ts';

/** The names of all metrics of a page, each once. */
const names = (page: string): string[] => Array.from(page.matchAll(/^# TYPE (\S+)/gm), ([, name]) => name!);
const page = (query: string): string => Buffer.from(scrapeMetrics(fakeView(2), query)!).toString();
const scopes = (query: string): string[] => [...parseScrape(query)!.scopes];

test('parseScrape: scopes add up, an empty one starts anew, what is none of them is refused', () => {
  strictEqual(scopes('').length, 7);
  deepStrictEqual(scopes('scope=server'), ['server']);
  deepStrictEqual(scopes('scope=frontend&scope=backend'), ['frontend', 'backend']);
  deepStrictEqual(scopes('scope=*&scope='), []);
  deepStrictEqual(scopes('scope=&scope=global'), ['global']);
  strictEqual(scopes('scope=server&scope=*').length, 7);
  deepStrictEqual(scopes('sc%6fpe=serve%72&other=1'), ['server']);
  for (const query of ['scope', 'scope=x', 'scope=%', 'scope=%ff'])
    strictEqual(parseScrape(query), null, query);
  strictEqual(scrapeMetrics(fakeView(1), 'scope'), null);
});

test('metrics of one name stand together, each with its help and type', () => {
  const text = page('');
  const all = names(text);
  strictEqual(new Set(all).size, all.length);
  let last = '';
  for (const line of text.trimEnd().split('\n')) {
    const [, name] = /^(?:# (?:HELP|TYPE) )?([a-z0-9_]+)/.exec(line)!;
    if (line.startsWith('# HELP')) last = name!;
    strictEqual(name, last);
    ok(/^# |^\S+(\{.*\})? (NaN|-?\d+(\.\d{6})?)$/.test(line), line);
  }
});

test('values, those that do not exist, states, and labels that need escapes', () => {
  const view = fakeView(2);
  const config = view.proxies[1]!.config as { description: string | null };
  config.description = 'a "b"\\\nc';
  view.proxies[1]!.servers[1]!.setState('maint');
  const shown = (query: string): string => renderMetrics(view, parseScrape(query)!);
  const text = shown('scope=server');
  const has = (line: string): void => ok(`\n${text}`.includes(`\n${line}\n`), `${line}\n${text}`);
  has('haproxy_server_weight{proxy="b",server="s1"} 1');
  has('haproxy_server_queue_limit{proxy="b",server="s1"} NaN');
  has('haproxy_server_status{proxy="b",server="s1",state="UP"} 1');
  has('haproxy_server_status{proxy="b",server="s2",state="UP"} 0');
  has('haproxy_server_status{proxy="b",server="s2",state="MAINT"} 1');
  has('haproxy_server_http_responses_total{proxy="b",server="s1",code="4xx"} 0');
  has('haproxy_server_queue_time_average_seconds{proxy="b",server="s1"} 0.000000');
  ok(!shown('scope=server&no-maint').includes('"s2"'));
  ok(shown('scope=backend').includes('agg_server_status{proxy="b",state="MAINT"} 1\n'));
  ok(shown('scope=backend&desc-labels').includes('weight{desc="a \\"b\\"\\\\\\nc",proxy="b"} 1\n'));
});

test('metrics chooses by name; extra-counters shows those of HTTP/1', () => {
  deepStrictEqual(names(page('metrics=haproxy_server_status,haproxy_process_nbthread')), [
    'haproxy_process_nbthread',
    'haproxy_server_status',
  ]);
  const all = names(page(''));
  deepStrictEqual(
    names(page('metrics=-haproxy_server_status')),
    all.filter((name) => name !== 'haproxy_server_status'),
  );
  const extra = names(page('scope=frontend&extra-counters')).filter((name) => name.includes('_h1_'));
  strictEqual(extra.length, 8);
  ok(extra.includes('haproxy_frontend_h1_open_streams'));
});
