import { defineCommand } from '../command.ts';

export default defineCommand({
  words: ['show', 'version'],
  usage: 'show version',
  doc: 'show version of the current process',
  level: 'user',
  run: (call) => [`${call.view.facts().version}\n`],
});
