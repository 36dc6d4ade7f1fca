/** A server at run time in one data thread. */
export interface Server {
  readonly name: string;
}
