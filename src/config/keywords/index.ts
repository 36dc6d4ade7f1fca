// All keywords of proxy sections and of `global`. A name may stand once in each.

import experimental from './experimental.ts';
import { processVariableKeywords } from './process-variables.ts';
import balance from './balance.ts';
import basics from './proxy-basics.ts';
import bind from './listen.ts';
import captures from './captures.ts';
import cookie from './cookie.ts';
import filter from './filter.ts';
import global from './global.ts';
import httpCheck from './http-check.ts';
import { internalKeywords } from './global-internal.ts';
import { tokenKeywords } from './global-jwt.ts';
import { splicingKeywords } from './global-splicing.ts';
import { keepAliveKeywords } from './keepalive-times.ts';
import { kernelBufferKeywords } from './kernel-buffers.ts';
import logging from './logging.ts';
import option from './option.ts';
import { frontendRate, processRates } from './rate-limits.ts';
import persist from './persist.ts';
import replies from './replies.ts';
import rules from './rules.ts';
import server from './server.ts';
import serverTemplate from './server-template.ts';
import serverState, { globalServerState } from './server-state.ts';
import setDumpable from './set-dumpable.ts';
import source from './source.ts';
import stats from './stats.ts';
import switching from './switching.ts';
import timeout from './timeout.ts';
import unixBind from './unix-bind.ts';
import tuning from './global-tuning.ts';
import type { SectionKeyword } from '../../registry/define.ts';

function table(keywords: readonly SectionKeyword[]): ReadonlyMap<string, SectionKeyword> {
  const map = new Map<string, SectionKeyword>();
  for (const keyword of keywords) {
    if (map.has(keyword.name)) throw new Error(`keyword '${keyword.name}' is defined twice`);
    map.set(keyword.name, keyword);
  }
  return map;
}

export const proxyKeywords = table([
  ...balance,
  ...basics,
  bind,
  ...captures,
  ...cookie,
  filter,
  httpCheck,
  ...keepAliveKeywords,
  ...logging,
  option,
  frontendRate,
  ...persist,
  ...replies,
  ...rules,
  ...server,
  serverTemplate,
  ...serverState,
  source,
  ...switching,
  timeout,
]);

export const globalKeywords = table([
  ...global,
  ...internalKeywords,
  ...kernelBufferKeywords,
  ...processRates,
  experimental,
  ...processVariableKeywords,
  ...splicingKeywords,
  ...tokenKeywords,
  ...globalServerState,
  setDumpable,
  unixBind,
  ...tuning,
  stats,
]);
