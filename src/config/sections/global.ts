// The `global` section.

import { KeywordContext, type LoadState } from '../context.ts';
import { didYouMean } from '../suggest.ts';
import { globalKeywords } from '../keywords/index.ts';
import { classify } from '../../registry/known-keywords.ts';
import { readLine } from './line.ts';
import type { LinePosition, Outcome, SectionHandler } from '../reader.ts';

export class GlobalSection implements SectionHandler {
  private readonly state: LoadState;

  constructor(state: LoadState) {
    this.state = state;
  }

  start(words: readonly string[], position: LinePosition): Outcome {
    if (words[1] === undefined) return;
    this.state.diagnostics.alert(position, `'global' cannot handle unexpected argument '${words[1]}'.`);
  }

  keyword(words: readonly string[], position: LinePosition): Outcome {
    const context = new KeywordContext(this.state, position, null);
    const outcome = readLine(words, context, globalKeywords, ([name = '']) => {
      const found = classify('global', name);
      if (typeof found === 'object') {
        if (name === 'master-worker') this.refuseMaster(found.removed, position);
        else context.alert(found.removed);
      } else if (found === 'known') {
        context.alert(`'${name}' in 'global' section is known but not yet supported.`);
      } else {
        const guess = didYouMean(name, globalKeywords.keys());
        context.alert(`unknown keyword '${name}' in 'global' section${guess}`);
      }
    });
    return this.state.fatal ? 'abort' : outcome;
  }

  /** HAProxy finds this word before it reads anything else, and says nothing but this. */
  private refuseMaster(text: string, position: LinePosition): void {
    const { diagnostics } = this.state;
    diagnostics.retract();
    diagnostics.alert(position, text);
    this.state.fatal = true;
  }

  end(): void {}
}
