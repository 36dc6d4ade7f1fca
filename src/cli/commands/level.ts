// Lowers the connection's level; it can never be raised again.

import { defineCommand, type Command } from '../command.ts';
import { allows } from '../help.ts';
import type { Level } from '../view.ts';

const lower = (level: Level): Command =>
  defineCommand({
    words: [level],
    usage: level,
    doc: `lower the level of the current CLI session to ${level}`,
    level,
    run(call) {
      const { session } = call;
      if (allows(session.level, level)) session.level = level;
      session.expert = session.experimental = false;
      return [];
    },
  });

export const operator = lower('operator');
export const user = lower('user');
