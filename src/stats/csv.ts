// `show stat` as CSV (management.txt 9.1): a header line, then a line each; every line ends with a comma.

import { columns } from './columns.ts';
import type { Row } from './fields.ts';

export const csvHeader = `# ${columns.map((one) => one.name).join(',')},\n`;

/** A text with a separator, quote or line end is quoted, as RFC 4180 says. */
function quote(text: string): string {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 44 || code === 34 || code === 10 || code === 13) return `"${text.replaceAll('"', '""')}"`;
  }
  return text;
}

export function csvLine(row: Row): string {
  let line = '';
  for (const value of row.values) {
    if (value !== null) line += typeof value === 'number' ? value : quote(value);
    line += ',';
  }
  return `${line}\n`;
}
