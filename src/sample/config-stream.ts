// What expressions see that are evaluated without traffic: `set-var` of the global section and of the stats socket.

import { writeSync } from 'node:fs';
import type { Config } from '../config/model.ts';
import { ConfigError, type ParseContext } from '../registry/define.ts';
import type { ProcessView, StreamContext } from './context.ts';
import { Phase } from './expression.ts';
import { Sample } from './sample.ts';
import { parseVariable } from './variable-name.ts';
import type { ProcessVariableStore } from './variables.ts';

function streamOf(config: Config, processVariables: ProcessVariableStore): StreamContext {
  const process: ProcessView = {
    config,
    figures: () => ({ current: 0, sessionRate: 0, requestRate: 0, queued: 0 }),
    servers: () => [],
    threadId: 0,
    startedMs: Date.now(),
    stopping: false,
    processVariables,
    // Rings are not there yet, or not of the control thread.
    emit(sink, text) {
      if (sink === 'stdout' || sink === 'stderr')
        writeSync(sink === 'stdout' ? 1 : 2, `${text}\n`, null, 'latin1');
    },
  };
  const stream = { process, session: { variables: null }, lastRule: null, inspectionOver: true };
  const scopes = { transactionVariables: null, requestVariables: null, responseVariables: null };
  return { ...stream, ...scopes, request: null, response: null } as unknown as StreamContext;
}

/**
 * Sets variable `name` of the process to the value of an expression or, with `format`, of a log format. Without a value
 * it stays what it was. Throws ConfigError in HAProxy's words; `where` ends the one about other scopes.
 */
export function setProcessVariable(
  name: string,
  source: string,
  format: boolean,
  context: ParseContext,
  store: ProcessVariableStore,
  where: 'in the global section' | 'here',
): void {
  const variable = parseVariable(name);
  if (variable.scope !== 'proc') {
    const keyword = where === 'here' ? 'set var' : format ? 'set-var-fmt' : 'set-var';
    throw new ConfigError(
      `'${keyword}': cannot set variable '${name}', only scope 'proc' is permitted ${where}.`,
    );
  }
  const compiled = format
    ? context.logFormat(source, Phase.CONFIG)
    : context.expression(source, Phase.CONFIG, `set-var(${name})`);
  const stream = streamOf(context.config, store);
  const sample = new Sample();
  try {
    if ('render' in compiled) sample.setStr(compiled.render(stream));
    else if (!compiled.evaluate(stream, sample)) return;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ConfigError(`'${source}' needs traffic, and there is none here`);
  }
  if (!store.set(variable.name, sample)) {
    throw new ConfigError(`failed to set variable '${name}': it is too long or there are too many`);
  }
}
