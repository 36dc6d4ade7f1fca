// tune.rcvbuf.*, tune.sndbuf.*, tune.notsent-lowat.*: what the kernel may keep of each socket's data.

import { ConfigError, defineKeyword, type SectionKeyword } from '../../registry/define.ts';
import { MAX_TIMER_MS as MAX_INT, numberError, parseSize } from '../values.ts';
import { atMost } from './common.ts';
import type { KernelBuffers, SocketSide } from '../model.ts';

const KINDS: readonly (readonly [name: string, field: keyof KernelBuffers, doc: string])[] = [
  ['tune.rcvbuf', 'receive', 'Bytes of the receive buffer of sockets'],
  ['tune.sndbuf', 'send', 'Bytes of the send buffer of sockets'],
  ['tune.notsent-lowat', 'unsent', 'Bytes not sent yet at which sockets count as full, for TCP sockets'],
];

const SIDES: Readonly<Record<SocketSide, string>> = {
  client: 'to clients',
  server: 'to servers',
  frontend: 'that take datagrams',
  backend: 'that send logs as datagrams',
};

function keyword([group, field, doc]: (typeof KINDS)[number], side: SocketSide): SectionKeyword {
  const name = `${group}.${side}`;
  return defineKeyword({
    name,
    sections: ['global'],
    usage: `${name} <size>`,
    doc: `${doc} ${SIDES[side]}. 0: as the system has it.`,
    parse(words, context) {
      const buffers = context.config.global.kernelBuffers[side];
      atMost(words, 1);
      if (buffers[field] !== 0) throw new ConfigError(`'${name}' already specified. Continuing.`);
      const text = words[1] ?? '';
      const result = parseSize(text, MAX_INT);
      const error = numberError(result, text, name, 0, MAX_INT);
      if (error !== undefined) throw new ConfigError(error);
      buffers[field] = result.value;
    },
  });
}

export const kernelBufferKeywords: readonly SectionKeyword[] = KINDS.flatMap((kind) =>
  (Object.keys(SIDES) as SocketSide[])
    .filter((side) => kind[1] !== 'unsent' || side === 'client' || side === 'server')
    .map((side) => keyword(kind, side)),
);
