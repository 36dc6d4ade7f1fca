// chroot, group and user of the running process, in this order (manual 3.1). Everything is read and bound before.

import { changeRoot, groupsOf, setGroupId, setGroups, setUserId } from '../sys/identity.ts';
import { setDumpable, setNoNewPrivileges } from '../sys/limits.ts';
import type { GlobalConfig } from '../config/model.ts';

/** Null, or the alert that says what the system refused. */
export function dropPrivileges(global: GlobalConfig): string | null {
  if (global.chroot !== null) {
    try {
      changeRoot(global.chroot);
      process.chdir('/');
    } catch {
      return `[haproxy.main()] Cannot chroot(${global.chroot}).`;
    }
  }
  if (global.gid !== null && global.gid !== 0) {
    try {
      if (process.getuid?.() === 0) setGroups(global.user === null ? [] : groupsOf(global.user));
      setGroupId(global.gid);
    } catch {
      return `[haproxy.main()] Cannot set gid ${global.gid}.`;
    }
  }
  if (global.uid !== null && global.uid !== 0) {
    try {
      setUserId(global.uid);
    } catch {
      return `[haproxy.main()] Cannot set uid ${global.uid}.`;
    }
  }
  // Data threads are made by this one later and inherit it.
  if (!global.setuidWanted) setNoNewPrivileges();
  // A change of user takes the permission away, so it is asked for last.
  if (global.dumpable) setDumpable();
  return null;
}
