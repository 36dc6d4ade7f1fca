import { defineCommand, refuse, withServer, type Command } from '../command.ts';

export const shutdownSession: Command = defineCommand({
  words: ['shutdown', 'session'],
  usage: 'shutdown session [id]',
  doc: 'kill a specific session',
  level: 'admin',
  async *run(call) {
    const id = call.args[0];
    if (id === undefined) yield* refuse(call, "Session pointer expected (use 'show sess').");
    else if (!(await call.view.killSession(id))) yield* refuse(call, "No such session (use 'show sess').");
  },
});

export const shutdownSessionsServer: Command = defineCommand({
  words: ['shutdown', 'sessions', 'server'],
  usage: 'shutdown sessions server <bk>/<srv>',
  doc: 'kill sessions on a server',
  level: 'admin',
  run: (call) => withServer(call, (server) => server.shutdownSessions()),
});
