// Users and groups of a `userlist` section (manual 12.2).

/** One user. A user without a password never matches. */
export interface User {
  readonly name: string;
  /** As written; a hash of crypt(3) where `encrypted`. */
  readonly password: string | null;
  readonly encrypted: boolean;
  /** Names of groups: those that the user's line gives, and from the check on those that name the user. */
  readonly groups: Set<string>;
}

export interface Userlist {
  readonly name: string;
  readonly users: Map<string, User>;
  /** Names of the users that each group's line gives. */
  readonly groups: Map<string, readonly string[]>;
}

/** Joins users and groups. Returns what is wrong, in HAProxy's words, or undefined. */
export function joinGroups({ name: list, users, groups }: Userlist): string | undefined {
  for (const user of users.values()) {
    for (const group of user.groups) {
      if (!groups.has(group)) {
        return `userlist '${list}': no such group '${group}' specified in user '${user.name}'`;
      }
    }
  }
  for (const [group, members] of groups) {
    for (const member of members) {
      const user = users.get(member);
      if (user === undefined) {
        return `userlist '${list}': no such user '${member}' specified in group '${group}'`;
      }
      user.groups.add(group);
    }
  }
  return undefined;
}
