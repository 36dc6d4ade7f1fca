// Reads a configuration text with sections that accept every line, for tests of the language itself.

import { EMULATED_VERSION } from '../version.ts';
import { Diagnostics } from '../config/diagnostics.ts';
import { Environment } from '../config/environment.ts';
import { environmentKeyword } from '../config/environment-keywords.ts';
import { PRESENT_FEATURES } from '../config/features.ts';
import { readConfiguration } from '../config/reader.ts';
import type { SectionFactory, SectionHandler } from '../config/reader.ts';

export const facts = {
  version: EMULATED_VERSION,
  features: PRESENT_FEATURES,
  tlsLibrary: null,
  awslcApi: null,
  fipsMode: false,
  enabled: (option: string) => option === 'EPOLL',
} as const;

/** What a section saw: its words and lines, in order, then `end`. */
export interface Reading {
  readonly diagnostics: Diagnostics;
  readonly events: string[];
  readonly accepted: boolean;
}

/** Reads `text` as file `name`. The sections are those of HAProxy's tutorials; each takes any keyword. */
export function readText(
  text: string,
  name = 'test.cfg',
  variables: readonly [string, string][] = [],
): Reading {
  const environment = new Environment(variables);
  const diagnostics = new Diagnostics();
  const events: string[] = [];
  const sections = new Map<string, SectionFactory>(
    ['global', 'defaults', 'frontend', 'backend', 'listen'].map((keyword) => [
      keyword,
      (): SectionHandler => ({
        start(words, position) {
          events.push(`${position.line} [${words.join('|')}]`);
        },
        keyword(words, position) {
          if (environmentKeyword(words, position, environment, diagnostics)) return;
          events.push(`${position.line} ${words.join('|')}`);
        },
        end() {
          events.push('end');
        },
      }),
    ]),
  );
  const accepted = readConfiguration({
    sources: [{ name, text }],
    environment,
    diagnostics,
    sections,
    facts,
  });
  return { diagnostics, events, accepted };
}
