// set-var, set-var-fmt and unset-var (manual 4.4 and 2.8).

import { type ActionKeyword, ConfigError, defineAction } from '../../registry/define.ts';
import type { Expression } from '../../sample/expression.ts';
import type { LogFormat } from '../../sample/logformat.ts';
import { checkCondition, storeVariable } from '../../sample/converters/state.ts';
import { fitting } from '../../sample/room.ts';
import { Sample } from '../../sample/sample.ts';
import { parseVariable, storeOf, type VariableName } from '../../sample/variable-name.ts';
import { RULESET_PHASES } from '../parse.ts';
import { RuleSet, Verdict } from '../rule.ts';

const ALL = Object.values(RuleSet);
const EXPECTS = "Expects 'set-var(<var-name>)', 'set-var-fmt(<var-name>)' or 'unset-var(<var-name>)'";

/** The variable and the conditions in parentheses. */
function target(word: string, name: string): { variable: VariableName; conditions: readonly string[] } {
  if (!word.startsWith(name + '('))
    throw new ConfigError(`invalid or incomplete action '${word}'. ${EXPECTS}`);
  if (!word.endsWith(')')) throw new ConfigError(`incomplete argument after action '${word}'. ${EXPECTS}`);
  const [text = '', ...conditions] = word.slice(name.length + 1, -1).split(',');
  for (const condition of conditions) {
    const problem = checkCondition(condition);
    if (problem !== undefined) throw new ConfigError(problem);
  }
  return { variable: parseVariable(text), conditions };
}

const setter = (name: string, formats: boolean, doc: string): ActionKeyword =>
  defineAction({
    name,
    rulesets: ALL,
    usage: `${name}(<var-name>[,<cond>...]) ${formats ? '<fmt>' : '<expr>'}`,
    doc,
    parse(words, at, ruleset, context) {
      const { variable, conditions } = target(words[at]!, name);
      const text = words[at + 1];
      if (text === undefined)
        throw new ConfigError(formats ? 'missing format string' : 'missing fetch method');
      const phases = RULESET_PHASES[ruleset];
      const expression: Expression | null = formats ? null : context.expression(text, phases, words[at]!);
      const format: LogFormat | null = formats ? context.logFormat(text, phases) : null;
      const sample = new Sample();
      return {
        next: at + 2,
        action: {
          name,
          needsHttp: expression?.needsHttp ?? format?.needsHttp ?? false,
          run(stream) {
            if (format !== null) sample.setStr(fitting(format.render(stream)));
            else if (!expression!.evaluate(stream, sample)) return Verdict.CONTINUE;
            storeVariable(stream, variable, conditions, sample);
            return Verdict.CONTINUE;
          },
        },
      };
    },
  });

export default [
  setter('set-var', false, 'Stores the value of an expression, with its type.'),
  setter('set-var-fmt', true, 'Stores the text of a format.'),
  defineAction({
    name: 'unset-var',
    rulesets: ALL,
    usage: 'unset-var(<var-name>)',
    doc: 'Forgets a variable.',
    parse(words, at) {
      const { variable } = target(words[at]!, 'unset-var');
      return {
        next: at + 1,
        action: {
          name: 'unset-var',
          needsHttp: false,
          run(stream) {
            storeOf(stream, variable.scope)?.unset(variable.name);
            return Verdict.CONTINUE;
          },
        },
      };
    },
  }),
];
