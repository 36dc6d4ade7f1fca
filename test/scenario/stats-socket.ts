// The stats socket of a running program, asked from outside.

import net from 'node:net';

/** One line to the socket at `path`; gives all that comes back before its end. */
export function askSocket(path: string, line: string): Promise<string> {
  return new Promise((done, fail) => {
    let answer = '';
    const socket = net.connect(path, () => socket.write(`${line}\n`));
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.on('error', fail);
    socket.on('close', () => done(answer));
  });
}

/** Rows of `show stat` by `pxname/svname`, columns by name. */
export function parseStat(text: string): Map<string, Record<string, string>> {
  const [header, ...lines] = text.trimEnd().split('\n');
  const names = header!.replace('# ', '').split(',');
  const rows = new Map<string, Record<string, string>>();
  for (const line of lines) {
    const values = line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/);
    const row: Record<string, string> = {};
    names.forEach((name, at) => (row[name] = values[at] ?? ''));
    rows.set(`${row['pxname']}/${row['svname']}`, row);
  }
  return rows;
}
