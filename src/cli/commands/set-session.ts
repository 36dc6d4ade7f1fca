// Settings of the connection itself.

import { defineCommand, parseDelay, refuse, type Command } from '../command.ts';

export const setSession: readonly Command[] = [
  defineCommand({
    words: ['set', 'severity-output'],
    usage: 'set severity-output [none|number|string]',
    doc: 'set presence of severity level in feedback information',
    level: 'user',
    run(call) {
      const word = call.args[0];
      if (word !== 'none' && word !== 'number' && word !== 'string')
        return refuse(call, "one of 'none', 'number', 'string' is a required argument");
      call.session.severity = word;
      return [];
    },
  }),
  defineCommand({
    words: ['set', 'timeout'],
    usage: 'set timeout [cli] <delay>',
    doc: 'change a timeout setting',
    level: 'user',
    run(call) {
      const [what, value] = call.args;
      if (what !== 'cli') return refuse(call, "'set timeout' only supports 'cli'.");
      if (value === undefined) return refuse(call, 'Expects an integer value.');
      const delay = parseDelay(value, 1000);
      if (delay < 1) return refuse(call, 'Invalid timeout value.');
      call.session.timeoutMs = delay;
      return [];
    },
  }),
];
