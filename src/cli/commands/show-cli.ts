import { defineCommand, type Command } from '../command.ts';

export const showCliLevel: Command = defineCommand({
  words: ['show', 'cli', 'level'],
  usage: 'show cli level',
  doc: 'display the level of the current CLI session',
  level: 'user',
  run: (call) => [`${call.session.level}\n`],
});

export const showCliSockets: Command = defineCommand({
  words: ['show', 'cli', 'sockets'],
  usage: 'show cli sockets',
  doc: 'dump list of cli sockets',
  level: 'user',
  *run(call) {
    yield '# socket lvl processes\n';
    for (const one of call.view.sockets) yield `${one.name} ${one.level} all\n`;
  },
});
