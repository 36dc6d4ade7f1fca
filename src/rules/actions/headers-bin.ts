// Header edits by a list in binary form, such as req.hdrs_bin gives (manual 4.4): names and values behind their lengths
// (SPOE.txt section 3.2), until an empty name or the end.

import { readVarint, varintRead } from '../../sample/varint.ts';
import { type ActionKeyword, ConfigError, defineAction } from '../../registry/define.ts';
import { toBin } from '../../sample/cast.ts';
import { Sample } from '../../sample/sample.ts';
import { RULESET_PHASES } from '../parse.ts';
import { addHeader } from '../rewrite.ts';
import { RuleSet, type RuleTarget, Verdict } from '../rule.ts';

const HTTP = [RuleSet.HTTP_REQUEST, RuleSet.HTTP_RESPONSE, RuleSet.HTTP_AFTER_RESPONSE];

/** RFC 9110 section 5.1; what could end a line early is refused, though HAProxy lets it pass. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const BREAKS_LINES = /[\r\n\0]/;

const sample = new Sample();

/** Texts of a list in turn; null for a list that is cut short or says what no header may say. */
function readTexts(bytes: string, withValues: boolean): string[] | null {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const isName = !withValues || texts.length % 2 === 0;
    const start = readVarint(bytes, at);
    if (start < 0 || start + varintRead.value > bytes.length) return null;
    at = start + varintRead.value;
    const text = bytes.slice(start, at);
    if (isName && text === '') return texts;
    if (isName ? !NAME.test(text) : BREAKS_LINES.test(text)) return null;
    texts.push(isName ? text.toLowerCase() : text);
  }
  return withValues && texts.length % 2 === 1 ? null : texts;
}

const writer = (name: string, replaces: boolean, doc: string): ActionKeyword =>
  defineAction({
    name,
    rulesets: HTTP,
    usage: `${name} <expr> [ prefix <str> ]`,
    doc,
    parse(words, at, ruleset, context) {
      const source = words[at + 1];
      if (source === undefined) throw new ConfigError('expects at least 1 argument');
      const expression = context.expression(source, RULESET_PHASES[ruleset]);
      const hasPrefix = words[at + 2] === 'prefix';
      const prefix = hasPrefix ? words[at + 3]?.toLowerCase() : '';
      if (prefix === undefined) throw new ConfigError("'prefix' expects exactly 1 argument");
      return {
        next: at + (hasPrefix ? 4 : 2),
        action: {
          name,
          needsHttp: true,
          run(target) {
            if (!expression.evaluate(target, sample) || !toBin(sample)) return Verdict.CONTINUE;
            const texts = readTexts(sample.text, true);
            if (texts === null) return Verdict.ERROR;
            return write(target, texts, prefix, replaces);
          },
        },
      };
    },
  });

function write(target: RuleTarget, texts: readonly string[], prefix: string, replaces: boolean): Verdict {
  const { message } = target;
  if (replaces) {
    // All old lines go first, so that a name may stand in the list twice.
    for (let at = 0; at < texts.length; at += 2)
      if (texts[at]!.startsWith(prefix)) message.remove(texts[at]!);
  }
  for (let at = 0; at < texts.length; at += 2) {
    if (!texts[at]!.startsWith(prefix)) continue;
    if (addHeader(target, texts[at]!, texts[at + 1]!) === Verdict.ERROR) return Verdict.ERROR;
  }
  return Verdict.CONTINUE;
}

const MATCHES: Readonly<Record<string, (name: string, pattern: string) => boolean>> = {
  str: (name, pattern) => name === pattern,
  beg: (name, pattern) => name.startsWith(pattern),
  end: (name, pattern) => name.endsWith(pattern),
  sub: (name, pattern) => name.includes(pattern),
};

export default [
  writer('add-headers-bin', false, 'Adds the headers of a list in binary form.'),
  writer(
    'set-headers-bin',
    true,
    'Sets the headers of a list in binary form, in place of all of their names.',
  ),
  defineAction({
    name: 'del-headers-bin',
    rulesets: HTTP,
    usage: 'del-headers-bin <expr> [ -m <meth> ]',
    doc: 'Removes the headers whose names a list in binary form gives: whole, or their beginning, end or a part.',
    parse(words, at, ruleset, context) {
      const source = words[at + 1];
      if (source === undefined) throw new ConfigError('expects at least 1 argument');
      const expression = context.expression(source, RULESET_PHASES[ruleset]);
      let method = 'str';
      let next = at + 2;
      if (words[next] === '-m') {
        if (words[next + 1] === undefined) throw new ConfigError('-m flag expects exactly 1 argument');
        method = words[next + 1]!;
        next += 2;
      }
      if (!Object.hasOwn(MATCHES, method)) {
        throw new ConfigError(`-m with unsupported matching method '${method}'`);
      }
      const matches = MATCHES[method]!;
      return {
        next,
        action: {
          name: 'del-headers-bin',
          needsHttp: true,
          run(target) {
            if (!expression.evaluate(target, sample) || !toBin(sample)) return Verdict.CONTINUE;
            const names = readTexts(sample.text, false);
            if (names === null) return Verdict.ERROR;
            const { message } = target;
            for (let index = message.headerCount() - 1; index >= 0; index--) {
              const name = message.nameAt(index).toLowerCase();
              if (names.some((one) => matches(name, one))) message.removeAt(index);
            }
            return Verdict.CONTINUE;
          },
        },
      };
    },
  }),
];
