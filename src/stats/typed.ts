// The typed format of `show stat` and `show info` (management.txt 9.2): one value a line.

import { DELIMITER, columns, type Column, type Value } from './columns.ts';
import type { Row } from './fields.ts';

const letters = ['F', 'B', 'S', 'L'] as const;

export function typedValue(prefix: string, column: Column, value: Value, description: boolean): string {
  const text = `${prefix}:${column.tags}:${column.type}:${value}`;
  return description ? `${text}:"${column.doc}"\n` : `${text}\n`;
}

/** All values of a row; the delimiter column is not one. */
export function typedRow(row: Row, description: boolean): string {
  let text = '';
  const head = `${letters[row.kind]}.${row.proxyId}.${row.objectId}`;
  for (let at = 0; at < columns.length; at++) {
    const value = row.values[at]!;
    if (value === null || at === DELIMITER) continue;
    const column = columns[at]!;
    text += typedValue(`${head}.${at}.${column.name}.1`, column, value, description);
  }
  return text;
}
