// publish backend, unpublish backend (management.txt): whether switching rules may choose it.

import { Ineligible, ProxyInt } from '../../core/shared.ts';
import { defineCommand, message, refuse, type Command } from '../command.ts';

const publish = (word: 'publish' | 'unpublish', doc: string): Command =>
  defineCommand({
    words: [word, 'backend'],
    usage: `${word} backend <backend>`,
    doc,
    level: 'operator',
    run(call) {
      const [name] = call.args;
      const proxy = call.view.proxies.find((one) => one.backend !== null && one.config.name === name);
      if (proxy === undefined) return refuse(call, 'No such backend.');
      const { ints } = proxy.backend!;
      if ((ints[ProxyInt.INELIGIBLE]! & Ineligible.DISABLED) !== 0)
        return refuse(call, 'No effect on a disabled backend.');
      ints[ProxyInt.INELIGIBLE] = word === 'publish' ? 0 : Ineligible.UNPUBLISHED;
      return message(call, 'info', `Backend ${word}ed.`);
    },
  });

export const publishing: readonly Command[] = [
  publish('publish', 'let switching rules choose a backend'),
  publish('unpublish', 'let switching rules pass a backend over'),
];
