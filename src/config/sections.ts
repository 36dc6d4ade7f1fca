// The sections: how each opens, and how its lines find their keyword.

import { ConfigError, type SectionKeyword } from '../registry/define.ts';
import { KeywordContext, type LoadState } from './context.ts';
import { didYouMean } from './suggest.ts';
import { globalKeywords, proxyKeywords } from './keywords/index.ts';
import { inheritDefaults, newProxy } from './defaults.ts';
import { known } from '../registry/known.ts';
import { knownNames } from '../registry/known-names.ts';
import { removedKeyword } from './removed.ts';
import { errorCode, readErrorFile } from './error-file.ts';
import type { ErrorReply, Position, ProxyConfig, ProxyKind } from './model.ts';
import type { SectionHandler, SectionOpener } from './reader.ts';

/** Runs one keyword's parser; what it refuses becomes an alert at its line. */
function runKeyword(
  keyword: SectionKeyword,
  words: string[],
  form: 'set' | 'no' | 'default',
  context: KeywordContext,
): void {
  try {
    keyword.parse(words, context, form);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    context.alert(error.message);
  }
}

class GlobalSection implements SectionHandler {
  private readonly state: LoadState;

  constructor(state: LoadState) {
    this.state = state;
  }

  line(words: string[], position: Position): void {
    const context = new KeywordContext(this.state, position, null);
    const form = words[0] === 'no' || words[0] === 'default' ? words[0] : 'set';
    const rest = form === 'set' ? words : words.slice(1);
    const name = rest[0] ?? '';
    const removed = removedKeyword('global', name);
    const keyword = globalKeywords.get(name);
    if (removed !== null) context.alert(removed);
    else if (keyword !== undefined) {
      if (form === 'set') runKeyword(keyword, rest, form, context);
      else if (name === 'strict-limits') this.state.config.global.strictLimits = form === 'default';
      else if (name === 'log' && form === 'no') this.state.config.global.logTargets.length = 0;
      else context.alert(`'no'/'default' not supported for '${name}'.`);
    } else if (known('global', name)) {
      context.alert(`'${name}' in 'global' section is known but not yet supported.`);
    } else {
      context.alert(
        `unknown keyword '${name}' in 'global' section${didYouMean(name, globalKeywords.keys())}`,
      );
    }
  }

  end(): void {}
}

class ProxySection implements SectionHandler {
  private readonly state: LoadState;
  private readonly proxy: ProxyConfig;

  constructor(state: LoadState, proxy: ProxyConfig) {
    this.state = state;
    this.proxy = proxy;
  }

  line(words: string[], position: Position): void {
    const { proxy } = this;
    const context = new KeywordContext(this.state, position, proxy);
    const form = words[0] === 'no' || words[0] === 'default' ? words[0] : 'set';
    const rest = form === 'set' ? words : words.slice(1);
    const name = rest[0] ?? '';
    const removed = removedKeyword('proxy', name);
    if (removed !== null) {
      context.alert(removed);
      return;
    }
    const keyword = proxyKeywords.get(name);
    if (keyword === undefined) {
      if (known('proxy', name)) {
        context.alert(`'${name}' in '${proxy.kind}' section is known but not yet supported.`);
      } else {
        context.alert(
          `unknown keyword '${name}' in '${proxy.kind}' section${didYouMean(name, proxyKeywords.keys())}`,
        );
      }
      return;
    }
    if (form !== 'set' && keyword.negatable !== true) {
      context.alert(`negation/default currently supported only for options and log.`);
      return;
    }
    if (!keyword.sections.includes(proxy.kind)) {
      // HAProxy warns and goes on where a keyword has no effect in this kind of section.
      const side = proxy.kind === 'backend' ? 'frontend' : 'backend';
      if (proxy.kind === 'defaults') context.alert(`'${name}' not allowed in 'defaults' section.`);
      else context.warn(`'${name}' ignored because ${proxy.kind} '${proxy.name}' has no ${side} capability.`);
      return;
    }
    runKeyword(keyword, rest, form, context);
  }

  end(): void {}
}

/** http-errors: pages that proxies and rules may refer to. */
class ErrorsSection implements SectionHandler {
  private readonly state: LoadState;
  private readonly pages: Map<number, ErrorReply>;

  constructor(state: LoadState, pages: Map<number, ErrorReply>) {
    this.state = state;
    this.pages = pages;
  }

  line(words: string[], position: Position): void {
    const context = new KeywordContext(this.state, position, null);
    const [name = '', code, path] = words;
    if (name !== 'errorfile') {
      context.alert(`unknown keyword '${name}' in 'http-errors' section.`);
    } else if (path === undefined) {
      context.alert('errorfile : expects <status_code> and <file> as arguments.');
    } else {
      try {
        const status = errorCode(code, 'errorfile');
        this.pages.set(status, readErrorFile(status, path, context));
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        context.alert(error.message);
      }
    }
  }

  end(): void {}
}

function openErrors(state: LoadState, words: string[], position: Position): SectionHandler {
  const name = words[1];
  const { httpErrors } = state.config;
  if (name === undefined || httpErrors.has(name)) {
    state.diagnostics.alertAt(
      position,
      name === undefined
        ? 'missing name for http-errors section.'
        : `http-errors section '${name}' already exists.`,
    );
    return new IgnoredSection();
  }
  const pages = new Map<number, ErrorReply>();
  httpErrors.set(name, pages);
  return new ErrorsSection(state, pages);
}

/** Lines of a section that could not be opened, or that we do not support, are looked at no further. */
class IgnoredSection implements SectionHandler {
  line(): void {}
  end(): void {}
}

const KIND_TEXT: Record<ProxyKind, string> = {
  defaults: 'defaults',
  frontend: 'frontend',
  backend: 'backend',
  listen: 'proxy',
};

function openProxy(state: LoadState, kind: ProxyKind, words: string[], position: Position): SectionHandler {
  const { config, diagnostics } = state;
  const context = new KeywordContext(state, position, null);
  const name = words[1] ?? '';
  if (kind !== 'defaults' && name === '') {
    context.alert(
      `'${kind}' expects an <id> argument and\n  optionally supports [addr1]:port1[-end1]{,[addr]:port[-end]}...`,
    );
    return new IgnoredSection();
  }
  const bad = /[^A-Za-z0-9_:.-]/.exec(name);
  if (bad !== null) {
    context.alert(`character '${bad[0]}' is not permitted in '${kind}' name '${name}'.`);
  }
  let from: string | null = null;
  if (words[2] === 'from') {
    from = words[3] ?? '';
    if (words[4] !== undefined) context.alert(`'${kind}' cannot handle unexpected argument '${words[4]}'.`);
  } else if (words[2] !== undefined) {
    if (kind === 'defaults') context.alert(`'${kind}' cannot handle unexpected argument '${words[2]}'.`);
    else context.alert("please use the 'bind' keyword for listening addresses.");
    return new IgnoredSection();
  }
  if (kind !== 'defaults') {
    const twin = config.byName.get(name);
    if (twin !== undefined) {
      diagnostics.alert(
        `config : Parsing [${position.file}:${position.line}]: ${KIND_TEXT[kind]} '${name}' has the same name as ${KIND_TEXT[twin.kind]} '${name}' declared at ${twin.position.file}:${twin.position.line}. This is no longer supported as of 3.3. Please rename one or the other.`,
      );
    }
  }
  const proxy = newProxy(kind, name, position);
  const base = from === null ? config.defaults.at(-1) : config.defaults.find((one) => one.name === from);
  if (from !== null && base === undefined) {
    context.alert(`defaults section '${from}' not found for ${kind} '${name}'.`);
  }
  if (base !== undefined && !(kind === 'defaults' && from === null)) inheritDefaults(proxy, base);
  if (kind === 'defaults') {
    config.defaults.push(proxy);
  } else {
    config.proxies.push(proxy);
    if (!config.byName.has(name)) config.byName.set(name, proxy);
  }
  return new ProxySection(state, proxy);
}

/** Openers by section keyword. Sections that HAProxy knows and we do not are refused as such, with their lines. */
export function sectionOpeners(state: LoadState): ReadonlyMap<string, SectionOpener> {
  const openers = new Map<string, SectionOpener>();
  openers.set('global', () => new GlobalSection(state));
  for (const kind of ['defaults', 'frontend', 'backend', 'listen'] as const) {
    openers.set(kind, (words, position) => openProxy(state, kind, words, position));
  }
  openers.set('http-errors', (words, position) => openErrors(state, words, position));
  for (const name of knownNames.section.split(' ')) {
    if (openers.has(name)) continue;
    openers.set(name, (_words, position) => {
      state.diagnostics.alertAt(position, `section '${name}' is known but not yet supported.`);
      return new IgnoredSection();
    });
  }
  return openers;
}
