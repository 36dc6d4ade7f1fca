// get weight, set weight: absolute (0..256) or a percentage of the initial weight.

import { ServerInt } from '../../core/shared.ts';
import { defineCommand, findServer, refuse, withServer, type Command } from '../command.ts';
import type { ServerControl } from '../view.ts';

/** Returns the refusal or null. */
export function setWeight(server: ServerControl, text: string | undefined): string | null {
  if (text === undefined || text === '') return 'Require <weight> or <weight%>.';
  const match = /^(\d{1,9})(%?)(.*)$/.exec(text);
  if (match === null) return 'Empty weight string empty or preceded by garbage';
  if (match[3] !== '') return 'Trailing garbage in weight string';
  let weight = Number(match[1]);
  if (match[2] === '%') {
    const initial = server.block.ints[ServerInt.WEIGHT_INITIAL]!;
    weight = Math.min(256, Math.floor((initial * weight) / 100));
  } else if (weight > 256) return 'Absolute weight can only be between 0 and 256 inclusive.';
  return server.setWeight(weight);
}

export const getWeight: Command = defineCommand({
  words: ['get', 'weight'],
  usage: 'get weight <bk>/<srv>',
  doc: "report a server's current weight",
  level: 'user',
  run(call) {
    const server = findServer(call, call.args[0]);
    if (typeof server === 'string') return refuse(call, server);
    const { ints } = server.block;
    return [`${ints[ServerInt.WEIGHT_USER]!} (initial ${ints[ServerInt.WEIGHT_INITIAL]!})\n`];
  },
});

export const setWeightCommand: Command = defineCommand({
  words: ['set', 'weight'],
  usage: 'set weight <bk>/<srv>  (DEPRECATED)',
  doc: "change a server's weight (use 'set server' instead)",
  level: 'admin',
  run: (call) => withServer(call, (server) => setWeight(server, call.args[1])),
});
