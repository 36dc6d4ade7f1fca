import { isIP } from 'node:net';
import { defineCommand, message, parseCount, refuse, withServer, type Call } from '../command.ts';
import type { ServerControl } from '../view.ts';
import { setWeight } from './weight.ts';

const usage =
  'usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | check-addr | ' +
  'check-port | fqdn | health | ssl | state | weight';

const by = "by 'stats socket command'";

/** `addr <ip> [port <port>]`: tells what changed. */
function setAddress(call: Call, server: ServerControl): string[] {
  const [, , address, word, portText] = call.args;
  if (address === undefined)
    return refuse(call, 'set server <b>/<s> addr requires an address and optionally a port.');
  if (isIP(address) === 0) return refuse(call, `Invalid addr '${address}' ${by}`);
  let port = -1;
  if (word !== undefined) {
    if (word !== 'port')
      return refuse(call, 'set server <b>/<s> addr requires an address and optionally a port.');
    const match = /^[+-]?\d{1,5}$/.exec(portText ?? '');
    if (match === null || !/^\d/.test(portText!))
      return refuse(call, `provided port is not an integer ${by}`);
    port = Number(portText);
    if (port > 65535) return refuse(call, `provided port is not valid ${by}`);
  }
  const { address: before, port: portBefore } = server;
  const moved = address !== before;
  const ported = port >= 0 && port !== portBefore;
  const first = moved ? `IP changed from '${before}' to '${address}'` : 'no need to change the addr';
  let second = '';
  if (port >= 0)
    second = ported ? `, port changed from '${portBefore}' to '${port}'` : ', no need to change the port';
  if (moved || ported) server.setAddress(moved ? address : null, ported ? port : null);
  return message(call, moved || ported ? 'notice' : 'info', `${first}${second} ${by}`);
}

function setCheckPort(server: ServerControl, text: string | undefined): string | null {
  if (server.check === null) return 'health checks are not enabled on this server';
  const port = parseCount(text);
  if (port < 0) return 'provided port is not an integer';
  if (port > 65535) return 'provided port is not valid';
  server.setCheckPort(port);
  return null;
}

function change(call: Call, server: ServerControl): string | null {
  const [, what, value] = call.args;
  switch (what) {
    case 'weight':
      return setWeight(server, value);
    case 'state':
      if (value !== 'ready' && value !== 'drain' && value !== 'maint')
        return "'set server <srv> state' expects 'ready', 'drain' and 'maint'.";
      server.setState(value);
      return null;
    case 'health':
      if (server.config.track !== null) return 'cannot change health on a tracking server.';
      if (value !== 'up' && value !== 'stopping' && value !== 'down')
        return "'set server <srv> health' expects 'up', 'stopping', or 'down'.";
      return server.setHealth(value);
    case 'agent':
      if (server.agent === null) return 'agent checks are not enabled on this server.';
      if (value !== 'up' && value !== 'down') return "'set server <srv> agent' expects 'up' or 'down'.";
      return server.setAgentHealth(value);
    case 'check-port':
      return setCheckPort(server, value);
    case 'fqdn':
      return 'set server <b>/<s> fqdn failed because no resolution is configured.';
    case 'ssl':
      return "'set server <srv> ssl' cannot be set.  default-server should define ssl settings";
    case 'agent-addr':
    case 'agent-port':
    case 'agent-send':
      if (server.agent === null) return 'agent checks are not enabled on this server';
      return `'set server <srv> ${what}' is not supported.`;
    case 'check-addr':
      if (server.check === null) return 'health checks are not enabled on this server';
      return `'set server <srv> ${what}' is not supported.`;
    default:
      return usage;
  }
}

export default defineCommand({
  words: ['set', 'server'],
  usage: 'set server <bk>/<srv> [opts]',
  doc: "change a server's state, weight, address or ssl",
  level: 'admin',
  run(call) {
    let answer: string[] = [];
    const refusal = withServer(call, (server) => {
      if (call.args[1] !== 'addr') return change(call, server);
      answer = setAddress(call, server);
      return null;
    });
    return refusal.length > 0 ? refusal : answer;
  },
});
