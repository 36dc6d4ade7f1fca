// What control thread and data threads say to each other. Everything here can be posted.

import type { RingMemory } from '../core/ring-file.ts';
import type { ServerAddresses } from './server-addresses.ts';
import type { AcceptQueueRef } from '../stream/accept-queue.ts';
import type { BlockTable } from './blocks.ts';
import type { Refusals } from '../core/error-capture.ts';
import type { SessionRow } from '../cli/view.ts';
import type { PatternHandle } from '../acl/store.ts';
import type { Recording } from '../config/files.ts';
import type { Source } from '../config/reader.ts';
import type { TakeoverRef } from '../stream/takeover.ts';
import type { WaiterPoolRef } from '../backend/queue.ts';

/** A listening socket of the process, by the proxy and bind it belongs to. */
export interface ListenerRef {
  readonly proxy: string;
  readonly bindId: number;
  readonly fd: number;
}

/** All a data thread needs to build the same model and run it. */
export interface DataThreadInit {
  readonly sources: readonly Source[];
  readonly environment: readonly (readonly [string, string])[];
  readonly files: Recording;
  readonly patterns: PatternHandle;
  readonly names: readonly (readonly [string, string | null])[];
  /** -dr. */
  readonly ignoreUnresolved: boolean;
  /** See config/switches.ts. */
  readonly switches: readonly string[];
  readonly listeners: readonly ListenerRef[];
  readonly table: BlockTable;
  readonly addresses: ServerAddresses;
  readonly waiters: WaiterPoolRef;
  /** Memory of rings of log lines, by key; what the log thread waits for, where there is one. */
  readonly logRings: ReadonlyMap<string, RingMemory>;
  readonly logWake: SharedArrayBuffer | null;
  /** Null where threads keep the connections that they accept. */
  readonly accepts: AcceptQueueRef | null;
  /** Null where threads keep their idle connections to themselves. */
  readonly takeovers: TakeoverRef | null;
  readonly processInts: SharedArrayBuffer;
  /** See sample/process-variables.ts. */
  readonly variables: SharedArrayBuffer;
  /** Eventfds by counter row; they live as long as the generation. */
  readonly wakers: SharedArrayBuffer;
  /** Number of this thread, counter row, and how many there are. */
  readonly thread: number;
  readonly row: number;
  readonly threads: number;
  readonly generation: number;
  readonly slabs: number;
  readonly uring: boolean;
  readonly epoll: boolean;
  readonly maxconn: number;
  /** -N: maxconn of frontends that set none, 0 for none. */
  readonly proxyMaxconn: number;
  readonly hostname: string;
  readonly startedMs: number;
}

/** All that a thread needs to read the configuration again as the control thread did. */
export type Recorded = Pick<
  DataThreadInit,
  'sources' | 'environment' | 'files' | 'patterns' | 'names' | 'ignoreUnresolved' | 'switches'
>;

export type ToData =
  | { readonly type: 'drain' }
  | { readonly type: 'kill' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'rearm' }
  | { readonly type: 'close-listeners' }
  | { readonly type: 'sessions'; readonly ticket: number }
  | { readonly type: 'errors'; readonly ticket: number }
  /** The answer to `service`; null where the query is none. */
  | { readonly type: 'service'; readonly ticket: number; readonly body: Uint8Array | null }
  | { readonly type: 'kill-session'; readonly id: string }
  | { readonly type: 'shutdown-server'; readonly backend: string; readonly server: string }
  /** `debug dev bug`. */
  | { readonly type: 'bug'; readonly where: 'turn' | 'message' | 'heap' }
  | { readonly type: 'frontend'; readonly name: string; readonly accept: boolean }
  | {
      readonly type: 'address';
      readonly backend: string;
      readonly server: string;
      readonly text: string;
      readonly port: number;
      readonly version: number;
    };

export type FromData =
  | { readonly type: 'ready'; readonly reactor: string }
  | { readonly type: 'drained'; readonly errors: Refusals }
  | { readonly type: 'shortage'; readonly proxy: string; readonly errno: number }
  | { readonly type: 'sessions'; readonly ticket: number; readonly rows: readonly SessionRow[] }
  | { readonly type: 'errors'; readonly ticket: number; readonly rows: readonly Refusals[] }
  /** A request for the metrics; `query`: what stands behind the `?` of its target. */
  | { readonly type: 'service'; readonly ticket: number; readonly query: string }
  | { readonly type: 'failed'; readonly text: string };
