// `log-forward`: takes log messages from others and sends them on (manual 12.6).

import { ConfigError, type ParseContext } from '../../registry/define.ts';
import { KeywordContext, type LoadState } from '../context.ts';
import { isAddressError, parseAddresses } from '../address.ts';
import { newBind, newProxy } from '../defaults.ts';
import { numberOf } from '../keywords/common.ts';
import { parseLogLine } from '../log-line.ts';
import { proxyKeywords } from '../keywords/index.ts';
import type { BindConfig, LogForwardConfig } from '../model.ts';
import type { LinePosition, SectionHandler } from '../reader.ts';

/** Connections of a section without maxconn. */
const CONNECTIONS = 10;
const HOST_OPTIONS = ['replace', 'fill', 'keep', 'append'] as const;

export class LogForwardSection implements SectionHandler {
  private readonly state: LoadState;
  /** Null after a section line that could not be understood. */
  private section: LogForwardConfig | null = null;

  constructor(state: LoadState) {
    this.state = state;
  }

  start(words: readonly string[], position: LinePosition): void {
    const { config, diagnostics } = this.state;
    const name = words[1];
    if (name === undefined) {
      diagnostics.alert(position, 'missing name for log-forward section.');
      return;
    }
    const twin = config.logForwards.find((one) => one.name === name);
    const other = config.byName.get(name);
    if (twin !== undefined || other !== undefined) {
      const { file, line } = (twin ?? other)!.position;
      const kind = twin !== undefined ? 'log-forward' : other!.kind;
      const text = `log-forward section '${name}' has the same name as another ${kind} declared at ${file}:${line}.`;
      diagnostics.alert(position, text);
      return;
    }
    const proxy = newProxy('frontend', name, { file: position.file, line: position.line });
    proxy.mode = 'tcp';
    proxy.maxconn = CONNECTIONS;
    this.section = {
      name,
      position: proxy.position,
      proxy,
      datagramBinds: [],
      host: 'fill',
      onlyLines: false,
      parses: true,
    };
    config.logForwards.push(this.section);
  }

  keyword(words: readonly string[], position: LinePosition): void {
    const { section } = this;
    if (section === null) return;
    const context = new KeywordContext(this.state, position, section.proxy);
    try {
      readKeyword(section, words, context);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      context.alert(error.message, error.frame);
    }
  }

  end(): void {
    const { section } = this;
    if (section === null) return;
    const { proxy, datagramBinds } = section;
    let next = 1;
    for (const bind of [...proxy.binds, ...datagramBinds]) if (bind.id === 0) bind.id = next++;
  }
}

function readKeyword(section: LogForwardConfig, words: readonly string[], context: KeywordContext): void {
  const { proxy } = section;
  const [name = '', value] = words;
  switch (name) {
    case 'bind':
      proxyKeywords.get('bind')!.parse(words, context, 'set');
      return;
    case 'dgram-bind':
      section.datagramBinds.push(...datagramBinds(words, context));
      return;
    case 'backlog':
    case 'maxconn':
      proxy[name] = numberOf(value, name, 0, 0x7fff_ffff);
      return;
    case 'log':
      if (value === 'global' && words.length === 2)
        proxy.logTargets.push(...context.config.global.logTargets);
      else proxy.logTargets.push(parseLogLine(words, context, 'or global'));
      return;
    case 'timeout':
      if (value !== 'client') {
        throw new ConfigError(`unknown timeout '${value ?? ''}', only 'timeout client' is supported here.`);
      }
      proxyKeywords.get('timeout')!.parse(words, context, 'set');
      return;
    case 'option':
      readOption(section, words);
      return;
    default:
      throw new ConfigError(`unknown keyword '${name}' in log-forward section '${section.name}'`);
  }
}

function readOption(section: LogForwardConfig, words: readonly string[]): void {
  const [, name = '', value] = words;
  if (name === 'host') {
    const found = HOST_OPTIONS.find((one) => one === value);
    if (found === undefined) {
      throw new ConfigError(
        `option 'host' expects one of 'replace', 'fill', 'keep' or 'append' (got '${value ?? ''}')`,
      );
    }
    section.host = found;
  } else if (name === 'assume-rfc6587-ntf') section.onlyLines = true;
  else if (name === 'dont-parse-log') section.parses = false;
  else throw new ConfigError(`unknown option '${name}' in log-forward section.`);
}

/** Datagram sockets; of bind's options only `interface`, `transparent`, `v4v6` and `v6only` mean something to them. */
function datagramBinds(words: readonly string[], context: ParseContext): BindConfig[] {
  const [, where] = words;
  if (where === undefined)
    throw new ConfigError(
      "'dgram-bind' expects {<path>|[addr1]:port1[-end1]}{,[addr]:port[-end]}... as arguments.",
    );
  const addresses = parseAddresses(where, {
    environment: context.environment,
    defaultType: 'dgram',
    stream: false,
    dgram: true,
    port: 'required',
    portRange: true,
    resolve: (host) => context.resolve(host),
  });
  const place = `'dgram-bind ${where}'`;
  if (isAddressError(addresses)) throw new ConfigError(`${place} : ${addresses.error}`);
  const binds: BindConfig[] = [];
  for (const address of addresses) {
    if (address.kind !== 'inet')
      throw new ConfigError(`${place} : only IPv4 and IPv6 addresses are supported`);
    for (let port = address.portLow; port <= Math.max(address.portLow, address.portHigh); port++) {
      binds.push(newBind({ ...address, portKind: 'fixed', portLow: port, portHigh: port }, context.position));
    }
  }
  for (let at = 2; at < words.length; at++) {
    const word = words[at]!;
    for (const bind of binds) {
      if (word === 'interface') bind.interfaceName = words[at + 1] ?? null;
      else if (word === 'transparent') bind.transparent = true;
      else if (word === 'v4v6') bind.v4v6 = true;
      else if (word === 'v6only') bind.v6only = true;
      else throw new ConfigError(`${place} : '${word}' option is known but not yet supported.`);
    }
    if (word === 'interface') at++;
  }
  return binds;
}
