// Examples of fetches, and of converters whose family shares one definition: pairs of an expression and the text that
// it gives for EXAMPLE_REQUEST, null where it has no value. They are printed in docs/manual/, run as unit tests and go
// through Debian's haproxy (test/differential/examples.test.ts). The program itself does not load this.

export type Examples = Readonly<
  Record<string, readonly (readonly [expression: string, gives: string | null])[]>
>;

export const EXAMPLE_TARGET = '/shop/cart.php?id=7&lang=fr%20FR&id=8';

/** What the examples read: sent from 192.0.2.1:4321 to 198.51.100.2:80. */
export const EXAMPLE_HEADERS: readonly (readonly [string, string])[] = [
  ['Host', 'www.Example.com:8080'],
  ['X-Ids', '3, 5'],
  ['X-Ids', '8'],
  ['X-From', '192.0.2.7'],
  ['Cookie', 'user=ann; mode=dark'],
  ['Authorization', 'Basic YW5uOnNlY3JldA=='],
];

export const FETCH_EXAMPLES: Examples = {};

export const CONVERTER_EXAMPLES: Examples = {};
