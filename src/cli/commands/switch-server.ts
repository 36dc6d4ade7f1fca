// enable/disable server, health and agent.

import { defineCommand, withServer, type Command } from '../command.ts';

export const switchServer: readonly Command[] = [
  defineCommand({
    words: ['disable', 'agent'],
    usage: 'disable agent',
    doc: 'disable agent checks',
    level: 'admin',
    run: (call) =>
      withServer(call, (server) => {
        if (server.agentSettings !== null) server.enableAgent(false);
      }),
  }),
  defineCommand({
    words: ['disable', 'health'],
    usage: 'disable health',
    doc: 'disable health checks',
    level: 'admin',
    run: (call) => withServer(call, (server) => server.check && server.enableCheck(false)),
  }),
  defineCommand({
    words: ['disable', 'server'],
    usage: 'disable server (DEPRECATED)',
    doc: "disable a server for maintenance (use 'set server' instead)",
    level: 'admin',
    run: (call) => withServer(call, (server) => server.setState('maint')),
  }),
  defineCommand({
    words: ['enable', 'agent'],
    usage: 'enable agent',
    doc: 'enable agent checks',
    level: 'admin',
    run: (call) =>
      withServer(call, (server) => {
        if (server.agentSettings === null) return 'Agent was not configured on this server, cannot enable.';
        return server.enableAgent(true);
      }),
  }),
  defineCommand({
    words: ['enable', 'health'],
    usage: 'enable health',
    doc: 'enable health checks',
    level: 'admin',
    run: (call) =>
      withServer(call, (server) => {
        if (server.check === null) return 'Health check was not configured on this server, cannot enable.';
        return server.enableCheck(true);
      }),
  }),
  defineCommand({
    words: ['enable', 'server'],
    usage: 'enable server  (DEPRECATED)',
    doc: "enable a disabled server (use 'set server' instead)",
    level: 'admin',
    run: (call) => withServer(call, (server) => server.setState('ready')),
  }),
];
