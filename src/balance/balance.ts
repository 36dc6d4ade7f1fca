// How a backend chooses a server: one algorithm a file, all behind `Balancer`.

import type { StreamContext } from '../sample/context.ts';
import type { Expression } from '../sample/expression.ts';
import type { Server } from '../backend/server.ts';

/** The parsed `balance`, `hash-type` and `hash-balance-factor` lines. */
export interface BalanceSettings {
  /** Algorithm as written: roundrobin, static-rr, leastconn, first, random, source, uri, url_param, hdr, hash,
   * rdp-cookie. */
  algorithm: string;
  /** Draws of random(n); 2 by default. */
  draws: number;
  /** uri: len and depth (0 unlimited), whole, path-only. */
  uriLength: number;
  uriDepth: number;
  uriWhole: boolean;
  uriPathOnly: boolean;
  /** url_param: name and check_post. hdr: name and use_domain_only. rdp-cookie: name. */
  name: string;
  checkPost: boolean;
  useDomainOnly: boolean;
  /** hash <expr>. */
  expression: Expression | null;
  /** hash-type. */
  consistent: boolean;
  hashFunction: 'sdbm' | 'djb2' | 'wt6' | 'crc32' | 'none';
  avalanche: boolean;
  /** Percent; 0 off, else above 100. */
  hashBalanceFactor: number;
  preserveAffinity: 'always' | 'maxconn' | 'maxqueue';
}

/** One backend's algorithm at run time, in one thread. */
export interface Balancer {
  /** A server's state or weight moved: trees are rebuilt before the next pick. Not the hot path. */
  changed(): void;
  /**
   * The server for this stream among those that are usable and not full, or null: then the stream queues.
   * `avoid` is a server just tried in vain and is taken only when there is no other.
   */
  pick(stream: StreamContext, avoid: Server | null): Server | null;
}

/** For threads that never choose: the control thread's queues serve those who wait. */
export const nobody: Balancer = { changed() {}, pick: () => null };
