// All options of `bind` lines (manual 5.1) and of `stats socket`: a file for each family.

import type { BindOption } from '../../registry/define.ts';
import { connectionOptions } from './connections.ts';
import { ownerOptions } from './owner.ts';
import { socketOptions } from './socket.ts';
import { statsSocketOptions } from './stats-socket.ts';

const list: readonly BindOption[] = [
  ...connectionOptions,
  ...ownerOptions,
  ...socketOptions,
  ...statsSocketOptions,
];

export const bindOptions: ReadonlyMap<string, BindOption> = new Map(
  list.map((option) => [option.name, option]),
);
