import { defineCommand, parseCount, refuse } from '../command.ts';

const usage = [
  "'set rate-limit' only supports :",
  "   - 'connections global' to set the per-process maximum connection rate",
  "   - 'sessions global' to set the per-process maximum session rate",
  "   - 'ssl-sessions global' to set the per-process maximum SSL session rate",
  "   - 'http-compression global' to set the per-process maximum compression speed in kB/s",
].join('\n');
/** What there is nothing of to limit. */
const ABSENT = ['ssl-sessions', 'http-compression'];

export default defineCommand({
  words: ['set', 'rate-limit'],
  usage: 'set rate-limit <setting> <value>',
  doc: 'change a rate limiting value',
  level: 'admin',
  run(call) {
    const [what = '', scope, text] = call.args;
    if (scope !== 'global') return refuse(call, usage);
    if (ABSENT.includes(what)) return refuse(call, `'set rate-limit ${what}' is not supported.`);
    if (what !== 'connections' && what !== 'sessions') return refuse(call, usage);
    if (text === undefined || !/^-?\d+$/.test(text)) return refuse(call, 'Expects an integer value.');
    const rate = parseCount(text);
    if (rate < 0) return refuse(call, 'Value out of range.');
    call.view.setRateLimit(what, rate);
    return [];
  },
});
