// acl, use_backend, default_backend, use-server, force-persist, ignore-persist, monitor-uri, monitor fail, redirect.

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { Phase } from '../../sample/expression.ts';
import { atMost, conditionWords, proxyOf } from './common.ts';
import { compileAcl } from '../../acl/compile.ts';
import { parseRedirect } from '../../rules/parse.ts';
import { REGISTRY } from '../../registry/index.ts';

const FRONT = ['defaults', 'frontend', 'listen'] as const;
const REQUEST = Phase.REQUEST_HTTP | Phase.REQUEST_CONTENT | Phase.SESSION | Phase.CONNECTION;

/** HAProxy ends these messages with a dot, whatever their reason is. */
function withDot(parse: () => void): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`${error.message}.`);
  }
}

export default [
  defineKeyword({
    name: 'acl',
    sections: ['defaults', 'frontend', 'listen', 'backend'],
    usage: 'acl <aclname> <criterion> [flags] [operator] [<value>] ...',
    doc: 'Declares a named condition; lines with one name are alternatives.',
    parse(words, context) {
      withDot(() => compileAcl(words.slice(1), proxyOf(context).acls, context, REGISTRY));
    },
  }),
  defineKeyword({
    name: 'default_backend',
    sections: FRONT,
    usage: 'default_backend <backend>',
    doc: 'Where requests go that no use_backend rule sends elsewhere.',
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError("'default_backend' expects a backend name.");
      proxyOf(context).defaultBackendName = words[1];
      atMost(words, 1);
    },
  }),
  defineKeyword({
    name: 'use_backend',
    sections: ['frontend', 'listen'],
    usage: 'use_backend <backend> [{if | unless} <condition>]',
    doc: 'Sends a request to a backend; the first rule whose condition holds decides.',
    parse(words, context) {
      const proxy = proxyOf(context);
      const name = words[1];
      if (name === undefined) throw new ConfigError("'use_backend' expects a backend name.");
      let condition;
      try {
        const test = conditionWords(words, 2, 'use_backend');
        condition = test === null ? null : context.condition(test, REQUEST);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        throw new ConfigError(`error detected while parsing switching rule : ${error.message}.`);
      }
      const format = name.includes('%') ? context.logFormat(name, REQUEST) : null;
      const constant = format === null ? name : format.constant;
      proxy.useBackend.push({
        name: constant,
        format: constant === null ? format : null,
        backend: null,
        condition,
        position: context.position,
      });
    },
  }),
  defineKeyword({
    name: 'use-server',
    sections: ['listen', 'backend'],
    usage: 'use-server <server> { if | unless } <condition>',
    doc: 'Sends a request to one server of the backend.',
    parse(words, context) {
      const proxy = proxyOf(context);
      const name = words[1];
      if (name === undefined) throw new ConfigError("'use-server' expects a server name.");
      const test = conditionWords(words, 2, 'use-server');
      const format = name.includes('%') ? context.logFormat(name, REQUEST) : null;
      const constant = format === null ? name : format.constant;
      proxy.useServer.push({
        name: constant,
        format: constant === null ? format : null,
        server: null,
        condition: test === null ? null : context.condition(test, REQUEST),
        position: context.position,
      });
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
        const test = conditionWords(words, 1, `${kind}-persist`);
        if (test === null) {
          throw new ConfigError(
            `'${kind}-persist' requires either 'if' or 'unless' followed by a condition.`,
          );
        }
        proxyOf(context).persistRules.push({
          kind,
          condition: context.condition(test, REQUEST),
          position: context.position,
        });
      },
    }),
  ),
  defineKeyword({
    name: 'monitor-uri',
    sections: FRONT,
    usage: 'monitor-uri <uri>',
    doc: 'Requests for exactly this URI are answered with 200 (or 503, see monitor fail) before any rule.',
    parse(words, context) {
      if (words[1] === undefined) throw new ConfigError("'monitor-uri' expects an URI.");
      proxyOf(context).monitorUri = words[1];
      atMost(words, 1);
    },
  }),
  defineKeyword({
    name: 'monitor',
    sections: ['frontend', 'listen'],
    usage: 'monitor fail { if | unless } <condition>',
    doc: 'When monitor requests are answered with 503.',
    parse(words, context) {
      if (words[1] !== 'fail') throw new ConfigError("'monitor' only supports 'fail'.");
      const test = conditionWords(words, 2, 'monitor fail');
      if (test === null) {
        throw new ConfigError("'monitor fail' requires either 'if' or 'unless' followed by a condition.");
      }
      proxyOf(context).monitorFail.push(context.condition(test, REQUEST));
    },
  }),
  defineKeyword({
    name: 'redirect',
    sections: ['frontend', 'listen', 'backend'],
    usage: 'redirect { location | prefix | scheme } <value> [options] [{if | unless} <condition>]',
    doc: 'Answers with a redirection; runs after all http-request rules.',
    parse(words, context) {
      withDot(() => proxyOf(context).redirects.push(parseRedirect(words.slice(1), context, REGISTRY)));
    },
  }),
];
