// log-proto, log-bufsize: servers that take log lines (manual 5.2).

import { ConfigError, type ServerOption } from '../../registry/define.ts';
import { expectWord, valued } from './shapes.ts';
import { parseSize } from '../values.ts';

export const logOptions: readonly ServerOption[] = [
  valued('log-proto', 'How log lines are told apart on a TCP connection (RFC 6587).', (server, value) => {
    const words = ['legacy', 'octet-count'] as const;
    server.logProto = expectWord('log-proto', value, words, "one of 'legacy' or 'octet-count'");
  }),
  valued('log-bufsize', 'Bytes of log lines that may wait for the server.', (server, value) => {
    const size = parseSize(value, 2 ** 30);
    if (size.problem !== 'none' || size.value < 1) {
      throw new ConfigError(`'log-bufsize' expects a size in bytes but got '${value}'`);
    }
    server.logBufsize = size.value;
  }),
];
