// Variables of the process, and how much memory variables may take (manual 3.1 and 3.2).

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { setProcessVariable } from '../../sample/config-stream.ts';
import { parseSize } from '../values.ts';
import type { VariableLimits } from '../model.ts';

const setter = (name: 'set-var' | 'set-var-fmt', operand: string, doc: string) =>
  defineKeyword({
    name,
    sections: ['global'],
    usage: `${name} <var-name> ${name === 'set-var' ? '<expr>' : '<fmt>'}`,
    doc,
    parse(words, context) {
      const [, variable, value] = words;
      if (variable === undefined || value === undefined) {
        const needed = `requires a process-wide variable name ('proc.<name>') and a ${operand}.`;
        throw new ConfigError(`'${name}' ${needed}`);
      }
      const { processVariables } = context.config;
      const format = name === 'set-var-fmt';
      setProcessVariable(variable, value, format, context, processVariables, 'in the global section');
    },
  });

const limit = (scope: keyof VariableLimits) =>
  defineKeyword({
    name: `tune.vars.${scope}-max-size`,
    sections: ['global'],
    usage: `tune.vars.${scope}-max-size <size>`,
    doc: 'The most that variables of this scope, and of narrower ones, may take: 80 bytes and the text for each.',
    parse(words, context) {
      const text = words[1] ?? '';
      const size = parseSize(text);
      if (text !== '' && size.problem !== 'none') {
        throw new ConfigError(`${words[0]!}: '${text}' is an invalid size`);
      }
      const { global } = context.config;
      global.variableLimits ??= { global: 0, proc: 0, sess: 0, txn: 0, reqres: 0 };
      global.variableLimits[scope] = text === '' ? 0 : size.value;
    },
  });

export const processVariableKeywords = [
  setter('set-var', 'sample expression', 'Sets a variable of the process when the configuration is read.'),
  setter('set-var-fmt', 'format string', 'The same, to the text of a format.'),
  ...(['global', 'proc', 'sess', 'txn', 'reqres'] as const).map(limit),
];
