import { defineCommand, refuse } from '../command.ts';

const USAGE =
  'Usage: prompt [help | n | i | p | timed]*\n' +
  '  n: not interactive; i: interactive; p: interactive with a prompt; timed: the prompt shows the uptime\n';

export default defineCommand({
  words: ['prompt'],
  usage: 'prompt [help|n|i|p|timed]*',
  doc: 'toggle interactive mode with prompt',
  level: 'user',
  run(call) {
    const { session } = call;
    if (call.args.length === 0) session.mode = session.mode === 'prompt' ? 'non-interactive' : 'prompt';
    for (const word of call.args) {
      if (word === 'help') return [USAGE];
      if (word === 'n') session.mode = 'non-interactive';
      else if (word === 'i') session.mode = 'interactive';
      else if (word === 'p') session.mode = 'prompt';
      else if (word === 'timed') {
        session.mode = 'prompt';
        session.timed = !session.timed;
      } else return refuse(call, "'prompt' only supports 'n', 'i', 'p' and 'timed'.");
    }
    return [];
  },
});
