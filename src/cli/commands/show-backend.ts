import { defineCommand } from '../command.ts';

export default defineCommand({
  words: ['show', 'backend'],
  usage: 'show backend',
  doc: 'list backends in the current running config',
  level: 'user',
  *run(call) {
    yield '# name\n';
    for (const proxy of call.view.proxies) if (proxy.backend !== null) yield `${proxy.config.name}\n`;
  },
});
