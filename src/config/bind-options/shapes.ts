// The forms that options of bind lines have: a switch, a value, a number.

import { ConfigError, defineBindOption, type BindOption } from '../../registry/define.ts';
import { MAX_TIMER_MS as MAX_INT, parseInteger } from '../values.ts';
import type { BindConfig } from '../model.ts';

type SwitchField = { [K in keyof BindConfig]: BindConfig[K] extends boolean ? K : never }[keyof BindConfig];
type NumberField = 'maxconn' | 'backlog';

/** A word that stands alone. */
export function flag(name: string, field: SwitchField, doc: string): BindOption {
  return defineBindOption({
    name,
    usage: name,
    doc,
    parse(_words, _at, bind) {
      bind[field] = true;
      return 0;
    },
  });
}

/** Reads a decimal number; what is beyond the bounds is refused with `outside`, where %v stands for it. */
export function integer(name: string, text: string, low: number, high: number, outside: string): number {
  const result = parseInteger(text, Math.min(low, -1), MAX_INT);
  if (result.problem === 'character') {
    throw new ConfigError(`'${name}' : unexpected character '${result.found}' in integer value '${text}'`);
  }
  if (result.problem !== 'none' || result.value < low || result.value > high) {
    throw new ConfigError(`'${name}' : ${outside.replace('%v', text)}`);
  }
  return result.value;
}

/** A number kept in `field`; see `integer`. */
export function count(
  name: string,
  field: NumberField,
  low: number,
  high: number,
  doc: string,
  outside: string,
  missing = 'missing value',
): BindOption {
  return text(name, doc, missing, (bind, value) => {
    bind[field] = integer(name, value, low, high, outside);
  });
}

/** `missing` is said when no value follows. */
export function text(
  name: string,
  doc: string,
  missing: string,
  set: (bind: BindConfig, value: string) => void,
): BindOption {
  return defineBindOption({
    name,
    usage: `${name} <value>`,
    doc,
    parse(words, at, bind) {
      const value = words[at + 1];
      if (value === undefined) throw new ConfigError(`'${name}' : ${missing}`);
      set(bind, value);
      return 1;
    },
  });
}

/** Accepted because it asks for nothing that could differ here. */
export function moot(name: string, doc: string, missing: string, check: (value: string) => void): BindOption {
  return text(name, doc, missing, (_bind, value) => check(value));
}
