import { jsonInfoField } from '../../stats/json.ts';
import { readInfo } from '../../stats/info-fields.ts';
import { typedValue } from '../../stats/typed.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  words: ['show', 'info'],
  usage: 'show info [desc|json|typed|float]*',
  doc: 'report information about the running process',
  level: 'user',
  *run(call) {
    const words = new Set(call.args);
    const entries = readInfo(call.view, Date.now());
    if (words.has('json')) {
      yield `[${entries.map(([field, value]) => jsonInfoField(field.position, field, value)).join(',')}]\n`;
      return;
    }
    const described = words.has('desc');
    for (const [field, value] of entries) {
      if (words.has('typed')) yield typedValue(`${field.position}.${field.name}.1`, field, value, described);
      else yield `${field.name}: ${value}${described ? ` "${field.doc}"` : ''}\n`;
    }
  },
});
