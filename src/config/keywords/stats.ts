// stats: the sockets that take commands.

import { ConfigError, defineKeyword, type ParseContext } from '../../registry/define.ts';
import { addressOf, notYet } from './common.ts';
import { newBind } from '../defaults.ts';
import { parseBindOptions } from './listen.ts';
import { parseInteger, parseTime } from '../values.ts';

function socket(words: readonly string[], context: ParseContext): void {
  const where = words[2];
  if (where === undefined) {
    throw new ConfigError("'stats socket' in global section expects an address or a path to a UNIX socket");
  }
  const address = addressOf(where, "'stats socket'", context, {
    port: 'required',
    fd: true,
    maxPath: 97,
  });
  const bind = newBind(address, context.position);
  const place = {
    unknown: (name: string, guess: string) =>
      `'stats socket' : unknown keyword '${name}'${guess.replace('; did', '. Did')}`,
    refused: (text: string) => `'stats socket' : '${text}'`,
  };
  parseBindOptions(words, 3, [bind], place, context);
  context.config.global.statsSockets.push({ bind, position: context.position });
}

function timeout(text: string): number {
  const result = parseTime(text);
  if (result.problem === 'none' && result.value > 0) return result.value;
  if (result.problem === 'overflow') {
    throw new ConfigError(
      `timer overflow in argument '${text}' to 'stats timeout' (maximum value is 2147483647 ms or ~24.8 days)`,
    );
  }
  if (result.problem === 'none') throw new ConfigError("'stats timeout' expects a positive value");
  throw new ConfigError(`'stats timeout' : unexpected character '${result.found}'`);
}

export default defineKeyword({
  name: 'stats',
  sections: ['global'],
  usage: 'stats { socket <address> [options] | timeout <time> | maxconn <number> }',
  doc: 'The sockets that take commands.',
  parse(words, context) {
    const { global } = context.config;
    const word = words[1] ?? '';
    switch (word) {
      case 'socket':
        socket(words, context);
        return;
      case 'timeout':
        global.statsTimeoutMs = timeout(words[2] ?? '');
        return;
      case 'maxconn': {
        const result = parseInteger(words[2] ?? '', 1);
        if (result.problem !== 'none') throw new ConfigError("'stats maxconn' expects a positive value");
        global.statsMaxconn = result.value;
        return;
      }
      case 'bind-process':
        throw new ConfigError("'stats bind-process' is not supported anymore.");
      case 'calculate-max-counters':
        throw notYet("'stats calculate-max-counters'");
      default:
        throw new ConfigError(`'stats' only supports 'socket', 'maxconn' and 'timeout' (got '${word}')`);
    }
  },
});
