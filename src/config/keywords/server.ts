// server and default-server.

import { ConfigError, defineKeyword, type ParseContext } from '../../registry/define.ts';
import { didYouMean } from '../suggest.ts';
import { isAddressError, parseAddress, type Address } from '../address.ts';
import { classify } from '../../registry/known-keywords.ts';
import { newServer } from '../defaults.ts';
import { proxyOf } from './common.ts';
import { serverOptions } from '../server-options/index.ts';
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

const element = (text: string): ConfigError => new ConfigError(text, 'element');

function parseOptions(
  words: readonly string[],
  from: number,
  server: ServerConfig,
  place: string,
  isDefault: boolean,
  context: ParseContext,
): void {
  for (let at = from; at < words.length; at++) {
    const name = words[at]!;
    const option = serverOptions.get(name);
    if (option === undefined) {
      if (classify('server', name) === 'known')
        throw element(`${place}'${name}' option is known but not yet supported.`);
      const hint = isDefault ? ' Hint: no address was expected for this server.' : '';
      const guess = didYouMean(name, serverOptions.keys());
      throw element(`${place}unknown keyword '${name}'${guess}${guess === '' ? '.' : ''}${hint}`);
    }
    if (isDefault && !option.defaultServer) {
      throw element(`${place}'${name}' option is not accepted in default-server sections`);
    }
    try {
      at += option.parse(words, at, server, context);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw element(`${place}${error.message}.`);
    }
  }
}

/** Checks and tracking need what other options give. */
function checkOptions(server: ServerConfig, place: string): void {
  if (server.track !== null && server.check) {
    throw element(`${place}unable to enable checks and tracking at the same time!`);
  }
}

export default [
  defineKeyword({
    name: 'server',
    sections: ['listen', 'backend'],
    usage: 'server <name> <address>[:[port]] [param*]',
    doc: 'A server of the backend.',
    parse(words, context) {
      const proxy = proxyOf(context);
      const [, name, where] = words;
      if (name === undefined || where === undefined) {
        throw element("'server' expects <name> and <addr>[:<port>] as arguments.");
      }
      const bad = /[^A-Za-z0-9_:.-]/.exec(name);
      if (bad !== null) throw element(`character '${bad[0]}' is not permitted in server name '${name}'.`);
      const place = `'server ${proxy.name}/${name}' : `;
      const address = parseAddress(where, {
        environment: context.environment,
        defaultType: 'stream',
        stream: true,
        dgram: true,
        port: 'optional',
        portOffset: true,
        portZero: true,
        fd: true,
      });
      if (isAddressError(address)) throw element(place + address.error);
      if (address.protocol !== 'default' || address.kind === 'fd' || address.kind === 'sockpair') {
        throw element(`${place}address '${where}' is known but not yet supported.`);
      }
      if (address.transport === 'dgram') {
        context.later(() => {
          if (proxy.mode === 'log' && context.config.byName.get(proxy.name) === proxy) return;
          context.alert(
            `${place}datagram address '${where}' is only for servers of backends in log mode.`,
            'element',
          );
        });
      }
      if (address.kind === 'inet' && address.ip === null && /^\.|\.\./.test(address.host)) {
        throw element(`${place}Can't create DNS resolution for server '${name}'`);
      }
      const server: ServerConfig = {
        ...newServer(name, address, proxy, context.position),
        ...proxy.defaultServer,
      };
      parseOptions(words, 3, server, place, false, context);
      checkOptions(server, place);
      const namesake = proxy.servers.find((one) => one.name === name);
      if (namesake !== undefined) {
        throw element(
          `${place}another server named '${name}' was already defined at line ${namesake.position.line}, please use a distinct name.`,
        );
      }
      const twin = server.id === 0 ? undefined : proxy.servers.find((one) => one.id === server.id);
      if (twin !== undefined) {
        const { file, line } = twin.position;
        throw element(
          `${place}'id' : custom id ${server.id} already used at ${file}:${line} ('server ${twin.name}').`,
        );
      }
      server.forcedId = server.id !== 0;
      proxy.servers.push(server);
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
