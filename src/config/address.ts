/** A parsed address (manual 2.9). */
export interface Address {
  readonly family: 'ipv4' | 'ipv6' | 'unix' | 'abns' | 'abnsz' | 'fd' | 'name' | 'any';
}
