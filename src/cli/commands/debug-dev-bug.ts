import { defineCommand, parseCount, refuse } from '../command.ts';

/** For tests of what the process does about a bug: HAProxy's own crashes the process, here a data thread is lost. */
export default defineCommand({
  words: ['debug', 'dev', 'bug'],
  usage: 'debug dev bug [<thread>|control] [turn|message|heap]',
  doc: 'make a thread fail as a bug would',
  level: 'admin',
  hidden: true,
  run(call) {
    if (!call.session.expert) return ['This command is restricted to expert mode only.\n'];
    const [word = '1'] = call.args;
    const thread = word === 'control' ? 0 : word === '0' ? -1 : parseCount(word);
    const where = call.args[1] ?? 'turn';
    if (where !== 'turn' && where !== 'message' && where !== 'heap')
      return refuse(call, "Expects 'turn', 'message' or 'heap'.");
    return call.view.provokeBug(thread, where) ? [] : refuse(call, 'No such thread.');
  },
});
