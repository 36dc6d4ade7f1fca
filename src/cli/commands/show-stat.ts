import { Kind } from '../../stats/columns.ts';
import { csvHeader, csvLine } from '../../stats/csv.ts';
import { backendRow, frontendRow, listenerRow, rowContext, serverRow, type Row } from '../../stats/fields.ts';
import { jsonRow } from '../../stats/json.ts';
import { inMaintenance, isUp } from '../../stats/server-status.ts';
import { typedRow } from '../../stats/typed.ts';
import { defineCommand, refuse } from '../command.ts';
import { findProxy, type ControlView } from '../view.ts';

interface Filter {
  /** -1 for all. */
  readonly proxyId: number;
  /** Bits: 1 frontends, 2 backends, 4 servers, 8 listeners. */
  readonly kinds: number;
  readonly objectId: number;
  readonly up: boolean;
  readonly noMaint: boolean;
}

/** Rows one by one, so that ten thousand servers never stand in memory as text. */
function* rows(view: ControlView, filter: Filter): Generator<Row> {
  const context = rowContext(view);
  const wants = (kind: Kind): boolean => (filter.kinds & (1 << kind)) !== 0;
  for (const proxy of view.proxies) {
    if (filter.proxyId !== -1 && proxy.config.id !== filter.proxyId) continue;
    const any = filter.objectId === -1;
    if (proxy.frontend !== null) {
      if (wants(Kind.FRONTEND) && (any || filter.objectId === 0))
        yield frontendRow(proxy, proxy.frontend, context);
      if (wants(Kind.LISTENER) && proxy.config.options.has('socket-stats'))
        for (const one of proxy.listeners)
          if (any || filter.objectId === one.bind.id) yield listenerRow(proxy, one, context);
    }
    if (proxy.backend === null) continue;
    if (wants(Kind.SERVER))
      for (const server of proxy.servers) {
        if (!any && filter.objectId !== server.config.id) continue;
        if ((filter.up && !isUp(server)) || (filter.noMaint && inMaintenance(server))) continue;
        yield serverRow(proxy, server, context);
      }
    if (wants(Kind.BACKEND) && (any || filter.objectId === 0))
      yield backendRow(proxy, proxy.backend, context);
  }
}

export default defineCommand({
  words: ['show', 'stat'],
  usage: 'show stat [desc|json|no-maint|typed|up]*',
  doc: 'report counters for each proxy and server',
  level: 'user',
  *run(call) {
    let { args } = call;
    let proxyId = -1;
    let kinds = -1;
    let objectId = -1;
    if (args[0] === 'domain') {
      if (args[1] !== 'proxy') {
        yield* refuse(call, 'Invalid statistics domain.');
        return;
      }
      args = args.slice(2);
    }
    if (args.length >= 3 && /^-?\d+$/.test(args[1]!) && /^-?\d+$/.test(args[2]!)) {
      if (/^-?\d+$/.test(args[0]!)) proxyId = Number(args[0]);
      else {
        const found = findProxy(call.view, args[0]!, 'frontend') ?? findProxy(call.view, args[0]!, 'backend');
        if (found === null) {
          yield* refuse(call, 'No such proxy.');
          return;
        }
        proxyId = found.config.id;
      }
      kinds = Number(args[1]);
      objectId = Number(args[2]);
      args = args.slice(3);
    }
    const words = new Set(args);
    const filter = { proxyId, kinds, objectId, up: words.has('up'), noMaint: words.has('no-maint') };
    if (words.has('json')) {
      let separator = '[';
      for (const row of rows(call.view, filter)) {
        yield separator + jsonRow(row);
        separator = ',';
      }
      yield separator === '[' ? '[]\n' : ']\n';
      return;
    }
    if (words.has('typed')) {
      for (const row of rows(call.view, filter)) yield typedRow(row, words.has('desc'));
      return;
    }
    yield csvHeader;
    for (const row of rows(call.view, filter)) yield csvLine(row);
  },
});
