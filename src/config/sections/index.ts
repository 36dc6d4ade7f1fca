// The sections by their keyword.

import { GlobalSection } from './global.ts';
import { HttpErrorsSection } from './http-errors.ts';
import { LogForwardSection } from './log-forward.ts';
import { LogProfileSection } from './log-profile.ts';
import { RingSection } from './ring.ts';
import { ProxySection } from './proxy.ts';
import { UserlistSection } from './userlist.ts';
import { knownNames } from '../../registry/known-keywords.ts';
import type { LoadState } from '../context.ts';
import type { LinePosition, SectionFactory, SectionHandler } from '../reader.ts';

/** A section that HAProxy knows and that is not there yet: refused as such, and its lines are passed over. */
class LaterSection implements SectionHandler {
  private readonly state: LoadState;

  constructor(state: LoadState) {
    this.state = state;
  }

  start(words: readonly string[], position: LinePosition): void {
    this.state.diagnostics.alert(position, `section '${words[0]!}' is known but not yet supported.`);
  }

  keyword(): void {}
  end(): void {}
}

export function sectionFactories(state: LoadState): ReadonlyMap<string, SectionFactory> {
  const factories = new Map<string, SectionFactory>();
  factories.set('global', () => new GlobalSection(state));
  factories.set('http-errors', () => new HttpErrorsSection(state));
  factories.set('userlist', () => new UserlistSection(state));
  factories.set('ring', () => new RingSection(state));
  factories.set('log-forward', () => new LogForwardSection(state));
  factories.set('log-profile', () => new LogProfileSection(state));
  for (const kind of ['defaults', 'frontend', 'backend', 'listen'] as const) {
    factories.set(kind, () => new ProxySection(state, kind));
  }
  for (const name of knownNames('section')) {
    if (!factories.has(name)) factories.set(name, () => new LaterSection(state));
  }
  return factories;
}
