// server and default-server.

import { ConfigError, defineKeyword, type ParseContext } from '../../registry/define.ts';
import { didYouMean } from '../suggest.ts';
import { known } from '../../registry/known.ts';
import { knownNames } from '../../registry/known-names.ts';
import { newServer } from '../defaults.ts';
import { parseAddress, type Address } from '../address.ts';
import { proxyOf } from './common.ts';
import { serverOptions } from '../server-options/index.ts';
import type { ServerConfig } from '../model.ts';

const NOWHERE: Address = {
  family: 'ipv4',
  host: '0.0.0.0',
  portKind: 'none',
  portLow: 0,
  portHigh: 0,
  transport: 'stream',
  text: '',
};

const SERVER_WORDS = knownNames.server.split(' ');

function parseOptions(
  words: readonly string[],
  from: number,
  server: ServerConfig,
  isDefault: boolean,
  context: ParseContext,
): void {
  for (let at = from; at < words.length; at++) {
    const name = words[at]!;
    const option = serverOptions.get(name);
    if (option === undefined) {
      if (known('server', name)) throw new ConfigError(`'${name}' option is known but not yet supported.`);
      throw new ConfigError(`unknown keyword '${name}'${didYouMean(name, SERVER_WORDS) || '.'}`);
    }
    if (isDefault && !option.defaultServer) {
      throw new ConfigError(`'${name}' option is not accepted in default-server sections.`);
    }
    at += option.parse(words, at, server, context);
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
        throw new ConfigError("'server' expects <name> and <addr>[:<port>] as arguments.", 'object');
      }
      const bad = /[^A-Za-z0-9_:.-]/.exec(name);
      if (bad !== null) {
        throw new ConfigError(`character '${bad[0]}' is not permitted in server name '${name}'.`, 'object');
      }
      const place = `'server ${proxy.name}/${name}'`;
      const { address, error } = parseAddress(
        where,
        { port: 'optional', offsets: true, names: true },
        context.environment,
      );
      if (error !== null) throw new ConfigError(`${place} : ${error}`, 'object');
      const server: ServerConfig = {
        ...newServer(name, address, proxy, context.position),
        ...proxy.defaultServer,
      };
      try {
        parseOptions(words, 3, server, false, context);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        throw new ConfigError(`${place} : ${error.message}`, 'object');
      }
      if (
        server.check &&
        server.checkPort === 0 &&
        server.portKind !== 'fixed' &&
        address.family !== 'unix' &&
        !address.family.startsWith('abns') &&
        server.checkAddress === null
      ) {
        throw new ConfigError(
          `${place} : it's impossible to perform a check: no port was given to the server.`,
          'object',
        );
      }
      const twin = proxy.servers.find((one) => one.name === name);
      if (twin !== undefined) {
        throw new ConfigError(
          `${place} : another server named '${name}' was already defined at line ${twin.position.line}, please use a distinct name.`,
          'object',
        );
      }
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
      try {
        parseOptions(words, 1, server, true, context);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        throw new ConfigError(error.message, 'object');
      }
      const changed: Record<string, unknown> = {};
      for (const key of Object.keys(base) as (keyof ServerConfig)[]) {
        const own = ['name', 'id', 'position', 'address', 'portKind', 'port', 'backend'].includes(key);
        if (!own && server[key] !== base[key]) changed[key] = server[key];
      }
      proxy.defaultServer = changed as Partial<ServerConfig>;
    },
  }),
];
