// The few shapes that most keywords of the global section have.

import { ConfigError, defineKeyword, type SectionKeyword } from '../../registry/define.ts';
import { atMost, numberOf } from './common.ts';
import type { GlobalConfig } from '../model.ts';

/** One word. `missing`: what the message without it says. */
export const text = (
  name: string,
  doc: string,
  missing: string,
  set: (global: GlobalConfig, value: string) => void,
): SectionKeyword =>
  defineKeyword({
    name,
    sections: ['global'],
    usage: `${name} <value>`,
    doc,
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError(`'${name}' ${missing}.`);
      atMost(words, 1);
      set(context.config.global, words[1]);
    },
  });

/** No word at all. */
export const flag = (name: string, doc: string, set: (global: GlobalConfig) => void): SectionKeyword =>
  defineKeyword({
    name,
    sections: ['global'],
    usage: name,
    doc,
    parse(words, context) {
      atMost(words, 0);
      set(context.config.global);
    },
  });

/** One whole number within bounds. */
export const count = (
  name: string,
  low: number,
  high: number,
  doc: string,
  set: (global: GlobalConfig, value: number) => void,
): SectionKeyword =>
  defineKeyword({
    name,
    sections: ['global'],
    usage: `${name} <number>`,
    doc,
    parse(words, context) {
      const value = numberOf(words[1], name, low, high);
      atMost(words, 1);
      set(context.config.global, value);
    },
  });
