// acl, use_backend, default_backend, use-server, force-be-switch, be-unpublished, force-persist, ignore-persist, monitor-uri, monitor fail, redirect.

import { ConfigError, defineKeyword, type ParseContext } from '../../registry/define.ts';
import { FRONT, atMost, proxyOf, rewording } from './common.ts';
import { Phase } from '../../sample/expression.ts';
import { REGISTRY } from '../../registry/index.ts';
import { RuleStage, warnOrder } from './rule-order.ts';
import { compileAcl } from '../../acl/compile.ts';
import { parseRedirect } from '../../rules/parse.ts';
import type { Condition } from '../../acl/condition.ts';
import type { LogFormat } from '../../sample/logformat.ts';

const REQUEST = Phase.REQUEST_HTTP | Phase.REQUEST_CONTENT | Phase.SESSION | Phase.CONNECTION;
const isTest = (word: string | undefined): boolean => word === 'if' || word === 'unless';

/** The condition that `keyword` requires at `words[at]`. */
function required(
  words: readonly string[],
  at: number,
  keyword: string,
  context: ParseContext,
  what = 'rule',
): Condition {
  if (!isTest(words[at])) {
    throw new ConfigError(`'${keyword}' requires either 'if' or 'unless' followed by a condition.`);
  }
  return rewording(
    () => context.condition(words.slice(at), REQUEST),
    (text) => `error detected while parsing a '${keyword}' ${what} : ${text}.`,
  );
}

interface Target {
  readonly name: string | null;
  readonly format: LogFormat | null;
}

/** A name that is known now, or a format that gives one for each stream. Null: a complaint follows after reading. */
function target(
  name: string,
  context: ParseContext,
  complain: (position: string, problem: string) => string,
): Target | null {
  if (!name.includes('%')) return { name, format: null };
  let format: LogFormat;
  try {
    format = context.logFormat(name, REQUEST);
  } catch (error) {
    if (!(error instanceof ConfigError) || error.message.includes('not yet supported')) throw error;
    const { file, line } = context.position;
    context.later(() => context.alertPlain(complain(`[${file}:${line}]`, error.message)));
    return null;
  }
  return format.constant === null ? { name: null, format } : { name: format.constant, format: null };
}

export default [
  defineKeyword({
    name: 'acl',
    sections: ['defaults', 'frontend', 'listen', 'backend'],
    usage: 'acl <aclname> <criterion> [flags] [operator] [<value>] ...',
    doc: 'Declares a named condition; lines with one name are alternatives.',
    parse(words, context) {
      const proxy = proxyOf(context);
      if (proxy.kind === 'defaults' && proxy.name === '') {
        throw new ConfigError("'acl' not allowed in anonymous 'defaults' section.");
      }
      try {
        compileAcl(words.slice(1), proxy.acls, context, REGISTRY);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        if (error.message.includes('not yet supported')) {
          // The name exists: rules that use it are not wrong on top of this line.
          compileAcl([words[1]!, 'always_false'], proxy.acls, context, REGISTRY);
        }
        throw new ConfigError(`${error.message}.`);
      }
    },
  }),
  defineKeyword({
    name: 'default_backend',
    sections: FRONT,
    usage: 'default_backend <backend>',
    doc: 'Where requests go that no use_backend rule sends elsewhere.',
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError("'default_backend' expects a backend name.");
      atMost(words, 1);
      proxyOf(context).defaultBackendName = words[1];
    },
  }),
  defineKeyword({
    name: 'use_backend',
    sections: ['frontend', 'listen'],
    usage: 'use_backend <backend> [{if | unless} <condition>]',
    doc: 'Sends a request to a backend; the first rule whose condition holds decides.',
    parse(words, context) {
      const proxy = proxyOf(context);
      if (words[1] === undefined) throw new ConfigError("'use_backend' expects a backend name.");
      let condition: Condition | null = null;
      if (isTest(words[2])) {
        condition = rewording(
          () => context.condition(words.slice(2), REQUEST),
          (text) => `error detected while parsing switching rule : ${text}.`,
        );
      } else if (words[2] !== undefined) {
        throw new ConfigError(
          `unexpected keyword '${words[2]}' after switching rule, only 'if' and 'unless' are allowed.`,
        );
      }
      warnOrder(RuleStage.BACKEND, proxy, context);
      const { position } = context;
      const to = target(
        words[1],
        context,
        (place, problem) => `Parsing ${place}: failed to parse use_backend rule '${words[1]!}' : ${problem}.`,
      );
      if (to !== null) proxy.useBackend.push({ ...to, backend: null, condition, position });
    },
  }),
  defineKeyword({
    name: 'use-server',
    sections: ['listen', 'backend'],
    usage: 'use-server <server> { if | unless } <condition>',
    doc: 'Sends a request to one server of the backend.',
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError("'use-server' expects a server name.");
      const condition = rewording(
        () => required(words, 2, 'use-server', context),
        (text) => text.replace("a 'use-server' rule", 'switching rule'),
      );
      const { position } = context;
      const to = target(
        words[1],
        context,
        (place, problem) =>
          `Parsing ${place}; use-server rule failed to parse log-format '${words[1]!}' : ${problem}.`,
      );
      if (to !== null) proxyOf(context).useServer.push({ ...to, server: null, condition, position });
    },
  }),
  ...(['force', 'ignore'] as const).map((kind) =>
    defineKeyword({
      name: `${kind}-persist`,
      sections: ['listen', 'backend'],
      usage: `${kind}-persist { if | unless } <condition>`,
      doc:
        kind === 'force'
          ? 'Persistence holds even where the server is down.'
          : 'Persistence is not looked at for these requests.',
      parse(words, context) {
        const condition = required(words, 1, `${kind}-persist`, context);
        proxyOf(context).persistRules.push({ kind, condition, position: context.position });
      },
    }),
  ),
  defineKeyword({
    name: 'force-be-switch',
    sections: ['frontend', 'listen'],
    usage: 'force-be-switch { if | unless } <condition>',
    doc: 'Switching rules choose backends that are disabled or unpublished too for these requests.',
    parse(words, context) {
      proxyOf(context).forceSwitch.push(required(words, 1, 'force-be-switch', context));
    },
  }),
  defineKeyword({
    name: 'be-unpublished',
    sections: ['listen', 'backend'],
    usage: 'be-unpublished',
    doc: 'Switching rules of other proxies pass this backend over until `publish backend` on the stats socket.',
    parse(words, context) {
      atMost(words, 0);
      proxyOf(context).unpublished = true;
    },
  }),
  defineKeyword({
    name: 'monitor-uri',
    sections: FRONT,
    usage: 'monitor-uri <uri>',
    doc: 'Requests for exactly this URI are answered with 200 (or 503, see monitor fail) before any rule.',
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError("'monitor-uri' expects an URI.");
      atMost(words, 1);
      proxyOf(context).monitorUri = words[1];
    },
  }),
  defineKeyword({
    name: 'monitor',
    sections: ['frontend', 'listen'],
    usage: 'monitor fail { if | unless } <condition>',
    doc: 'When monitor requests are answered with 503.',
    parse(words, context) {
      if (words[1] !== 'fail') throw new ConfigError("'monitor' only supports 'fail'.");
      proxyOf(context).monitorFail.push(required(words, 2, 'monitor fail', context, 'condition'));
    },
  }),
  defineKeyword({
    name: 'redirect',
    sections: ['frontend', 'listen', 'backend'],
    usage: 'redirect { location | prefix | scheme } <value> [options] [{if | unless} <condition>]',
    doc: 'Answers with a redirection; runs after all http-request rules.',
    parse(words, context) {
      const proxy = proxyOf(context);
      const rule = rewording(
        () => parseRedirect(words.slice(1), context, REGISTRY),
        (text) => `${text}.`,
      );
      warnOrder(RuleStage.REDIRECT, proxy, context);
      proxy.redirects.push(rule);
    },
  }),
];
