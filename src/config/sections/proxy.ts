// `defaults`, `frontend`, `listen` and `backend`: one section that differs by its sides.

import { KeywordContext, type LoadState } from '../context.ts';
import { didYouMean } from '../suggest.ts';
import { inheritDefaults, newProxy } from '../defaults.ts';
import { kindText } from '../keywords/common.ts';
import { classify } from '../../registry/known-keywords.ts';
import { proxyKeywords } from '../keywords/index.ts';
import { readLine } from './line.ts';
import type { LinePosition, Outcome, SectionHandler } from '../reader.ts';
import type { ProxyConfig, ProxyKind } from '../model.ts';
import type { SectionKeyword } from '../../registry/define.ts';

const SECTIONS: readonly string[] = ['backend', 'defaults', 'frontend', 'global', 'listen'];

const nounOf = (kind: ProxyKind): string => (kind === 'listen' ? 'proxy' : kind);

export class ProxySection implements SectionHandler {
  private readonly state: LoadState;
  private readonly kind: ProxyKind;
  /** Null after a section line that could not be understood: its lines then belong to nothing. */
  private proxy: ProxyConfig | null = null;

  constructor(state: LoadState, kind: ProxyKind) {
    this.state = state;
    this.kind = kind;
  }

  start(line: readonly string[], position: LinePosition): Outcome {
    const { kind, state } = this;
    // A defaults section needs no name: `defaults from base`.
    const words = kind === 'defaults' && line[1] === 'from' ? ['defaults', '', ...line.slice(1)] : line;
    const context = new KeywordContext(state, position, null);
    const name = words[1] ?? '';
    if (kind !== 'defaults') {
      if (name === '') {
        context.alert(`'${kind}' expects an <id> argument`);
        return 'abort';
      }
      const bad = /[^A-Za-z0-9_:.-]/.exec(name);
      if (bad !== null) context.alert(`character '${bad[0]}' is not permitted in '${kind}' name '${name}'.`);
      if (this.refuseTwin(name, position)) return 'abort';
    }
    const explicit = words[2] === 'from' && words[3] !== undefined;
    if (explicit && words[4] !== undefined) {
      context.alert(`'${kind}' cannot handle unexpected argument '${words[4]}'.`);
    }
    if (kind !== 'defaults' && words[2] !== undefined && (!explicit || words[4] !== undefined)) {
      context.alert("please use the 'bind' keyword for listening addresses.");
      return;
    }
    const base = this.findBase(explicit ? words[3]! : null, name, context);
    if (base === undefined) return 'abort';
    const proxy = newProxy(kind, name, { file: position.file, line: position.line });
    if (base !== null) inheritDefaults(proxy, base);
    if (base !== null) this.checkRules(base, explicit, context);
    this.proxy = proxy;
    const { config } = state;
    if (kind === 'defaults') {
      config.defaults.push(proxy);
      return;
    }
    config.proxies.push(proxy);
    config.byName.set(name, proxy);
  }

  /** Since 3.3 no two proxies may share a name, whatever their sides. */
  private refuseTwin(name: string, position: LinePosition): boolean {
    const twin = this.state.config.byName.get(name);
    if (twin === undefined) return false;
    const { file, line } = twin.position;
    const same = twin.kind === this.kind || twin.kind === 'listen' || this.kind === 'listen';
    const since = same ? '' : ' This is no longer supported as of 3.3. Please rename one or the other.';
    this.state.diagnostics.alert(
      null,
      `Parsing [${position.file}:${position.line}]: ${nounOf(this.kind)} '${name}' has the same name as ${nounOf(twin.kind)} '${name}' declared at ${file}:${line}.${since}`,
    );
    return true;
  }

  /** The defaults section to start from: null for none, undefined where the one named cannot be had. */
  private findBase(
    from: string | null,
    name: string,
    context: KeywordContext,
  ): ProxyConfig | null | undefined {
    const { defaults } = this.state.config;
    if (from === null) return this.kind === 'defaults' ? null : (defaults.at(-1) ?? null);
    const found = defaults.filter((one) => one.name === from);
    const last = found.at(-1);
    if (last === undefined) {
      context.alert(`defaults section '${from}' not found for ${nounOf(this.kind)} '${name}'.`);
      return undefined;
    }
    if (found.length > 1) {
      const [first, second] = found.map((one) => `${one.position.file}:${one.position.line}`);
      context.alert(
        `ambiguous defaults section name '${from}' referenced by ${nounOf(this.kind)} '${name}' exists at least at ${first!} and ${second!}.`,
      );
    }
    this.state.explicitDefaults.add(last);
    return last;
  }

  /** Rules of a defaults section may not surprise: who takes them over must have asked, and have the right sides. */
  private checkRules(base: ProxyConfig, explicit: boolean, context: KeywordContext): void {
    const at = `${base.position.file}:${base.position.line}`;
    const { kind } = this;
    if (!explicit && kind !== 'defaults' && this.state.explicitDefaults.has(base)) {
      context.alert(
        `defaults section '${base.name}' (declared at ${at}) is explicitly referenced by another proxy and implicitly used here. To avoid any ambiguity don't mix both usage. Add a last defaults section not explicitly used or always use explicit references.`,
      );
    }
    this.state.later.push(() => {
      const frontRules = base.tcpRequestConnection.length + base.tcpRequestSession.length > 0;
      const backRules = base.tcpResponseContent.length > 0;
      const rules =
        frontRules ||
        backRules ||
        base.tcpRequestContent.length + base.httpRequest.length > 0 ||
        base.httpResponse.length + base.httpAfterResponse.length > 0;
      if (kind === 'defaults' && rules) {
        context.alert(
          `a defaults section cannot inherit from a defaults section defining TCP/HTTP rules (defaults section at ${at}).`,
          'tight',
        );
      } else if (kind === 'listen' && rules) {
        context.alert(
          'a listen section cannot inherit from a defaults section defining TCP/HTTP rules.',
          'tight',
        );
      } else if (kind === 'frontend' && backRules) {
        context.alert(
          `a frontend section cannot inherit from a defaults section defining 'tcp-response content' rules (defaults section at ${at}).`,
          'tight',
        );
      } else if (kind === 'backend' && frontRules) {
        context.alert(
          `a backend section cannot inherit from a defaults section defining 'tcp-request connection' or 'tcp-request session' rules (defaults section at ${at}).`,
          'tight',
        );
      }
    });
  }

  keyword(words: readonly string[], position: LinePosition): Outcome {
    const { proxy } = this;
    const context = new KeywordContext(this.state, position, proxy);
    if (proxy === null) {
      context.alert("'listen' or 'defaults' expected.");
      return;
    }
    return readLine(
      words,
      context,
      proxyKeywords,
      ([name = '', next = '']) => {
        const found = classify('proxy', name, next);
        if (typeof found === 'object') context.alert(found.removed);
        else if (found === 'known') {
          const whole = classify('proxy', `${name} ${next}`) === 'known' ? `${name} ${next}` : name;
          context.alert(`'${whole}' in '${proxy.kind}' section is known but not yet supported.`);
        } else {
          const guess = didYouMean(name, [...SECTIONS, ...proxyKeywords.keys()]);
          context.alert(`unknown keyword '${name}' in '${proxy.kind}' section${guess}`);
        }
      },
      (keyword) => permitted(keyword, proxy, context),
    );
  }

  end(): void {}
}

/** Where a keyword has no place HAProxy refuses it or, where the section has not the side for it, goes on. */
function permitted(keyword: SectionKeyword, proxy: ProxyConfig, context: KeywordContext): boolean {
  if (keyword.sections.includes(proxy.kind)) return true;
  const { name } = keyword;
  if (proxy.kind === 'defaults') {
    context.alert(
      `'${name}' not allowed in 'defaults' section.`,
      name === 'description'
        ? 'tight'
        : name.includes('server') && name !== 'use-server'
          ? 'element'
          : 'spaced',
    );
    return false;
  }
  const side = proxy.kind === 'backend' ? 'frontend' : 'backend';
  const lacks = `because ${kindText(proxy)} '${proxy.name}' has no ${side} capability.`;
  if (name === 'server' || name === 'default-server' || name === 'server-template') {
    const { file, line } = context.position;
    context.alert(`parsing [${file}:${line}] : '${name}' not allowed ${lacks}`, 'element');
  } else context.warn(`'${name}' ignored ${lacks}`);
  return false;
}
