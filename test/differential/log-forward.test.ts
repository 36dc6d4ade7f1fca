// What becomes of log messages of others: the same through Debian's haproxy and Hawser, in each format. Left out are
// messages without a host name, where HAProxy 2.6 takes the tag for one and later versions do not.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { deepStrictEqual } from 'node:assert/strict';
import { connect, until } from '../scenario/harness.ts';
import { haproxyMissing, startTwins, type Twin } from './twins.ts';

const skip = haproxyMissing();

const FORMATS = ['', 'rfc5424', 'rfc3164', 'local', 'priority', 'short', 'timed', 'iso', 'raw'];
const MESSAGES = [
  '<134>Nov 23 17:59:53 host haproxy[3406]: req /a',
  '<134>Nov  3 17:59:53 host prog: req',
  '<13>Nov 23 17:32:18 10.0.0.99 Use the BFG!',
  '<34>1 2026-10-11T22:14:15.003Z mymachine su 12 ID47 [a@3 iut="3" x="\\]"][b@3 c="d"] text here',
  '<34>1 - h t p m - x',
  '<6>req x',
  'plain text',
];

/** A UDP socket; `last` of what it was sent. */
async function sink(t: TestContext): Promise<{ port: number; lines: string[] }> {
  const socket = createSocket('udp4');
  const lines: string[] = [];
  socket.on('message', (bytes) => lines.push(bytes.toString('latin1')));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return { port: socket.address().port, lines };
}

test('forwarded messages are the same', { skip, timeout: 60_000 }, async (t) => {
  const sinks = new Map<number, { port: number; lines: string[] }[]>();
  const all: { port: number; lines: string[] }[] = [];
  for (let count = 0; count < 2 * FORMATS.length; count++) all.push(await sink(t));
  const twins = await startTwins(t, 2, ([stream, datagram]) => {
    const own = all.splice(0, FORMATS.length);
    sinks.set(datagram!, own);
    const hawser = sinks.size === 2;
    const targets = FORMATS.map((format, at) => {
      const form = format === '' ? '' : `format ${format} `;
      return `    log 127.0.0.1:${own[at]!.port} ${form}local3`;
    });
    return `
global
    stats socket STATS level admin
log-forward in
    bind 127.0.0.1:${stream}
    dgram-bind 127.0.0.1:${datagram}
    ${hawser ? 'option host keep' : ''}
${targets.join('\n')}
`;
  });
  const client = createSocket('udp4');
  t.after(() => client.close());
  const told = async ({ ports, name }: Twin): Promise<string[][]> => {
    const own = sinks.get(ports[1]!)!;
    let sent = 0;
    const arrived = (): Promise<void> =>
      until(() => own.every(({ lines }) => lines.length === sent), `message ${sent} through ${name}`);
    for (const message of MESSAGES) {
      client.send(message, ports[1]!, '127.0.0.1');
      sent++;
      await arrived();
    }
    const peer = await connect(t, ports[0]!);
    peer.send('<13>by line\n14 <13>by a count<13>again\n');
    sent += 3;
    await arrived();
    return own.map(({ lines }) =>
      lines.map((line) =>
        line
          .replace(/\d{4}-\d\d-\d\dT[\d:]+\.\d{6}[+-]\d\d:\d\d/, 'now')
          .replace(/(?<!host.*|10\.0.*)[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?!host|10\.)/, 'now '),
      ),
    );
  };
  const [theirs, ours] = [await told(twins[0]), await told(twins[1])];
  FORMATS.forEach((format, at) => deepStrictEqual(ours[at], theirs[at], `format '${format}'`));
});
