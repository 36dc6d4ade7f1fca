// be-unpublished, disabled and force-be-switch: which backends switching rules choose (manual 4.2), and the commands
// publish backend and unpublish backend.

import { test, type TestContext } from 'node:test';
import { match, strictEqual } from 'node:assert/strict';
import { exchange, freePorts, PREAMBLE, start, serve, type Hawser } from './harness.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askSocket } from './stats-socket.ts';

interface Place {
  readonly program: Hawser;
  readonly ports: readonly number[];
  readonly ask: (line: string) => Promise<string>;
}

/** An HTTP frontend, a listen, and a TCP frontend; backends answer with their name. */
async function begin(t: TestContext): Promise<Place> {
  const server = await serve(t, (peer) => {
    peer.send('tcp');
    peer.socket.end();
  });
  const ports = await freePorts(3);
  const [front, listen, tcp] = ports;
  const directory = mkdtempSync(join(tmpdir(), 'hawser-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 's');
  const answer = 'http-request return status 200 hdr x-be %[be_name]';
  const config = `${PREAMBLE.replace('global', `global\n    stats socket ${path} level operator`)}
frontend fe
    bind 127.0.0.1:${front}
    force-be-switch if { req.hdr(x-force) 1 }
    use_backend %[req.hdr(x-target)] if { req.hdr(x-dyn) 1 }
    use_backend off if { req.hdr(x-target) off }
    use_backend hidden if { req.hdr(x-target) hidden }
    use_backend be
    use_backend be2
    default_backend last
listen li
    bind 127.0.0.1:${listen}
    default_backend hidden
    server s 127.0.0.1:1
frontend raw
    bind 127.0.0.1:${tcp}
    mode tcp
    use_backend rawhidden
    default_backend rawlast
backend be
    ${answer}
backend be2
    ${answer}
backend hidden
    be-unpublished
    ${answer}
backend off
    disabled
    ${answer}
backend last
    ${answer}
backend rawhidden
    mode tcp
    be-unpublished
    server s 127.0.0.1:${server.port}
backend rawlast
    mode tcp
`;
  const program = await start(t, config, ports);
  return { program, ports, ask: (line) => askSocket(path, line) };
}

test('switching passes over what is disabled or unpublished, unless it is forced', async (t) => {
  const { ports, ask, program } = await begin(t);
  const goes = async (port: number, ...headers: string[]): Promise<string> => {
    const lines = ['GET / HTTP/1.1', 'host: a', 'connection: close', ...headers, '', ''];
    const answer = await exchange(t, port, lines.join('\r\n'));
    return /x-be: (\S+)/.exec(answer)?.[1] ?? answer.slice(9, 12);
  };
  const [front, listen, tcp] = ports as [number, number, number];
  strictEqual(await goes(front), 'be');
  strictEqual(await goes(front, 'x-dyn: 1', 'x-target: be2'), 'be2');
  strictEqual(await goes(front, 'x-dyn: 1', 'x-target: nothing'), 'last');
  for (const name of ['off', 'hidden']) {
    strictEqual(await goes(front, `x-target: ${name}`), 'be', name);
    strictEqual(await goes(front, 'x-dyn: 1', `x-target: ${name}`), 'be', name);
    strictEqual(await goes(front, 'x-force: 1', `x-target: ${name}`), name);
    strictEqual(await goes(front, 'x-force: 1', 'x-dyn: 1', `x-target: ${name}`), name);
  }
  strictEqual(await goes(listen), '503', 'a listen stays with itself, and its server is not there');
  strictEqual(await exchange(t, tcp, 'x'), '');

  strictEqual(await ask('unpublish backend nothing'), 'No such backend.\n\n');
  strictEqual(await ask('unpublish backend off'), 'No effect on a disabled backend.\n\n');
  strictEqual(await ask('publish backend off'), 'No effect on a disabled backend.\n\n');
  strictEqual(await ask('unpublish backend be'), 'Backend unpublished.\n\n');
  strictEqual(await goes(front), 'be2');
  strictEqual(await goes(front, 'x-dyn: 1', 'x-target: be'), 'be2');
  strictEqual(await goes(front, 'x-force: 1'), 'be');
  await ask('unpublish backend be2');
  strictEqual(await goes(front), 'last');
  await ask('unpublish backend last');
  strictEqual(await goes(front), '503');
  for (const name of ['be', 'hidden', 'rawhidden']) {
    strictEqual(await ask(`publish backend ${name}`), 'Backend published.\n\n');
  }
  strictEqual(await goes(front), 'be');
  strictEqual(await goes(listen), 'hidden');
  strictEqual(await exchange(t, tcp, 'x'), 'tcp');
  match(await ask('help publish'), /publish backend <backend>/);
  strictEqual(program.ended, null);
});
