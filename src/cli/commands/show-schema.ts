import { jsonSchema } from '../../stats/json.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  words: ['show', 'schema', 'json'],
  usage: 'show schema json',
  doc: 'report schema used for stats',
  level: 'user',
  run: () => [`${jsonSchema}\n`],
});
