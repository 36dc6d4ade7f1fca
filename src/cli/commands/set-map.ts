import { PatternMemoryFull } from '../../acl/memory.ts';
import { defineCommand, refuse } from '../command.ts';
import { entryOf, findSet, unknown } from '../patterns.ts';

export default defineCommand({
  words: ['set', 'map'],
  usage: 'set map <map> [<key>|#<ref>] <value>',
  doc: 'modify a map entry',
  level: 'operator',
  run(call) {
    const [name, key, value] = call.args;
    if (name === undefined || key === undefined || value === undefined) {
      return refuse(call, "'set map' expects three parameters: map identifier, key and value.");
    }
    const set = findSet(call, 'map', name);
    if (set === null) return refuse(call, unknown('map'));
    const problem = set.problemWithValue(value);
    if (problem !== null) return refuse(call, `${problem}.`);
    const entry = entryOf(key);
    try {
      if (entry >= 0) return set.list.editAt(entry, value) ? [] : refuse(call, 'key or pattern not found.');
      return set.list.set(key, value) > 0 ? [] : refuse(call, 'entry not found.');
    } catch (error) {
      if (error instanceof PatternMemoryFull) return refuse(call, 'Out of memory error.');
      throw error;
    }
  },
});
