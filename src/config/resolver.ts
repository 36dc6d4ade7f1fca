/**
 * Answers of the system's resolver. Whoever provides it records the answers, so that data threads get the same ones
 * without asking again.
 */
export interface Resolver {
  /** The numeric address of a host name, or null where the name is unknown. */
  lookup(name: string): string | null;
}
