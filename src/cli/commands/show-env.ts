import { defineCommand, refuse } from '../command.ts';

export default defineCommand({
  words: ['show', 'env'],
  usage: 'show env [var]',
  doc: 'dump environment variables known to the process',
  level: 'operator',
  *run(call) {
    const name = call.args[0];
    const { environment } = call.view;
    if (name !== undefined) {
      const value = environment[name];
      if (value === undefined) return yield* refuse(call, 'Variable not found');
      yield `${name}=${value}\n`;
      return;
    }
    for (const [key, value] of Object.entries(environment)) yield `${key}=${value ?? ''}\n`;
  },
});
