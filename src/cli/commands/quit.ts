import { defineCommand } from '../command.ts';

export default defineCommand({
  words: ['quit'],
  usage: 'quit',
  doc: 'disconnect',
  level: 'user',
  run(call) {
    call.session.closing = true;
    return [];
  },
});
