// server and default-server.

import { defineKeyword } from '../../registry/define.ts';
import { addServer, badCharacter, element, parseOptions } from './server-line.ts';
import { newServer } from '../defaults.ts';
import { proxyOf } from './common.ts';
import type { Address } from '../address.ts';
import type { ServerConfig } from '../model.ts';

const NOWHERE: Address = {
  kind: 'inet',
  family: 'ipv4',
  socket: 'stream',
  transport: 'stream',
  protocol: 'default',
  host: '',
  ip: '0.0.0.0',
  portKind: 'none',
  portLow: 0,
  portHigh: 0,
  fd: -1,
  text: '',
};
/** What belongs to one server alone and is never taken from default-server. */
const OWN = new Set(['name', 'id', 'position', 'address', 'portKind', 'port', 'backend']);

export default [
  defineKeyword({
    name: 'server',
    sections: ['listen', 'backend'],
    usage: 'server <name> <address>[:[port]] [param*]',
    doc: 'A server of the backend.',
    parse(words, context) {
      const [, name, where] = words;
      if (name === undefined || where === undefined) {
        throw element("'server' expects <name> and <addr>[:<port>] as arguments.");
      }
      const bad = badCharacter(name);
      if (bad !== null) throw element(`character '${bad}' is not permitted in server name '${name}'.`);
      addServer({ name, where, words, from: 3 }, proxyOf(context).servers.length, context);
    },
  }),
  defineKeyword({
    name: 'default-server',
    sections: ['defaults', 'listen', 'backend'],
    usage: 'default-server [param*]',
    doc: 'Options for the servers that follow.',
    parse(words, context) {
      const proxy = proxyOf(context);
      const base = newServer('', NOWHERE, proxy, context.position);
      const server: ServerConfig = { ...base, ...proxy.defaultServer };
      parseOptions(words, 1, server, '', true, context);
      const changed: Record<string, unknown> = {};
      for (const key of Object.keys(base) as (keyof ServerConfig)[]) {
        if (!OWN.has(key) && server[key] !== base[key]) changed[key] = server[key];
      }
      proxy.defaultServer = changed as Partial<ServerConfig>;
    },
  }),
];
