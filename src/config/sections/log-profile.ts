// `log-profile`: how the lines of one `log` target or `do-log` are made (manual 8.3.5).

import { ConfigError } from '../../registry/define.ts';
import { KeywordContext, type LoadState } from '../context.ts';
import { didYouMean } from '../suggest.ts';
import { formatOf } from '../keywords/common.ts';
import { Phase } from '../../sample/expression.ts';
import { PROFILE_STEPS } from '../../sample/origin.ts';
import type { LinePosition, SectionHandler } from '../reader.ts';
import type { LogProfile, LogProfileStep } from '../model.ts';

export class LogProfileSection implements SectionHandler {
  private readonly state: LoadState;
  /** Null after a section line that could not be understood. */
  private profile: LogProfile | null = null;

  constructor(state: LoadState) {
    this.state = state;
  }

  start(words: readonly string[], position: LinePosition): void {
    const { config, diagnostics } = this.state;
    const name = words[1];
    if (name === undefined) diagnostics.alert(position, 'missing name for log-profile section.');
    else if (config.logProfiles.has(name)) {
      diagnostics.alert(position, `log-profile section '${name}' already exists.`);
    } else config.logProfiles.set(name, (this.profile = { name, tag: null, steps: new Map(), any: null }));
  }

  keyword(words: readonly string[], position: LinePosition): void {
    const { profile } = this;
    if (profile === null) return;
    const context = new KeywordContext(this.state, position, null);
    try {
      if (words[0] === 'log-tag') profile.tag = tagOf(words);
      else if (words[0] === 'on') addStep(profile, words, context);
      else {
        const guess = didYouMean(words[0] ?? '', ['log-tag', 'on']);
        throw new ConfigError(`unknown keyword '${words[0] ?? ''}' in 'log-profile' section${guess}`);
      }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      context.alert(error.message, error.frame);
    }
  }

  end(): void {}
}

function tagOf(words: readonly string[]): string {
  if (words[1] === undefined) throw new ConfigError("'log-tag' expects a tag for use in syslog.");
  if (words[2] !== undefined) throw new ConfigError(`'log-tag' : unexpected argument '${words[2]}'`);
  return words[1];
}

/** on <step> [drop] [format <fmt>] [sd <sd_fmt>] */
function addStep(profile: LogProfile, words: readonly string[], context: KeywordContext): void {
  const known = ['any', ...PROFILE_STEPS.keys()];
  const name = words[1];
  const expected = `expected one of ${known.map((one) => `'${one}'`).join(', ')}`;
  if (name === undefined) throw new ConfigError(`'on' : missing <step>, ${expected}`);
  if (!known.includes(name)) throw new ConfigError(`'on' : unknown step '${name}', ${expected}`);
  let drop = false;
  let format: LogProfileStep['format'] = null;
  let sd: LogProfileStep['sd'] = null;
  for (let at = 2; at < words.length; at++) {
    const word = words[at]!;
    if (word === 'drop') {
      drop = true;
      continue;
    }
    if (word !== 'format' && word !== 'sd') {
      throw new ConfigError(`'on ${name}' : unexpected '${word}', expected 'drop', 'format' or 'sd'`);
    }
    const text = words[++at];
    if (text === undefined) throw new ConfigError(`'on ${name}' : '${word}' expects a log-format string`);
    const compiled = formatOf(`on ${name} ${word}`, text, context, Phase.LOG);
    if (word === 'sd') sd = compiled;
    else format = compiled;
  }
  const step = { drop, format, sd };
  if (name === 'any') profile.any = step;
  else for (const origin of PROFILE_STEPS.get(name)!) profile.steps.set(origin, step);
}
