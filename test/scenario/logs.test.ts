// What is logged when and in which form: steps, profiles, structured data, errors, encodings.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import { answering, exchange, freePorts, ok, PREAMBLE, serve, start, until } from './harness.ts';

const close = (path = '/'): string => `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;

/** A UDP socket that keeps what it is sent. */
async function receiver(t: TestContext): Promise<{ port: number; lines: string[] }> {
  const socket = createSocket('udp4');
  const lines: string[] = [];
  socket.on('message', (bytes) => lines.push(bytes.toString('latin1')));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return { port: socket.address().port, lines };
}

test('log-steps: one line for each step, in order', async (t) => {
  const server = await serve(t, answering(ok('hello')));
  const log = await receiver(t);
  const [http, tcp, some] = await freePorts(3);
  const config = `${PREAMBLE}
log-profile steps
  on any format "%f %OG"
  on close format "%f end %OG %ST"
defaults
  mode http
  log 127.0.0.1:${log.port} format raw profile steps local0
  timeout client 500ms
  timeout server 500ms
  timeout connect 5s
listen all
  bind 127.0.0.1:${http}
  log-steps all
  server s1 127.0.0.1:${server.port}
listen tcp
  mode tcp
  bind 127.0.0.1:${tcp}
  log-steps accept,connect,close
  server s1 127.0.0.1:${server.port}
listen some
  bind 127.0.0.1:${some}
  log-steps response
  server s1 127.0.0.1:${server.port}
`;
  await start(t, config, [http!, some!]);
  await exchange(t, http!, close());
  await exchange(t, tcp!, close());
  await exchange(t, some!, close());
  // What looked whether the ports are open made lines about nothing.
  const lines = (): string[] =>
    log.lines.map((line) => line.trim()).filter((line) => !/sess_error/.test(line));
  await until(() => lines().at(-1) === 'some txn_response', `the last line, got ${lines().join()}`);
  deepStrictEqual(lines().slice(-9), [
    ...['accept', 'request', 'connect', 'response'].map((step) => `all txn_${step}`),
    'all end txn_close 200',
    'tcp txn_accept',
    'tcp txn_connect',
    'tcp end txn_close -1',
    'some txn_response',
  ]);
});

test('profiles: format, structured data, tag and drop for each target; do-log with its own', async (t) => {
  const [one, two, three] = await Promise.all([receiver(t), receiver(t), receiver(t)]);
  const [port] = await freePorts(1);
  const config = `${PREAMBLE}
defaults
  mode http
  timeout client 5s
  log-tag plain
frontend fe
  bind 127.0.0.1:${port}
  log 127.0.0.1:${one.port} format rfc5424 local0
  log 127.0.0.1:${two.port} format rfc5424 profile tagged local0
  log 127.0.0.1:${three.port} format local profile few local0
  log-format "line %OG %HU"
  log-format-sd "[a@1 uri=\\"%{+E}HU\\"]"
  error-log-format "error %OG %ST"
  http-request do-log if { path /do }
  http-request do-log profile other if { path /other }
  http-request return status 200
log-profile tagged
  log-tag custom
  on close sd "[b@2]"
  on http-req drop
log-profile few
  on error format "few"
  on any drop
log-profile other
  log-tag other
  on any format "by hand"
`;
  await start(t, config, []);
  await until(async () => (await exchange(t, port!, close('/a]')).catch(() => '')) !== '', 'an answer');
  await exchange(t, port!, close('/do'));
  await exchange(t, port!, close('/other'));
  await exchange(t, port!, 'BAD\r\n\r\n');
  await until(() => three.lines.length === 2 && one.lines.length === 6 && two.lines.length === 5, 'lines');
  const after = (lines: string[]): string[] =>
    lines.map((line) => line.replace(/^\S+ \S+ \S+ |\d+ - |\n/g, ''));
  deepStrictEqual(after(one.lines), [
    'plain [a@1 uri="/a\\]"] line txn_close /a]',
    'plain [a@1 uri="/do"] line http-req /do',
    'plain [a@1 uri="/do"] line txn_close /do',
    'other [a@1 uri="/other"] by hand',
    'plain [a@1 uri="/other"] line txn_close /other',
    'plain [a@1 uri="<BADREQ>"] error sess_error 400',
  ]);
  deepStrictEqual(after(two.lines), [
    'custom [b@2] line txn_close /a]',
    'custom [b@2] line txn_close /do',
    'other [a@1 uri="/other"] by hand',
    'custom [b@2] line txn_close /other',
    'custom [a@1 uri="<BADREQ>"] error sess_error 400',
  ]);
  match(three.lines[0]!, /^<134>.* other\[\d+\]: by hand\n$/);
  match(three.lines[1]!, /^<134>.* plain\[\d+\]: few\n$/);
});

test('a line of JSON can be read; httpslog says that there was no TLS', async (t) => {
  const [json, https] = await freePorts(2);
  const config = `${PREAMBLE}
defaults
  mode http
  timeout client 5s
  log stdout format raw local0
frontend json
  bind 127.0.0.1:${json}
  log-format "%{+json}o %(fe)f %(uri)HU %(status)ST %(ua)[var(txn.ua)] %(none)[var(txn.none)]"
  http-request set-var(txn.ua) hdr(user-agent)
  http-request return status 200
frontend https
  bind 127.0.0.1:${https}
  option httpslog
  http-request return status 200
`;
  const program = await start(t, config, []);
  const ask = 'GET /a?"b" HTTP/1.1\r\nhost: a\r\nuser-agent: "x\\y"\r\nconnection: close\r\n\r\n';
  await until(async () => (await exchange(t, json!, ask).catch(() => '')) !== '', 'an answer');
  await exchange(t, https!, close());
  const [line] = await program.logs(/^\{/);
  deepStrictEqual(JSON.parse(line!), {
    fe: 'json',
    uri: '/a?#22b#22',
    status: 200,
    ua: '"x\\y"',
    none: null,
  });
  await program.logs(/ https https\/<NOSRV> .* "GET \/ HTTP\/1\.1" 0\/-\/-\/-\/0 -\/-\/-$/);
});

test('names of profiles and steps that are not there are refused', async (t) => {
  const refused = async (lines: string): Promise<string> => {
    let said = '';
    await rejects(start(t, `${PREAMBLE}\n${lines}`, [1]), (error: Error) => {
      said = error.message;
      return true;
    });
    return said;
  };
  const frontend = 'frontend fe\n  bind 127.0.0.1:1\n';
  match(
    await refused(`${frontend}  log 127.0.0.1:1 profile nix local0\n`),
    /unable to find log-profile 'nix'/,
  );
  match(await refused(`${frontend}  http-request do-log profile nix\n`), /unable to find log-profile 'nix'/);
  match(await refused(`${frontend}  log-steps accept,nix\n`), /unknown step 'nix'/);
  const twice = await refused('log-profile a\n  on nix drop\nlog-profile a\n');
  match(twice, /'on' : unknown step 'nix', expected one of 'any', 'accept'/);
  match(twice, /log-profile section 'a' already exists/);
  strictEqual(/not yet supported/.test(twice), false);
});
