import { defineCommand } from '../command.ts';

export default defineCommand({
  words: ['show', 'startup-logs'],
  usage: 'show startup-logs',
  doc: 'report logs emitted during HAProxy startup',
  level: 'user',
  *run(call) {
    const { pid } = call.view.facts();
    for (const one of call.view.startupLogs)
      yield `${`[${one.level.toUpperCase()}]`.padEnd(10)} (${pid}) : ${one.text}\n`;
    if (call.view.startupLogs.length === 0) yield '\n';
  },
});
