import { defineCommand } from '../command.ts';
import { helpText } from '../help.ts';

export default defineCommand({
  words: ['help'],
  usage: 'help [<command>]',
  doc: 'list matching or all commands',
  level: 'user',
  run: (call) => [helpText(call.commands, call.args, call.session.level)],
});
