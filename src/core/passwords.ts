// Whether a user's password is right. One that crypt(3) protects takes up to milliseconds to check, for each request,
// on the thread that carries traffic: so answers are remembered, as digests under a key of this thread alone.

import { createHmac, randomBytes } from 'node:crypto';
import type { User, Userlist } from '../config/userlists.ts';
import { crypt } from '../sys/crypt.ts';

/** How many refused passwords a thread remembers. Guesses beyond it push each other out, never what was accepted. */
const REFUSED_MAX = 256;

const key = randomBytes(32);
/** The last password that each user was let in with. */
const accepted = new WeakMap<User, string>();
const refused = new Set<string>();

/** Compares in a time that depends on the length of `given` alone. */
export function sameText(given: string, wanted: string): boolean {
  let difference = given.length ^ wanted.length;
  for (let i = 0; i < given.length; i++) {
    difference |= given.charCodeAt(i) ^ (i < wanted.length ? wanted.charCodeAt(i) : 0x100);
  }
  return difference === 0;
}

function checkHash(user: User, hash: string, password: string): boolean {
  const digest = createHmac('sha256', key).update(`${hash}\0${password}`, 'latin1').digest('latin1');
  if (accepted.get(user) === digest) return true;
  if (refused.has(digest)) return false;
  const answer = crypt(password, hash);
  if (answer !== null && sameText(answer, hash)) {
    accepted.set(user, digest);
    return true;
  }
  if (refused.size >= REFUSED_MAX) refused.delete(refused.values().next().value!);
  refused.add(digest);
  return false;
}

/** The user of that name if the password (bytes as latin1) is theirs, else null. */
export function logIn(list: Userlist, name: string, password: string): User | null {
  const user = list.users.get(name);
  if (user === undefined || user.password === null) return null;
  const right = user.encrypted ? checkHash(user, user.password, password) : sameText(password, user.password);
  return right ? user : null;
}
