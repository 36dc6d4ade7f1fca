// Patterns of `http_auth_group(<userlist>)` in an ACL: groups, and whether the user is in one of them (manual 7.3.6).

import type { Matcher, Pattern } from './patterns.ts';
import type { ParseContext } from '../registry/define.ts';
import { toStr } from '../sample/cast.ts';
import { cutCall } from '../sample/split.ts';

/** `source` is the whole expression. `plain`: it has no converter, and no method was asked for. */
export function compileGroups(
  source: string,
  aclName: string,
  patterns: readonly Pattern[],
  plain: boolean,
  context: ParseContext,
): Matcher {
  const groups = patterns.map(({ text }) => text);
  const where = `proxy ${context.proxy?.name ?? ''}: acl ${aclName} http_auth_group():`;
  let list: ReturnType<ParseContext['config']['userlists']['get']>;
  context.later(() => {
    list = context.config.userlists.get(cutCall(source, 0).args?.[0] ?? '');
    if (list === undefined) return;
    if (!plain || groups.length === 0) context.alertPlain(`${where} no groups specified.`);
    for (const group of groups) {
      if (list.groups.has(group)) continue;
      context.alertPlain(`${where} invalid group '${group}'.`);
      break;
    }
  });
  return (sample) => {
    const user = toStr(sample) ? list?.users.get(sample.text) : undefined;
    if (user === undefined) return false;
    for (let index = 0; index < groups.length; index++) if (user.groups.has(groups[index]!)) return true;
    return false;
  };
}
