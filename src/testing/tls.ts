// TLS hellos by hand (RFC 8446 section 4.1.2), as latin1 text.

const short = (value: number): string => String.fromCharCode(value >> 8, value & 255);

export const extensionBytes = (type: number, contents: string): string =>
  short(type) + short(contents.length) + contents;

export interface HelloParts {
  /** Server name; none where it is left out. */
  readonly name?: string;
  /** More extensions, ready made. */
  readonly extensions?: string;
  readonly version?: number;
  /** Not even a list of extensions. */
  readonly bare?: boolean;
}

export function clientHello({ name, extensions = '', version = 0x0303, bare = false }: HelloParts): string {
  let list = '';
  if (name !== undefined) {
    const entry = '\0' + short(name.length) + name;
    list = extensionBytes(0, short(entry.length) + entry);
  }
  list += extensions;
  let body = short(version) + 'R'.repeat(32) + '\0' + short(4) + '\x13\x01\x13\x02' + '\x01\0';
  if (!bare) body += short(list.length) + list;
  const message = '\x01\0' + short(body.length) + body;
  return '\x16\x03\x01' + short(message.length) + message;
}
