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

/** `<addr> [port <port>]` of checks: what is said where it is wrong, or what was meant. */
function checkPlace(
  call: Call,
  what: string,
): string | { readonly address: string; readonly port: number | null } {
  const [, , address, word, portText] = call.args;
  if (address === undefined) return `set server <b>/<s> ${what} requires an address and optionally a port.`;
  if (isIP(address) === 0) return `invalid addr '${address}'`;
  if (word !== 'port') return { address, port: null };
  const port = parseCount(portText);
  if (port < 0) return 'provided port is not an integer';
  return port > 65535 ? 'provided port is invalid' : { address, port };
}

function setCheckAddress(call: Call, server: ServerControl): string | null {
  if (server.check === null) return 'health checks are not enabled on this server';
  const place = checkPlace(call, 'check-addr');
  if (typeof place === 'string') return place;
  server.setCheckAddress(place.address);
  if (place.port !== null) server.setCheckPort(place.port);
  return null;
}

function setAgent(
  call: Call,
  server: ServerControl,
  what: 'agent-addr' | 'agent-port' | 'agent-send',
): string | null {
  const settings = server.agentSettings;
  const value = call.args[2];
  if (settings === null)
    return `agent checks are not enabled on this server${what === 'agent-send' ? '.' : ''}`;
  if (what === 'agent-send') {
    settings.send = value ?? '';
    return null;
  }
  if (what === 'agent-port') {
    if (value === undefined) return 'set server <b>/<s> agent-port requires a port.';
    const port = parseCount(value);
    if (port < 0) return 'provided port is not an integer';
    if (port > 65535) return 'provided port is invalid';
    settings.port = port;
    return null;
  }
  const place = checkPlace(call, 'agent-addr');
  if (typeof place === 'string') return place;
  settings.address = place.address;
  if (place.port !== null) settings.port = place.port;
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
      if (server.agentSettings === null) return 'agent checks are not enabled on this server.';
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
      return setAgent(call, server, what);
    case 'check-addr':
      return setCheckAddress(call, server);
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
