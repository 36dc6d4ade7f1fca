// `userlist`: names and passwords for http_auth() and http_auth_group() (manual 12.2).

import { crypt, hasCrypt } from '../../sys/crypt.ts';
import { ConfigError } from '../../registry/define.ts';
import { KeywordContext, type LoadState } from '../context.ts';
import type { LinePosition, SectionHandler } from '../reader.ts';
import { joinGroups, type Userlist } from '../userlists.ts';

const USER_OPTIONS = "'user' only supports 'password', 'insecure-password' and 'groups' options.";

/** Names between commas; empty ones do not count. */
const namesOf = (text: string | undefined): string[] => (text ?? '').split(',').filter((name) => name !== '');

export class UserlistSection implements SectionHandler {
  private readonly state: LoadState;
  /** Null after a section line that could not be understood. */
  private list: Userlist | null = null;

  constructor(state: LoadState) {
    this.state = state;
  }

  start(words: readonly string[], position: LinePosition): void {
    const { config, later } = this.state;
    const context = new KeywordContext(this.state, position, null);
    const [, name, extra] = words;
    if (name === undefined) {
      context.alertHere("'userlist' expects <name> as arguments.");
      return;
    }
    if (extra !== undefined) {
      context.alert(`'userlist' cannot handle unexpected argument '${extra}'.`);
      return;
    }
    if (!this.permitted(name, 'userlist', context)) return;
    const known = config.userlists.get(name);
    if (known !== undefined) {
      context.warnHere(`ignoring duplicated userlist '${name}'.`);
      this.list = known;
      return;
    }
    const list: Userlist = { name, users: new Map(), groups: new Map() };
    config.userlists.set(name, (this.list = list));
    later.push(() => {
      const problem = joinGroups(list);
      if (problem !== undefined) this.state.diagnostics.alert(null, problem);
    });
  }

  keyword(words: readonly string[], position: LinePosition): void {
    const { list } = this;
    if (list === null) return;
    const context = new KeywordContext(this.state, position, null);
    try {
      if (words[0] === 'group') this.group(words, list, context);
      else if (words[0] === 'user') this.user(words, list, context);
      else context.alertHere(`unknown keyword '${words[0] ?? ''}' in 'users' section`);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      context.alertHere(error.message);
    }
  }

  end(): void {}

  private permitted(name: string, keyword: string, context: KeywordContext): boolean {
    const bad = /[^A-Za-z0-9_:.-]/.exec(name);
    if (bad === null) return true;
    context.alertHere(`character '${bad[0]}' is not permitted in '${keyword}' name '${name}'.`);
    return false;
  }

  private group(words: readonly string[], { name: list, groups }: Userlist, context: KeywordContext): void {
    const [, name, option, members] = words;
    if (name === undefined) throw new ConfigError("'group' expects <name> as arguments.");
    if (!this.permitted(name, 'group', context)) return;
    if (groups.has(name)) {
      context.warnHere(`ignoring duplicated group '${name}' in userlist '${list}'.`);
      return;
    }
    if ((option !== undefined && option !== 'users') || words.length > 4) {
      throw new ConfigError("'group' only supports 'users' option.");
    }
    groups.set(name, namesOf(members));
  }

  private user(words: readonly string[], { name: list, users }: Userlist, context: KeywordContext): void {
    const name = words[1];
    if (name === undefined) throw new ConfigError("'user' expects <name> as arguments.");
    if (users.has(name)) {
      context.warnHere(`ignoring duplicated user '${name}' in userlist '${list}'.`);
      return;
    }
    let password: string | null = null;
    let encrypted = false;
    const groups = new Set<string>();
    for (let at = 2; at < words.length; at += 2) {
      const option = words[at]!;
      if (option === 'password' || option === 'insecure-password') {
        password = words[at + 1] ?? '';
        encrypted = option === 'password';
      } else if (option === 'groups') {
        for (const group of namesOf(words[at + 1])) groups.add(group);
      } else throw new ConfigError(USER_OPTIONS);
    }
    if (encrypted) this.checkHash(name, password!, context);
    users.set(name, { name, password, encrypted, groups });
  }

  /** HAProxy takes every hash; nobody could ever log in with one that crypt(3) does not know. */
  private checkHash(name: string, hash: string, context: KeywordContext): void {
    if (!hasCrypt()) {
      throw new ConfigError(`'password' of user '${name}' needs the system's libcrypt, which is not there.`);
    }
    if (crypt('', hash) === null) {
      context.warnHere(`user '${name}' can never log in: crypt(3) does not know this kind of password.`);
    }
  }
}
