// log, no log, log-tag, log-steps, log-format, log-format-sd, error-log-format: what proxies log and where.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { ALL, FRONT, atMost, formatOf, proxyOf } from './common.ts';
import { Phase } from '../../sample/expression.ts';
import { ALL_STEPS, STEPS } from '../../sample/origin.ts';
import { parseLogLine } from '../log-line.ts';

export default [
  defineKeyword({
    name: 'log',
    sections: ALL,
    negatable: true,
    usage:
      'log global | log <target> [len <length>] [format <format>] [sample <ranges>:<size>] [profile <prof>] <facility> [<level> [<minlevel>]]',
    doc: 'Adds a log target; `global` takes those of the global section, `no log` forgets all.',
    parse(words, context, form) {
      const proxy = proxyOf(context);
      if (form === 'no') {
        if (words[1] !== undefined) throw new ConfigError("log : 'no log' does not expect arguments");
        proxy.logTargets = [];
        return;
      }
      if (words[1] === 'global' && words.length === 2) {
        proxy.logTargets.push(...context.config.global.logTargets);
        return;
      }
      proxy.logTargets.push(parseLogLine(words, context, 'or global'));
    },
  }),
  defineKeyword({
    name: 'log-tag',
    sections: ALL,
    usage: 'log-tag <string>',
    doc: 'The tag of log lines instead of the program name.',
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError("'log-tag' expects a tag for use in syslog.");
      atMost(words, 1);
      proxyOf(context).logTag = words[1];
    },
  }),
  defineKeyword({
    name: 'log-steps',
    sections: FRONT,
    usage: 'log-steps <step>[,<step>]*',
    doc: 'The moments of an exchange that make a log line, instead of one line in the end; `all` for all of them.',
    parse(words, context) {
      const names = [...STEPS.keys(), 'all'].map((one) => `'${one}'`).join(', ');
      if (words[1] === undefined) throw new ConfigError(`'log-steps' expects a list of ${names}.`);
      atMost(words, 1);
      let steps = 0;
      for (const name of words[1].split(',')) {
        const origin = STEPS.get(name);
        if (origin === undefined && name !== 'all') {
          throw new ConfigError(`'log-steps' : unknown step '${name}', expected one of ${names}.`);
        }
        steps |= origin === undefined ? ALL_STEPS : 1 << origin;
      }
      proxyOf(context).logSteps = steps;
    },
  }),
  ...(['log-format', 'error-log-format', 'log-format-sd'] as const).map((name) =>
    defineKeyword({
      name,
      sections: FRONT,
      usage: `${name} <fmt>`,
      doc:
        name === 'log-format'
          ? 'The format of log lines.'
          : name === 'log-format-sd'
            ? 'The structured data of log lines in format rfc5424.'
            : 'The format of lines about connections that failed.',
      parse(words, context) {
        const proxy = proxyOf(context);
        if (words[1] === undefined) throw new ConfigError(`${name} expects an argument.`);
        if (words[2] !== undefined) {
          throw new ConfigError(`${name} expects only one argument, don't forget to escape spaces!`);
        }
        const format = formatOf(name, words[1], context, Phase.LOG);
        if (name === 'log-format-sd') {
          proxy.logFormatSd = format;
          return;
        }
        if (name === 'error-log-format') {
          if (proxy.errorLogFormat !== null && proxy.kind === 'defaults') {
            context.warnHere(
              "'error-log-format' overrides previous 'error-log-format' in 'defaults' section.",
            );
          }
          proxy.errorLogFormat = format;
          return;
        }
        if (proxy.logFormatSource !== null && proxy.kind === 'defaults') {
          context.warnHere(
            `'log-format' overrides previous '${proxy.logFormatSource}' in 'defaults' section.`,
          );
        }
        proxy.logFormat = format;
        proxy.logFormatSource = 'log-format';
        proxy.logFormatPosition = context.position;
      },
    }),
  ),
];
