// redir (manual 5.2): clients go to the server by themselves.

import { ConfigError, defineServerOption } from '../../registry/define.ts';

export const redir = defineServerOption({
  name: 'redir',
  usage: 'redir <prefix>',
  doc: 'GET and HEAD are answered with a redirect to <prefix> and their path instead of being sent to the server.',
  defaultServer: true,
  parse(words, at, server) {
    const prefix = words[at + 1] ?? '';
    if (prefix === '') throw new ConfigError("'redir' expects <prefix> as argument.");
    server.redir = prefix;
    return 1;
  },
});
