// Where the fields of pattern lists and their entries lie in pattern memory, in words from the beginning of each.

export const List = {
  /** Odd while a change is under way; readers compare it before and after. */
  SEQUENCE: 0,
  /** Moves with each change of what is matched: threads then renew what they made of the patterns. */
  CONTENT: 1,
  FIRST: 2,
  LAST: 3,
  COUNT: 4,
  /** The version in use, and the last one that was prepared. */
  CURRENT: 5,
  NEXT_VERSION: 6,
  /** Of the entry that was added last. */
  ORDER: 7,
  /** Entries that were removed: tells a reader whether its place in the list still holds. */
  REMOVALS: 8,
  /** First index. */
  TABLES: 9,
  SIZE: 10,
} as const;

export const Entry = {
  PREVIOUS: 0,
  NEXT: 1,
  VERSION: 2,
  ORDER: 3,
  KEY_LENGTH: 4,
  /** A block of a length in bytes and so many bytes; 0 for none. */
  VALUE: 5,
  /** The key's bytes. */
  KEY: 6,
} as const;
