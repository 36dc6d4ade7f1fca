// Named ACLs of one proxy: several lines with one name are alternatives (manual 7.1).

import type { Match } from './condition.ts';
import type { StreamContext } from '../sample/context.ts';

export interface Acl {
  readonly name: string;
  readonly needsHttp: boolean;
  readonly phases: number;
  probe(stream: StreamContext): Match;
}

export type AclTable = Map<string, Acl>;
