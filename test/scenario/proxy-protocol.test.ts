// Connections that should begin with a PROXY header and do not: closed, counted and logged in HAProxy's words.

import { test } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import { connect, freePorts, PREAMBLE, sleep, start } from './harness.ts';

test('refused PROXY headers are logged, error-log-format replaces the line', async (t) => {
  const [plain, silent, own] = await freePorts(3);
  const config = `${PREAMBLE}
    timeout client 300ms
frontend plain
    bind 127.0.0.1:${plain} accept-proxy name door
frontend silent
    bind 127.0.0.1:${silent} accept-proxy
    option dontlognull
frontend own
    bind 127.0.0.1:${own} accept-proxy
    error-log-format "refused %ci at %f: %[fc_err] %[fc_err_name] %[fc_err_str] %OG"
`;
  const program = await start(t, config, [plain!, silent!, own!]);
  const said = async (reason: RegExp): Promise<string> => (await program.logs(reason))[0]!;
  const send = async (port: number, text: string): Promise<void> => {
    const client = await connect(t, port);
    if (text !== '') client.send(text);
    await client.all();
  };
  await send(plain!, 'GET / HTTP/1.1\r\n\r\n');
  match(
    await said(/does not look like/),
    /127\.0\.0\.1:\d+ \[[^\]]+\] plain\/door: Received something which does not look like a PROXY protocol header$/,
  );
  await send(plain!, 'PROXY TCP4 1.2.3.4 x\r\n');
  await said(/plain\/door: Received an invalid PROXY protocol header$/);
  await send(plain!, 'PROXY TCP4 1.');
  await said(/plain\/door: Truncated PROXY protocol header received$/);
  await send(plain!, '');
  await said(/plain\/door: Timeout while waiting for PROXY protocol header$/);
  await send(silent!, '');
  await send(own!, 'nonsense and more of it\r\n');
  match(
    await said(/refused .* 15 /),
    /refused 127\.0\.0\.1 at own: 15 PRX_NOT_HDR Received something which does not look like a PROXY protocol header sess_killed$/,
  );
  await sleep(50);
  strictEqual(program.stdout.includes(' silent/'), false);
});
