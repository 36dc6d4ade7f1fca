// The argument of -S: an address, then bind options, all separated by commas (management.txt 3).

import { findGroup, findUser } from '../../sys/identity.ts';
import type { CliAddress, CliListenOptions } from '../../cli/server.ts';
import type { Level } from '../../cli/view.ts';

interface Options {
  level: Level;
  severity: CliListenOptions['severity'];
  mode: number | null;
  uid: number | null;
  gid: number | null;
}

/** What to listen on, or the reason why not. */
export function parseMasterBind(text: string): CliListenOptions | string {
  const [where = '', ...words] = text.split(',');
  const address = parseWhere(where);
  if (typeof address === 'string') return address;
  const options: Options = { level: 'admin', severity: 'none', mode: null, uid: null, gid: null };
  for (let at = 0; at < words.length; at += 2) {
    const reason = setOption(options, words[at]!, words[at + 1]);
    if (reason !== null) return reason;
  }
  return { address, ...options };
}

function parseWhere(text: string): CliAddress | string {
  const fd = /^fd@(\d{1,9})$/.exec(text);
  if (fd !== null) return { kind: 'fd', fd: Number(fd[1]) };
  if (text.startsWith('abns@')) return { kind: 'unix', path: `\0${text.slice(5)}` };
  const path = text.startsWith('unix@') ? text.slice(5) : text;
  if (path.startsWith('/') || text.startsWith('unix@')) return { kind: 'unix', path };
  const inet = /^(?:ipv[46]@)?(.*):(\d{1,5})$/.exec(text);
  if (inet === null || Number(inet[2]) > 65535)
    return `'${text}' is neither a path, nor fd@<number>, nor <address>:<port>`;
  const host = inet[1]!.replace(/^\[(.*)\]$/, '$1');
  return { kind: 'tcp', host: host === '' || host === '*' ? '0.0.0.0' : host, port: Number(inet[2]) };
}

function setOption(options: Options, name: string, value: string | undefined): string | null {
  if (value === undefined) return `'${name}' needs a value or is not an option of a master socket`;
  const number = /^\d{1,10}$/.test(value) ? Number(value) : -1;
  switch (name) {
    case 'level':
      if (value !== 'user' && value !== 'operator' && value !== 'admin')
        return `'level' takes 'user', 'operator' or 'admin': found '${value}'`;
      options.level = value;
      return null;
    case 'severity-output':
      if (value !== 'none' && value !== 'number' && value !== 'string')
        return `'severity-output' takes 'none', 'number' or 'string': found '${value}'`;
      options.severity = value;
      return null;
    case 'mode':
      options.mode = Number.parseInt(value, 8);
      return /^[0-7]{1,4}$/.test(value) ? null : `'mode' takes an octal file mode: found '${value}'`;
    case 'uid':
      options.uid = number;
      return number >= 0 ? null : `'uid' takes a number: found '${value}'`;
    case 'gid':
      options.gid = number;
      return number >= 0 ? null : `'gid' takes a number: found '${value}'`;
    case 'user':
      options.uid = findUser(value)?.uid ?? -1;
      return options.uid >= 0 ? null : `'user' : unknown user '${value}'`;
    case 'group':
      options.gid = findGroup(value);
      return options.gid >= 0 ? null : `'group' : unknown group '${value}'`;
    default:
      return `'${name}' is not supported on a master socket`;
  }
}
