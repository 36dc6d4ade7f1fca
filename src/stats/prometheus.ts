// The text that the Prometheus exporter answers (`http-request use-service prometheus-exporter`): every value of a metric
// in one group, as Prometheus wants them, from the rows that `show stat` and `show info` print.

import { Admin } from '../core/server-admin.ts';
import { ServerInt } from '../core/shared.ts';
import { backendRow, frontendRow, listenerRow, rowContext, serverRow, type Row } from './fields.ts';
import { columnAt, type Value } from './columns.ts';
import { inMaintenance } from './server-status.ts';
import { infoFields } from './info-fields.ts';
import {
  backendMetrics,
  extraMetrics,
  frontendMetrics,
  listenerMetrics,
  processMetrics,
  serverMetrics,
  type Metric,
} from './prometheus-metrics.ts';
import type { ControlView, ProxyControl, ServerControl } from '../cli/view.ts';

const SCOPES = ['global', 'frontend', 'listener', 'backend', 'server', 'sticktable', 'resolver'] as const;
type Scope = (typeof SCOPES)[number];

/** What a scrape asks for in its query string. */
export interface Scrape {
  readonly scopes: ReadonlySet<Scope>;
  /** Metrics by name: those to show (all where it is empty), and those to leave out. */
  readonly only: ReadonlySet<string>;
  readonly except: ReadonlySet<string>;
  readonly extra: boolean;
  readonly noMaint: boolean;
  readonly descriptions: boolean;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

/** Null: this is no question to the exporter (400). Parameters that it does not know are passed over. */
export function parseScrape(query: string): Scrape | null {
  let scopes = new Set<Scope>(SCOPES);
  let given = false;
  const [only, except, flags] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const part of query.split('&')) {
    const cut = part.indexOf('=');
    const name = decoded(cut < 0 ? part : part.slice(0, cut));
    const value = cut < 0 ? '' : decoded(part.slice(cut + 1));
    if (name === null || value === null) return null;
    if (name === 'scope') {
      if (cut < 0) return null;
      if (!given || value === '') scopes = new Set();
      given = true;
      if (value === '*') scopes = new Set(SCOPES);
      else if (value !== '') {
        const scope = SCOPES.find((one) => one === value);
        if (scope === undefined) return null;
        scopes.add(scope);
      }
    } else if (name === 'metrics') {
      for (const word of value.split(',')) {
        if (word.startsWith('-')) except.add(word.slice(1));
        else if (word !== '') only.add(word);
      }
    } else flags.add(name);
  }
  return {
    scopes,
    only,
    except,
    extra: flags.has('extra-counters'),
    noMaint: flags.has('no-maint'),
    descriptions: flags.has('desc-labels'),
  };
}

const escaped = (text: string): string =>
  text.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
const label = (name: string, value: string): string => `${name}="${escaped(value)}"`;

const SERVER_STATES = ['DOWN', 'UP', 'MAINT', 'DRAIN', 'NOLB'] as const;
const CHECK_STATES =
  'HANA SOCKERR L4OK L4TOUT L4CON L6OK L6TOUT L6RSP L7TOUT L7RSP L7OK L7OKC L7STS PROCERR PROCTOUT PROCOK'.split(
    ' ',
  );

function stateOf(server: ServerControl): string {
  if (inMaintenance(server)) return 'MAINT';
  const { ints } = server.block;
  const operational = ints[ServerInt.OPERATIONAL]!;
  if (operational === 0) return 'DOWN';
  if ((ints[ServerInt.ADMIN]! & Admin.DRAIN) !== 0) return 'DRAIN';
  return operational === 3 ? 'NOLB' : 'UP';
}

/** A row with its labels. `states`: metrics that show each state with 1 or 0, or a count. */
interface Labelled {
  readonly row: Row;
  readonly labels: string;
  readonly isHttp: boolean;
  readonly states: ReadonlyMap<string, readonly (readonly [string, number])[]>;
}

const oneOf = (names: readonly string[], state: string): (readonly [string, number])[] =>
  names.map((name) => [name, name === state ? 1 : 0] as const);
const countOf = (names: readonly string[], states: readonly string[]): (readonly [string, number])[] =>
  names.map((name) => [name, states.filter((state) => state === name).length] as const);

const checkOf = (row: Row): string => String(row.values[CHECK_STATUS] ?? '').replace('* ', '');
const CHECK_STATUS = columnAt.get('check_status')!;
const CHECK_CODE = columnAt.get('check_code')!;
const CHECK_DURATION = columnAt.get('check_duration')!;

function numberText(value: Value, isTime: boolean): string {
  if (typeof value !== 'number') return 'NaN';
  return isTime ? (value / 1000).toFixed(6) : String(value);
}

class Page {
  private readonly scrape: Scrape;
  readonly parts: string[] = [];
  private last = '';

  constructor(scrape: Scrape) {
    this.scrape = scrape;
  }

  wants({ name }: Metric): boolean {
    const { only, except } = this.scrape;
    return !except.has(name) && (only.size === 0 || only.has(name));
  }

  add({ name, type, help }: Metric, labels: string, value: string): void {
    if (this.last !== name) this.parts.push(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    this.last = name;
    this.parts.push(labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`);
  }

  addRows(metrics: readonly Metric[], rows: readonly Labelled[]): void {
    for (const metric of metrics) {
      if (!this.wants(metric)) continue;
      for (const one of rows) {
        if (metric.httpOnly && !one.isHttp) continue;
        const states = one.states.get(metric.name);
        if (states !== undefined) {
          for (const [state, value] of states)
            this.add(metric, `${one.labels},${label('state', state)}`, String(value));
          continue;
        }
        const value = one.row.values[metric.at]!;
        const unasked = metric.at === CHECK_CODE || metric.at === CHECK_DURATION;
        if (unasked && checkOf(one.row) === '') continue;
        const labels = metric.code === '' ? one.labels : `${one.labels},${label('code', metric.code)}`;
        this.add(metric, labels, numberText(unasked ? (value ?? 0) : value, metric.isTime));
      }
    }
  }
}

function processPage(page: Page, view: ControlView, scrape: Scrape): void {
  const facts = view.facts();
  const description =
    scrape.descriptions && facts.description !== null ? label('desc', facts.description) : '';
  for (const metric of processMetrics()) {
    if (!page.wants(metric)) continue;
    const field = metric.at < 0 ? null : infoFields[metric.at]!;
    const value = field === null ? null : field.read(facts, Date.now());
    if (field !== null && field.type === 'str') {
      if (value === null) continue;
      const name =
        field.name === 'Build info' ? 'version' : field.name === 'description' ? 'desc' : field.name;
      page.add(metric, label(name, String(value)), '1');
    } else page.add(metric, description, numberText(value, false));
  }
}

function proxyLabels({ config }: ProxyControl, scrape: Scrape): string {
  const own = label('proxy', config.name);
  return scrape.descriptions && config.description !== null
    ? `${label('desc', config.description)},${own}`
    : own;
}

/** The whole page for one scrape. */
export function renderMetrics(view: ControlView, scrape: Scrape): string {
  const page = new Page(scrape);
  const context = rowContext(view);
  const rows: Record<'frontend' | 'listener' | 'backend' | 'server', Labelled[]> = {
    frontend: [],
    listener: [],
    backend: [],
    server: [],
  };
  const wants = (scope: Scope): boolean => scrape.scopes.has(scope);
  for (const proxy of view.proxies) {
    const labels = proxyLabels(proxy, scrape);
    const isHttp = proxy.config.mode === 'http';
    const put = (scope: keyof typeof rows, row: Row, more: string, states: Labelled['states']): void => {
      rows[scope].push({ row, labels: labels + more, isHttp, states });
    };
    if (proxy.frontend !== null) {
      const state = proxy.frontendState === 'OPEN' ? 'UP' : 'DOWN';
      const states = new Map([['haproxy_frontend_status', oneOf(['DOWN', 'UP'], state)]]);
      if (wants('frontend')) put('frontend', frontendRow(proxy, proxy.frontend, context), '', states);
      if (wants('listener') && proxy.config.options.has('socket-stats')) {
        for (const one of proxy.listeners) {
          const now = one.status === 'OPEN' || one.status === 'FULL' ? one.status : 'WAITING';
          const own = new Map([['haproxy_listener_status', oneOf(['WAITING', 'OPEN', 'FULL'], now)]]);
          put('listener', listenerRow(proxy, one, context), `,${label('listener', one.name)}`, own);
        }
      }
    }
    if (proxy.backend === null || !(wants('backend') || wants('server'))) continue;
    const servers = proxy.servers.map((server) => ({ server, row: serverRow(proxy, server, context) }));
    if (wants('backend')) {
      const row = backendRow(proxy, proxy.backend, context);
      const up = row.values[columnAt.get('status')!] === 'UP' ? 'UP' : 'DOWN';
      const byState = countOf(
        SERVER_STATES,
        servers.map(({ server }) => stateOf(server)),
      );
      const states = new Map([
        ['haproxy_backend_status', oneOf(['DOWN', 'UP'], up)],
        ['haproxy_backend_agg_server_status', servers.length === 0 ? [] : byState],
        ['haproxy_backend_agg_server_check_status', servers.length === 0 ? [] : byState],
        [
          'haproxy_backend_agg_check_status',
          servers.length === 0
            ? []
            : countOf(
                CHECK_STATES,
                servers.map((one) => checkOf(one.row)),
              ),
        ],
      ]);
      put('backend', row, '', states);
    }
    if (!wants('server')) continue;
    for (const { server, row } of servers) {
      if (scrape.noMaint && inMaintenance(server)) continue;
      const check = checkOf(row);
      const states = new Map([
        ['haproxy_server_status', oneOf(SERVER_STATES, stateOf(server))],
        ['haproxy_server_check_status', check === '' ? [] : oneOf(CHECK_STATES, check)],
      ]);
      put('server', row, `,${label('server', server.config.name)}`, states);
    }
  }
  if (wants('global')) processPage(page, view, scrape);
  page.addRows(frontendMetrics(), rows.frontend);
  page.addRows(listenerMetrics(), rows.listener);
  page.addRows(backendMetrics(), rows.backend);
  page.addRows(serverMetrics(), rows.server);
  if (scrape.extra) {
    page.addRows(extraMetrics('frontend'), rows.frontend);
    page.addRows(extraMetrics('backend'), rows.backend);
  }
  return page.parts.join('');
}

/** The answer to a query string, in bytes; null where it is none that the exporter understands. */
export function scrapeMetrics(view: ControlView, query: string): Uint8Array | null {
  const scrape = parseScrape(query);
  return scrape === null ? null : Buffer.from(renderMetrics(view, scrape), 'utf8');
}
