// Numbers of the PROXY protocol (proxy-protocol.txt, sections 2.1 and 2.2).

/** The twelve bytes that open version 2. */
export const SIGNATURE = Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10);
/** Signature, version and command, family and transport, length. */
export const V2_HEAD_BYTES = 16;
/** Longest line of version 1, with its line end. */
export const V1_LINE_MAX = 107;

export const Command = { LOCAL: 0, PROXY: 1 } as const;
export const Family = { UNSPEC: 0, INET: 1, INET6: 2, UNIX: 3 } as const;
/** Bytes that the addresses of each family take, by `Family`. */
export const ADDRESS_BYTES: readonly number[] = [0, 12, 36, 216];

/** Types of TLVs. */
export const Tlv = {
  ALPN: 0x01,
  AUTHORITY: 0x02,
  CRC32C: 0x03,
  NOOP: 0x04,
  UNIQUE_ID: 0x05,
  SSL: 0x20,
  NETNS: 0x30,
  /** Types of applications' own lie between these two. */
  CUSTOM_FIRST: 0xe0,
  CUSTOM_LAST: 0xef,
} as const;
/** Type and length in front of a TLV's value. */
export const TLV_HEAD_BYTES = 3;
/** Longest unique id, bytes (section 2.2.5). */
export const UNIQUE_ID_MAX = 128;
