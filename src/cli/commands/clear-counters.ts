import { Counter, ProxyInt, ServerInt, type SharedBlock } from '../../core/shared.ts';
import { clearH1 } from '../../stats/h1.ts';
import { defineCommand, withServer } from '../command.ts';

const maxima = [
  Counter.QUEUE_TIME_MAX,
  Counter.CONNECT_TIME_MAX,
  Counter.RESPONSE_TIME_MAX,
  Counter.TOTAL_TIME_MAX,
];

function clear(block: SharedBlock, fields: readonly number[], all: boolean): void {
  for (const field of fields) block.ints[field] = 0;
  if (all) for (let counter = 0; counter < Counter.SIZE; counter++) block.clear(counter);
  else for (const counter of maxima) block.clear(counter);
}

const ofProxy = [
  ProxyInt.CURRENT_MAX,
  ProxyInt.QUEUED_MAX,
  ProxyInt.UNASSIGNED_MAX,
  ProxyInt.CONNECTION_RATE_MAX,
  ProxyInt.SESSION_RATE_MAX,
  ProxyInt.REQUEST_RATE_MAX,
];
const ofServer = [ServerInt.CURRENT_MAX, ServerInt.QUEUED_MAX, ServerInt.SESSION_RATE_MAX];

const wholeServer = [...ofServer, ServerInt.CHECK_FAILED, ServerInt.CHECK_DOWNS, ServerInt.DOWN_SECONDS];

export const clearCountersServer = defineCommand({
  words: ['clear', 'counters', 'server'],
  usage: 'clear counters server <bk>/<srv> [force]',
  doc: 'clear all counters of one server',
  level: 'admin',
  run: (call) =>
    withServer(call, (server) => clear(server.block, wholeServer, true), 'Server counters cleared.'),
});

export default defineCommand({
  words: ['clear', 'counters'],
  usage: 'clear counters [all]',
  doc: 'clear max statistics counters (or all counters)',
  level: 'operator',
  *run(call) {
    const all = call.args[0] === 'all';
    if (all && call.session.level !== 'admin') {
      yield 'Permission denied\n';
      return;
    }
    call.view.clearProcessCounters(all);
    for (const proxy of call.view.proxies) {
      if (proxy.frontend !== null) {
        clearH1(proxy, proxy.frontend, true, call.view.baselines, all);
        clear(proxy.frontend, ofProxy, all);
      }
      for (const one of proxy.listeners) clear(one.block, ofProxy, all);
      if (proxy.backend === null) continue;
      clearH1(proxy, proxy.backend, false, call.view.baselines, all);
      clear(
        proxy.backend,
        all ? [...ofProxy, ProxyInt.DOWN_TRANSITIONS, ProxyInt.DOWN_SECONDS] : ofProxy,
        all,
      );
      for (const server of proxy.servers) clear(server.block, all ? wholeServer : ofServer, all);
    }
  },
});
