import { ServerInt } from '../../core/shared.ts';
import { inMaintenance } from '../../stats/server-status.ts';
import { defineCommand, findServer, message, parseDelay, refuse } from '../command.ts';

const usage = 'Usage: wait {-h|<duration>} [condition [args...]]\n';

export default defineCommand({
  words: ['wait'],
  usage: 'wait {-h|<delay_ms>} cond [args...]',
  doc: 'wait the specified delay or condition (-h to see list)',
  level: 'user',
  async *run(call) {
    const [first, condition, name] = call.args;
    if (first === undefined || first === '-h' || condition === '-h') {
      yield `${usage}  - '-h' displays this help\n  - srv-removable <proxy>/<server> : server without connections, in maintenance\n`;
      return;
    }
    const delay = parseDelay(first, 1);
    if (delay < 0) {
      yield* refuse(call, 'Invalid duration.');
      return;
    }
    if (condition === undefined) {
      await call.sleep(delay);
      return;
    }
    if (condition !== 'srv-removable') {
      yield* refuse(call, `Unsupported condition '${condition}'.`);
      return;
    }
    const server = findServer(call, name);
    if (typeof server === 'string') {
      yield* refuse(call, server);
      return;
    }
    const end = Date.now() + delay;
    for (;;) {
      if (!inMaintenance(server)) {
        yield* refuse(call, 'Only servers in maintenance mode can be deleted.');
        return;
      }
      const { ints } = server.block;
      if (ints[ServerInt.CURRENT]! + ints[ServerInt.IDLE]! === 0) {
        yield* message(call, 'info', 'Done.');
        return;
      }
      const left = end - Date.now();
      if (left <= 0) {
        yield* refuse(call, 'Wait delay expired.');
        return;
      }
      if (await call.sleep(Math.min(left, 50))) return;
    }
  },
});
