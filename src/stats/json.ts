// The JSON form of `show stat` and `show info`, as `show schema json` describes it.

import { DELIMITER, columns, type Column, type Value } from './columns.ts';
import type { Row } from './fields.ts';

const origins: Record<string, string> = {
  M: 'Metric',
  S: 'Status',
  K: 'Key',
  C: 'Config',
  P: 'Product',
};
const natures: Record<string, string> = {
  A: 'Age',
  a: 'Avg',
  C: 'Counter',
  D: 'Duration',
  G: 'Gauge',
  L: 'Limit',
  M: 'Max',
  m: 'Min',
  N: 'Name',
  O: 'Output',
  R: 'Rate',
  T: 'Time',
};
const scopes: Record<string, string> = { C: 'Cluster', P: 'Process', S: 'Service', s: 'System' };
const kinds = ['Frontend', 'Backend', 'Server', 'Listener'] as const;

function field(position: number, column: Column, value: Value): object {
  return {
    field: { pos: position, name: column.name },
    processNum: 1,
    tags: {
      origin: origins[column.tags[0]!],
      nature: natures[column.tags[1]!],
      scope: scopes[column.tags[2]!],
    },
    value: { type: column.type, value },
  };
}

export function jsonInfoField(position: number, column: Column, value: Value): string {
  return JSON.stringify(field(position, column, value));
}

/** One row as an array of objects. */
export function jsonRow(row: Row): string {
  const items: object[] = [];
  for (let at = 0; at < columns.length; at++) {
    const value = row.values[at]!;
    if (value === null || at === DELIMITER) continue;
    items.push({
      objType: kinds[row.kind],
      proxyId: row.proxyId,
      id: row.objectId,
      ...field(at, columns[at]!, value),
    });
  }
  return JSON.stringify(items);
}

const reference = (name: string): object => ({ $ref: `#/definitions/${name}` });
const item = (title: string, own: Record<string, object>, required: string[]): object => ({
  title,
  type: 'object',
  properties: {
    ...own,
    field: reference('field'),
    processNum: reference('processNum'),
    tags: reference('tags'),
    value: reference('typedValue'),
  },
  required: [...required, 'field', 'processNum', 'tags', 'value'],
});
const integer = (type: string): object => ({
  properties: { type: { type: 'string', enum: [type] }, value: { type: 'integer' } },
});

/** The answer of `show schema json`. */
export const jsonSchema: string = JSON.stringify({
  $schema: 'http://json-schema.org/draft-04/schema#',
  oneOf: [
    { title: 'Info', type: 'array', items: item('InfoItem', {}, []) },
    {
      title: 'Stat',
      type: 'array',
      items: {
        title: 'StatItem',
        type: 'array',
        items: item(
          'StatField',
          {
            objType: { enum: ['Frontend', 'Backend', 'Listener', 'Server', 'Unknown'] },
            proxyId: { type: 'integer', minimum: 0 },
            id: { type: 'integer', minimum: 0 },
          },
          ['objType', 'proxyId', 'id'],
        ),
      },
    },
    { title: 'Error', type: 'object', properties: { errorStr: { type: 'string' } }, required: ['errorStr'] },
  ],
  definitions: {
    field: {
      type: 'object',
      properties: { pos: { type: 'integer', minimum: 0 }, name: { type: 'string' } },
      required: ['pos', 'name'],
    },
    processNum: { type: 'integer', minimum: 1 },
    tags: {
      type: 'object',
      properties: {
        origin: { type: 'string', enum: [...Object.values(origins), 'Unknown'] },
        nature: { type: 'string', enum: [...Object.values(natures), 'Unknown'] },
        scope: { type: 'string', enum: [...Object.values(scopes), 'Unknown'] },
      },
      required: ['origin', 'nature', 'scope'],
    },
    typedValue: {
      type: 'object',
      oneOf: [
        ...['s32', 's64', 'u32', 'u64'].map(integer),
        { properties: { type: { type: 'string', enum: ['str'] }, value: { type: 'string' } } },
        { properties: { type: { type: 'string', enum: ['flt'] }, value: { type: 'number' } } },
      ],
      required: ['type', 'value'],
    },
  },
});
