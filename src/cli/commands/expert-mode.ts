import { defineCommand, type Command } from '../command.ts';

const toggle = (name: string, key: 'expert' | 'experimental'): Command =>
  defineCommand({
    words: [name],
    usage: `${name} [on|off]`,
    doc: `show or change the ${key} mode of this CLI session`,
    level: 'admin',
    hidden: true,
    run(call) {
      const word = call.args[0];
      if (word === undefined) return [`${name} is ${call.session[key] ? 'ON' : 'OFF'}\n`];
      call.session[key] = word === 'on';
      return [];
    },
  });

export const expertMode = toggle('expert-mode', 'expert');
export const experimentalMode = toggle('experimental-mode', 'experimental');
