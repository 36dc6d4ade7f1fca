// The log thread, and the control thread's side of it. It runs where rings have servers, and for log backends and
// log-forward sections; a reload gives it the next configuration.

import type { RingMemory } from '../core/ring-file.ts';
import { isIP } from 'node:net';
import { Worker, type MessagePort } from 'node:worker_threads';
import { Relay } from '../log/relay/relay.ts';
import { SharedBlock, type SharedBlockRef } from '../core/shared.ts';
import { dup } from '../sys/libc.ts';
import { addressOfServer, type ServerAddresses } from './server-addresses.ts';
import { keyOf } from './blocks.ts';
import { reload } from './recorded-config.ts';
import type { Config } from '../config/model.ts';
import type { DataThreadInit, Recorded } from './messages.ts';
import type { Level } from '../config/diagnostics.ts';

/** A socket of a log-forward section; it stays the control thread's. */
export interface ForwardRef {
  readonly section: string;
  readonly kind: 'stream' | 'datagram';
  readonly fd: number;
  readonly ipv6: boolean;
  /** Of the bind line: a PROXY header comes first; connections at once, 0 for no limit of its own. */
  readonly acceptProxy: boolean;
  readonly maxconn: number;
}

export interface LogThreadInit {
  readonly recorded: Recorded & Pick<DataThreadInit, 'maxconn' | 'proxyMaxconn'>;
  readonly rings: ReadonlyMap<string, RingMemory>;
  readonly wake: SharedArrayBuffer;
  readonly blocks: ReadonlyMap<string, SharedBlockRef>;
  readonly forwards: readonly ForwardRef[];
  /** What `set server addr` made of addresses. */
  readonly addresses: ServerAddresses;
}

/** Pause before a thread is replaced that died of a bug, ms. */
const REPLACE_MS = 1000;
/** How often the thread looks whether all lines are gone before it ends, ms. */
const FINISH_LOOK_MS = 10;

/** Whether a configuration has work for the log thread. */
export function needsLogThread(config: Config): boolean {
  if (config.logForwards.length > 0) return true;
  return [...config.logRings.values()].some(
    ({ key, proxy }) => key.startsWith('backend@') || proxy.servers.length > 0,
  );
}

/** Runs in the worker. */
export class LogThreadBody {
  private readonly port: MessagePort;
  private relay: Relay;

  constructor(init: LogThreadInit, port: MessagePort) {
    this.port = port;
    this.relay = begin(init);
    port.on('message', (message: LogThreadInit | 'finish') => {
      if (message === 'finish') this.finish();
      else {
        this.relay.close(false);
        this.relay = begin(message);
      }
    });
    port.postMessage('ready');
  }

  private finish(): void {
    if (!this.relay.isDone) {
      setTimeout(() => this.finish(), FINISH_LOOK_MS);
      return;
    }
    this.relay.close(true);
    this.port.close();
  }
}

/** With descriptors of its own: the thread closes what it gets, and the process may close its own before that. */
const withSockets = (init: LogThreadInit): LogThreadInit => ({
  ...init,
  forwards: init.forwards.map((one) => ({ ...one, fd: dup(one.fd) })),
});

/** Servers of log backends where `set server addr` put them. */
function moveServers(config: Config, addresses: ServerAddresses): void {
  for (const { mode, servers } of config.proxies) {
    if (mode !== 'log') continue;
    for (const server of servers) {
      const { addressText, port } = addressOfServer(server, addresses);
      const family = isIP(addressText) === 6 ? ('ipv6' as const) : ('ipv4' as const);
      if (server.address.kind !== 'inet' || isIP(addressText) === 0) continue;
      server.address = { ...server.address, ip: addressText, family, portKind: 'fixed', portLow: port };
      server.port = port;
    }
  }
}

function begin({ recorded, rings, wake, blocks, forwards, addresses }: LogThreadInit): Relay {
  const config = reload(recorded);
  moveServers(config, addresses);
  const sockets = new Map<string, ForwardRef[]>();
  for (const one of forwards) {
    const list = sockets.get(one.section) ?? [];
    list.push(one);
    sockets.set(one.section, list);
  }
  return new Relay({
    config,
    rings,
    wake,
    sockets,
    states: (backend) =>
      config.byName.get(backend)!.servers.map(({ name, backup }) => ({
        ints: new SharedBlock(blocks.get(keyOf.server(backend, name))!, 0).ints,
        backup,
      })),
  });
}

/** The control thread's handle. */
export class LogThread {
  private readonly entry: URL;
  private readonly report: (level: Level, text: string) => void;
  private worker: Worker | null = null;
  private init: LogThreadInit | null = null;
  private ending = false;

  constructor(entry: URL, report: (level: Level, text: string) => void) {
    this.entry = entry;
    this.report = report;
  }

  /** Begins, or goes on with another configuration; resolves when a new thread serves. */
  async configure(init: LogThreadInit, needed: boolean): Promise<void> {
    this.init = init;
    if (this.worker !== null) this.worker.postMessage(withSockets(init));
    else if (needed) await this.spawn();
  }

  private spawn(): Promise<void> {
    const worker = new Worker(this.entry, { workerData: { hawserLogThread: withSockets(this.init!) } });
    this.worker = worker;
    worker.on('error', (error: Error) =>
      this.report('alert', `the log thread died of a bug and is replaced:\n${error.stack ?? String(error)}`),
    );
    return new Promise((resolve) => {
      worker.on('message', () => resolve());
      worker.on('exit', () => {
        this.worker = null;
        resolve();
        if (!this.ending) setTimeout(() => void this.spawn(), REPLACE_MS).unref();
      });
    });
  }

  /** A server of a log backend has another address. */
  moved(): void {
    if (this.init !== null) this.worker?.postMessage(withSockets(this.init));
  }

  /** Sends what is left and ends; resolves when that is done or `ms` are over. */
  async finish(ms: number): Promise<void> {
    this.ending = true;
    const { worker } = this;
    if (worker === null) return;
    worker.postMessage('finish');
    await new Promise<void>((resolve) => {
      worker.on('exit', () => resolve());
      setTimeout(resolve, ms);
    });
  }
}
