import { defineCommand } from '../command.ts';
import type { SessionRow } from '../view.ts';

function age(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  return `${Math.floor(seconds / 3600)}h${Math.floor((seconds % 3600) / 60)}m`;
}

function line(row: SessionRow): string {
  return (
    `${row.id}: proto=${row.protocol} src=${row.source} fe=${row.frontend} be=${row.backend} ` +
    `srv=${row.server} age=${age(row.ageMs)}${row.details === '' ? '' : ` ${row.details}`}\n`
  );
}

function block(row: SessionRow): string {
  return (
    `${row.id}: proto=${row.protocol} source=${row.source} thread=${row.thread + 1}\n` +
    `  frontend=${row.frontend} backend=${row.backend} server=${row.server}\n` +
    `  age=${age(row.ageMs)}${row.details === '' ? '' : ` ${row.details}`}\n`
  );
}

export default defineCommand({
  words: ['show', 'sess'],
  usage: 'show sess [<id> | all]',
  doc: 'report the list of current sessions or dump this exact session',
  level: 'operator',
  async *run(call) {
    const rows = await call.view.listSessions();
    const wanted = call.args[0];
    let found = wanted === undefined || wanted === 'all';
    for (const row of rows) {
      if (wanted === undefined) yield line(row);
      else if (wanted === 'all') yield block(row);
      else if (row.id === wanted) {
        found = true;
        yield block(row);
      }
    }
    if (!found) yield 'Session not found.\n';
  },
});
