// All options of `server` and `default-server` lines (manual 5.2): a file for each family.

import type { ServerOption } from '../../registry/define.ts';
import { agentOptions } from './agent.ts';
import { checkOptions } from './checks.ts';
import { identityOptions } from './identity.ts';
import { idleOptions } from './idle.ts';
import { loadOptions } from './load.ts';
import { logOptions } from './logs.ts';
import { redir } from './redir.ts';
import { sendProxyOptions, tlvOption } from './send-proxy.ts';
import { source, usesrc } from './source.ts';
import { stateOptions } from './state.ts';
import { transportOptions } from './transport.ts';

const list: readonly ServerOption[] = [
  ...agentOptions,
  ...checkOptions,
  ...identityOptions,
  ...idleOptions,
  ...loadOptions,
  ...logOptions,
  ...sendProxyOptions,
  ...stateOptions,
  ...transportOptions,
  redir,
  source,
  usesrc,
];

const byName: ReadonlyMap<string, ServerOption> = new Map(list.map((option) => [option.name, option]));

export const serverOptions = {
  get: (name: string): ServerOption | undefined => byName.get(name) ?? tlvOption(name),
  keys: (): Iterable<string> => byName.keys(),
  list: (): readonly ServerOption[] => [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
};
