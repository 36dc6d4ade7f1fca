// The `global` section.

import { KeywordContext, type LoadState } from '../context.ts';
import { didYouMean } from '../suggest.ts';
import { globalKeywords } from '../keywords/index.ts';
import { known } from '../../registry/known.ts';
import { readLine } from './line.ts';
import { removedKeyword } from '../removed.ts';
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
    return readLine(words, context, globalKeywords, (name) => {
      const removed = removedKeyword('global', name);
      if (removed !== null) context.alert(removed.text, removed.frame);
      else if (known('global', name)) {
        context.alert(`'${name}' in 'global' section is known but not yet supported.`);
      } else {
        const guess = didYouMean(name, globalKeywords.keys());
        context.alert(`unknown keyword '${name}' in 'global' section${guess}`);
      }
    });
  }

  end(): void {}
}
