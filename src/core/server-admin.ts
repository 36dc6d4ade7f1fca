// Why a server takes no traffic, or no new one.

/** Bits of `ServerInt.ADMIN` (management.txt, `show servers state`). */
export const Admin = {
  FORCED_MAINT: 1,
  INHERITED_MAINT: 2,
  /** The configuration had it begin in maintenance; it keeps none there by itself. */
  CONFIG_MAINT: 4,
  FORCED_DRAIN: 8,
  INHERITED_DRAIN: 16,
  NO_ADDRESS: 32,
  NAME_MAINT: 64,
  /** Any reason for maintenance, any reason for draining. */
  MAINT: 1 | 2 | 32 | 64,
  DRAIN: 8 | 16,
} as const;
