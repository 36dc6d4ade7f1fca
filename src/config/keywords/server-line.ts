// What lines about servers share: their options, and how a server comes of one.

import { ConfigError, type ParseContext } from '../../registry/define.ts';
import { didYouMean } from '../suggest.ts';
import { isAddressError, parseAddress, type Address } from '../address.ts';
import { classify } from '../../registry/known-keywords.ts';
import { newServer } from '../defaults.ts';
import { proxyOf } from './common.ts';
import { serverOptions } from '../server-options/index.ts';
import type { ServerConfig } from '../model.ts';

export const element = (text: string): ConfigError => new ConfigError(text, 'element');

export function parseOptions(
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

/** What a `server` line or one server of a template says of itself. */
export interface ServerLine {
  readonly name: string;
  readonly where: string;
  readonly words: readonly string[];
  /** Where the options begin. */
  readonly from: number;
}

function readAddress(line: ServerLine, place: string, context: ParseContext): Address {
  const { name, where } = line;
  const proxy = proxyOf(context);
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
  return address;
}

/**
 * Adds the server of a line. `known`: how many servers of the backend may have its name already; all others are known
 * to have another one. Throws ConfigError.
 */
export function addServer(line: ServerLine, known: number, context: ParseContext): void {
  const { name, words, from } = line;
  const proxy = proxyOf(context);
  const place = `'server ${proxy.name}/${name}' : `;
  const server: ServerConfig = {
    ...newServer(name, readAddress(line, place, context), proxy, context.position),
    ...proxy.defaultServer,
  };
  parseOptions(words, from, server, place, false, context);
  checkOptions(server, place);
  checkNamesake(proxy.servers, known, server, place);
  const twin = server.id === 0 ? undefined : proxy.servers.find((one) => one.id === server.id);
  if (twin !== undefined) {
    const { file, line: at } = twin.position;
    throw element(
      `${place}'id' : custom id ${server.id} already used at ${file}:${at} ('server ${twin.name}').`,
    );
  }
  server.forcedId = server.id !== 0;
  proxy.servers.push(server);
}

function checkNamesake(
  servers: readonly ServerConfig[],
  known: number,
  { name }: ServerConfig,
  place: string,
): void {
  for (let at = 0; at < known; at++) {
    if (servers[at]!.name !== name) continue;
    const { line } = servers[at]!.position;
    throw element(
      `${place}another server named '${name}' was already defined at line ${line}, please use a distinct name.`,
    );
  }
}

/** The first character that a name may not have, or null. */
export const badCharacter = (name: string): string | null => /[^A-Za-z0-9_:.-]/.exec(name)?.[0] ?? null;
