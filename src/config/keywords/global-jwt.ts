// Algorithms that the jwt_decrypt_* converters may use (manual 3.1, jwt.decrypt_*).

import { ConfigError, defineKeyword, type SectionKeyword } from '../../registry/define.ts';
import { ALGORITHM_NAMES, DEFAULT_ENABLED, type Enabled, ENCRYPTION_NAMES } from '../../sample/jwe.ts';
import { atMost } from './common.ts';

/** Names after `A:B:!C` or `ALL:!C`. Throws ConfigError for an unknown one. */
function parseList(keyword: string, text: string, names: readonly string[]): ReadonlySet<string> {
  const chosen = new Set<string>();
  const barred = new Set<string>();
  for (const item of text.split(':')) {
    const name = item.replace(/^!/, '');
    if (item === 'ALL') for (const each of names) chosen.add(each);
    else if (names.includes(name)) (item === name ? chosen : barred).add(name);
    else {
      throw new ConfigError(`'${keyword}' : unknown algorithm '${name}', expects ALL or ${names.join(', ')}`);
    }
  }
  for (const name of barred) chosen.delete(name);
  return chosen;
}

const keyword = (name: string, names: readonly string[], field: keyof Enabled, doc: string): SectionKeyword =>
  defineKeyword({
    name,
    sections: ['global'],
    usage: `${name} <list>`,
    doc,
    parse(words, { config: { global } }) {
      atMost(words, 1);
      const list = words[1];
      if (list === undefined || list === '') throw new ConfigError(`'${name}' expects a list of algorithms`);
      global.tokenDecryption = {
        ...(global.tokenDecryption ?? DEFAULT_ENABLED),
        [field]: parseList(name, list, names),
      };
    },
  });

export const tokenKeywords: readonly SectionKeyword[] = [
  keyword(
    'jwt.decrypt_alg_list',
    ALGORITHM_NAMES,
    'algorithms',
    'The algorithms (`alg`) that jwt_decrypt_* may use, joined by colons; all but RSA1_5 without it.',
  ),
  keyword(
    'jwt.decrypt_enc_list',
    ENCRYPTION_NAMES,
    'encryptions',
    'The encryptions (`enc`) that jwt_decrypt_* may use, joined by colons; all without it.',
  ),
];
