import { defineCommand } from '../command.ts';

export default defineCommand({
  words: ['echo'],
  usage: 'echo <text>',
  doc: 'print the text, without interpreting it',
  level: 'user',
  run: (call) => [`${call.args.join(' ')}\n`],
});
