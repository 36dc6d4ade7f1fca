// Finds the rule that applies among many: the conditions of a rule set spelled out as one JavaScript function, in which
// each comparison stands with its text, and what several of them look at is read once. Called one by one, conditions are
// all the same code with other data, which V8 can neither inline nor predict.

import type { StreamContext } from '../sample/context.ts';
import { CompiledCondition, type Term, type Test } from './compile.ts';
import type { Condition } from './condition.ts';
import { Speller } from './spell.ts';

/** What has a condition. */
interface Conditional {
  readonly condition: Condition | null;
}

/** The first place from `from` on whose condition holds; the number of rules where none does. */
export type Scanner = (stream: StreamContext, from: number) => number;

interface Scanned {
  scan?: Scanner;
}

/** Rules in one function: V8 optimises none of more than 60 kB of bytecode. */
const CHUNK = 32;

/**
 * The scanner of a rule set. Made at its first use, when the configuration is complete: neither rules nor the lines of
 * their ACLs are added later. Patterns may change at any time.
 */
export function scannerOf(rules: readonly Conditional[]): Scanner {
  const known = rules as Scanned;
  return known.scan ?? (known.scan = build(rules));
}

function build(rules: readonly Conditional[]): Scanner {
  const chunks: Scanner[] = [];
  for (let from = 0; from < rules.length; from += CHUNK) {
    chunks.push(buildChunk(rules.slice(from, from + CHUNK), from));
  }
  const { length } = rules;
  const only = chunks[0];
  if (chunks.length === 1) return only!;
  return (stream, from) => {
    let at = from;
    while (at < length) {
      const chunk = Math.floor(at / CHUNK);
      const end = Math.min(length, (chunk + 1) * CHUNK);
      at = chunks[chunk]!(stream, at);
      if (at < end) return at;
    }
    return length;
  };
}

function buildChunk(rules: readonly Conditional[], first: number): Scanner {
  const speller = new Speller();
  const cases: string[] = [];
  for (const [i, { condition }] of rules.entries()) {
    const at = first + i;
    cases.push(`case ${at}: if (${spellCondition(condition, speller)}) return ${at};`);
  }
  return speller.compile(`switch (at) {\n${cases.join('\n')}\n}\nreturn ${first + rules.length};`);
}

function spellCondition(condition: Condition | null, speller: Speller): string {
  if (condition === null) return 'true';
  if (!(condition instanceof CompiledCondition)) return `${speller.constant(condition)}.test(S)`;
  const suites = condition.suites.map((terms) => spellTerms(terms, speller)).join(' || ');
  return condition.unless ? `!(${suites})` : suites;
}

function spellTerms(terms: readonly Term[], speller: Speller): string {
  if (terms.length === 0) return 'true';
  const texts = terms.map(({ acl, negate }) => {
    const tests = (acl as unknown as { tests: readonly Test[] }).tests;
    const text = tests.map((test) => speller.test(test)).join(' || ');
    return `${negate ? '!' : ''}(${tests.length === 0 ? 'false' : text})`;
  });
  return `(${texts.join(' && ')})`;
}
