// Fetches about a stream's inner life: faults of connections, waiting rules, what ended, what it cost, the SYN.

import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deepStrictEqual, match, ok as holds, strictEqual } from 'node:assert/strict';
import { answering, connect, exchange, freePorts, ok, PREAMBLE, serve, start } from './harness.ts';

const readLines = (file: string): string[] => readFileSync(file, 'utf8').split('\n');
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;

test('bc_err, last_entity, waiting_entity and term_events tell how a stream ended', async (t) => {
  const server = await serve(t, answering(ok('hello')));
  const [front, refused] = await freePorts(2);
  const program = await start(
    t,
    `${PREAMBLE}
    timeout http-request 400ms
    retries 0
frontend fe
    bind 127.0.0.1:${front}
    log-format "%HU err=%[bc_err]/%[bc_err_name]/%[bc_err_str] last=%[last_entity] waits=%[waiting_entity] ends=%[term_events] fc=%[fc_err] ids=%[fs.id]/%[bs.id]"
    http-request deny if { path /deny }
    http-request wait-for-body time 200ms if { method POST }
    use_backend down if { path /down }
    default_backend be
backend be
    server s1 127.0.0.1:${server.port}
backend down
    server s1 127.0.0.1:${refused}
`,
    [front!],
  );
  const lineOf = (word: string): number =>
    readLines(program.file).findIndex((line) => line.includes(word)) + 1;
  const said = async (path: string): Promise<string> => (await program.logs(new RegExp(`${path} err`)))[0]!;
  await exchange(t, front!, get('/fine'));
  match(await said('/fine'), /err=0\/-\/Success last=- waits=- ends=\{e?,-,-,,-,-,\} fc=0 ids=0\/0$/);
  await exchange(t, front!, get('/down'));
  match(
    await said('/down'),
    /err=46\/EREFUSED\/ECONNREFUSED returned by OS last=- waits=- ends=\{e?,-,-,SC,-,-,c\}/,
  );
  await exchange(t, front!, get('/deny'));
  match(await said('/deny'), new RegExp(`last=\\S+:${lineOf('deny if')} waits=- ends=\\{e?,-,-,PR,-,-,\\}`));
  const answer = await exchange(t, front!, 'POST /late HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab');
  match(answer, /^HTTP\/1.1 408/);
  match(await said('/late'), new RegExp(`last=- waits=\\S+:${lineOf('wait-for-body')} ends=\\{,-,-,cR,`));
});

test('debug_str gives the layers that its bitmap asks for', async (t) => {
  const server = await serve(t, answering(ok('hello')));
  const [front] = await freePorts(1);
  await start(
    t,
    `${PREAMBLE}
frontend fe
    bind 127.0.0.1:${front}
    http-response set-header x-sock %[fs.debug_str(16)]
    http-response set-header x-conn %[bs.debug_str(8)]
    http-response set-header x-rest %[fs.debug_str(7)]
    http-response set-header x-all %[bs.debug_str]
    default_backend be
backend be
    server s1 127.0.0.1:${server.port}
`,
    [front!],
  );
  const answer = await exchange(t, front!, get('/'));
  match(answer, /x-sock: sock\.fd=\d+ sock\.state=1 sock\.rtt=\d+us\r\n/);
  match(
    answer,
    /x-conn: conn\.in=43 conn\.out=\d+ conn\.unread=\d+ conn\.end=0 conn\.err=0 conn\.recv=\d conn\.send=0\r\n/,
  );
  match(answer, /x-rest: xprt=RAW mux=H1 mux\.requests=1 strm\.term=---- strm\.wait=\d strm\.retries=0\r\n/);
  match(answer, /x-all: sock\.fd=.* conn\.in=.* xprt=RAW mux=H1 .*strm\.term=/);
});

test('cpu_calls, cpu_ns and lat_ns are measured where a log asks', async (t) => {
  const server = await serve(t, answering(ok('hello')));
  const [front, tcp] = await freePorts(2);
  const program = await start(
    t,
    `${PREAMBLE}
defaults
    timeout client 5s
    timeout server 5s
    timeout connect 5s
    log stdout format raw local0
    log-format "%f,%B %[cpu_calls] %[cpu_ns_tot] %[cpu_ns_avg] %[lat_ns_tot] %[lat_ns_avg] %[cpu_usage_thr] %[cpu_usage_grp] %[cpu_usage_proc]"
listen http
    mode http
    bind 127.0.0.1:${front}
    server s1 127.0.0.1:${server.port}
listen tcp
    mode tcp
    bind 127.0.0.1:${tcp}
    server s1 127.0.0.1:${server.port}
`,
    [front!, tcp!],
  );
  for (const [name, port] of [
    ['http', front!],
    ['tcp', tcp!],
  ] as const) {
    const client = await connect(t, port);
    client.send(get('/'));
    await client.seen(/hello/);
    client.socket.end();
    const line = (await program.logs(new RegExp(`^${name},[1-9]`)))[0]!;
    const [calls, total, average, waited, waitedAverage, ...usage] = line.split(' ').slice(1).map(Number);
    holds(calls! >= 2 && calls! <= 20, line);
    // Microseconds at least, well below what the whole exchange may take.
    holds(total! > 1000 && total! < 1e9, line);
    holds(average! > 0 && average! * calls! <= total! * 3, line);
    holds(waited! >= 0 && waited! < 1e9, line);
    strictEqual(waitedAverage, Math.floor(waited! / calls!));
    strictEqual(usage.length, 3);
    for (const one of usage) holds(one >= 0 && one <= 100, line);
  }
});

test('fc_saved_syn with tcp-ss 1 and 2: the headers of the SYN', async (t) => {
  const [bare, ethernet, without] = await freePorts(3);
  await start(
    t,
    `${PREAMBLE}
frontend fe
    bind 127.0.0.1:${bare} tcp-ss 1
    bind 127.0.0.1:${ethernet} tcp-ss 2
    bind 127.0.0.1:${without}
    tcp-request connection set-var(sess.syn) fc_saved_syn
    http-request set-var(txn.ip) var(sess.syn),bytes(14) if { dst_port ${ethernet} }
    http-request set-var(txn.ip) var(sess.syn) if !{ dst_port ${ethernet} }
    http-request return status 200 content-type text/plain lf-string "%[var(sess.syn),hex,length] %[var(txn.ip),ip.ver] %[var(txn.ip),ip.dst] %[var(txn.ip),ip.data,tcp.dst]"
`,
    [bare!, ethernet!, without!],
  );
  const ask = async (port: number): Promise<string[]> =>
    (await exchange(t, port, get('/'))).split('\r\n\r\n')[1]!.split(' ');
  const [length, ...ip] = await ask(bare!);
  holds(Number(length) >= 80, length ?? 'nothing');
  deepStrictEqual(ip, ['4', '127.0.0.1', String(bare)]);
  const [longer, ...same] = await ask(ethernet!);
  strictEqual(Number(longer), Number(length) + 28);
  deepStrictEqual(same, ['4', '127.0.0.1', String(ethernet)]);
  deepStrictEqual(await ask(without!), ['', '', '', '']);
});

test('res.bytes_in and %B count what came from the server, res.bytes_out what went to the client', async (t) => {
  const answer = ok('hello');
  const server = await serve(t, answering(answer));
  const [front] = await freePorts(1);
  const program = await start(
    t,
    `${PREAMBLE}
frontend fe
    bind 127.0.0.1:${front}
    log-format "%HU B=%B in=%[res.bytes_in] old=%[bytes_out] out=%[res.bytes_out]"
    http-response set-header x-more ${'m'.repeat(100)}
    http-request return status 200 content-type text/plain string here if { path /here }
    default_backend be
backend be
    server s1 127.0.0.1:${server.port}
`,
    [front!],
  );
  const length = answer.length;
  const passed = await exchange(t, front!, get('/passed'));
  strictEqual(
    (await program.logs(/passed B/))[0],
    `/passed B=${length} in=${length} old=${length} out=${passed.length}`,
  );
  const { length: here } = await exchange(t, front!, get('/here'));
  strictEqual((await program.logs(/here B/))[0], `/here B=${here} in=${here} old=${here} out=${here}`);
});
