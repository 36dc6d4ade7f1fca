import { defineCommand, refuse } from '../command.ts';
import { errorText } from '../../core/error-capture.ts';
import { findProxy } from '../view.ts';
import { logDate } from '../log-date.ts';

export default defineCommand({
  words: ['show', 'errors'],
  usage: 'show errors [<px>] [request|response]',
  doc: 'report last request and/or response errors for each proxy',
  level: 'operator',
  async *run(call) {
    const [name, kind] = call.args;
    let id = -1;
    if (name !== undefined) {
      if (/^-?\d+$/.test(name)) id = Number(name);
      else {
        const proxy = findProxy(call.view, name, 'frontend') ?? findProxy(call.view, name, 'backend');
        if (proxy === null) return yield* refuse(call, 'No such proxy.');
        id = proxy.config.id;
      }
    }
    const { total, captures } = await call.view.errors();
    yield `Total events captured on [${logDate(Date.now())}] : ${total}\n`;
    for (const one of captures) {
      if (id !== -1 && one.frontendId !== id && one.backendId !== id) continue;
      if ((kind === 'request' || kind === 'response') && one.side !== kind) continue;
      yield errorText(one, logDate(one.atMs));
    }
  },
});
