// Files that hold the states of servers: where they are and which proxies read them (manual 3.1 and 4.2).

import { ConfigError, defineKeyword } from '../../registry/define.ts';
import { ALL, BACK, atMost, kindText, proxyOf } from './common.ts';
import type { ParseContext } from '../../registry/define.ts';

/** A frontend may have the keyword, to no effect. */
function warnFrontend(keyword: string, context: ParseContext): void {
  const proxy = proxyOf(context);
  if (proxy.kind !== 'frontend') return;
  context.warn(`'${keyword}' ignored because ${kindText(proxy)} '${proxy.name}' has no backend capability.`);
}

const SOURCES = ['global', 'local', 'none'] as const;

function place(
  name: 'server-state-file' | 'server-state-base',
  field: 'serverStateFile' | 'serverStateBase',
  missing: string,
  doc: string,
) {
  const usage = name === 'server-state-file' ? `${name} <file>` : `${name} <directory>`;
  return defineKeyword({
    name,
    sections: ['global'],
    usage,
    doc,
    parse(words, context) {
      const { global } = context.config;
      if (global[field] !== null) {
        context.alert(`'${name}' already specified. Continuing.`);
        return;
      }
      if (words[1] === undefined) throw new ConfigError(`'${name}' ${missing}`);
      atMost(words, 1);
      global[field] = words[1];
    },
  });
}

export const globalServerState = [
  place(
    'server-state-file',
    'serverStateFile',
    'expect one argument: a file path.',
    'The file that holds the states of servers for proxies with "load-server-state-from-file global".',
  ),
  place(
    'server-state-base',
    'serverStateBase',
    'expects one argument: a directory path.',
    'The directory of state files whose names do not start with a slash.',
  ),
];

export default [
  defineKeyword({
    name: 'load-server-state-from-file',
    sections: ALL,
    usage: 'load-server-state-from-file { global | local | none }',
    doc: 'Servers begin in the state that a file tells, as "show servers state" printed it.',
    parse(words, context) {
      warnFrontend('load-server-state-from-file', context);
      const source = SOURCES.find((one) => one === words[1]);
      if (source === undefined) {
        const found = words[1] ?? '';
        throw new ConfigError(
          `'load-server-state-from-file' expects 'global', 'local' or 'none'. Got '${found}'`,
        );
      }
      proxyOf(context).serverStates = source;
    },
  }),
  defineKeyword({
    name: 'server-state-file-name',
    sections: BACK,
    usage: 'server-state-file-name [ { use-backend-name | <file> } ]',
    doc: 'The state file of "load-server-state-from-file local"; the name of the backend without it.',
    parse(words, context) {
      warnFrontend('server-state-file-name', context);
      atMost(words, 1);
      const name = words[1] ?? 'use-backend-name';
      proxyOf(context).serverStateFile = name === 'use-backend-name' ? null : name;
    },
  }),
];
