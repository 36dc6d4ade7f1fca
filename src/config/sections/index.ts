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

const proxy =
  (kind: 'defaults' | 'frontend' | 'backend' | 'listen') =>
  (state: LoadState): SectionHandler =>
    new ProxySection(state, kind);

/** The sections that may be used. */
export const SECTIONS: Readonly<Record<string, (state: LoadState) => SectionHandler>> = {
  global: (state) => new GlobalSection(state),
  'http-errors': (state) => new HttpErrorsSection(state),
  userlist: (state) => new UserlistSection(state),
  ring: (state) => new RingSection(state),
  'log-forward': (state) => new LogForwardSection(state),
  'log-profile': (state) => new LogProfileSection(state),
  defaults: proxy('defaults'),
  frontend: proxy('frontend'),
  backend: proxy('backend'),
  listen: proxy('listen'),
};

export function sectionFactories(state: LoadState): ReadonlyMap<string, SectionFactory> {
  const factories = new Map<string, SectionFactory>();
  for (const [name, make] of Object.entries(SECTIONS)) factories.set(name, () => make(state));
  for (const name of knownNames('section')) {
    if (!factories.has(name)) factories.set(name, () => new LaterSection(state));
  }
  return factories;
}
