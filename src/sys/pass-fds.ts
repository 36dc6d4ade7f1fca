// Open files travel between processes over a unix socket as ancillary data (unix(7), SCM_RIGHTS).

import { CMSGHDR, IOVEC, MSGHDR } from './abi.ts';
import { recvmsg, scratch, sendmsg } from './libc.ts';

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const MSG_CTRUNC = 8;
/** The kernel's own limit for one message. */
export const FDS_PER_MESSAGE_MAX = 253;
/** What fits beside the control data in the scratch page. */
export const MESSAGE_BYTES_MAX = 4096;

// Scratch layout: msghdr, iovec, control data, payload.
const IOV_AT = 64;
const CONTROL_AT = 128;
const CONTROL_BYTES = CMSGHDR.size + Math.ceil((FDS_PER_MESSAGE_MAX * 4) / 8) * 8;
const PAYLOAD_AT = 2048;
const headerAddress = scratch.address;

function header(payloadBytes: number, controlBytes: number): void {
  const { buffer, address } = scratch;
  buffer.fill(0, 0, CONTROL_AT);
  buffer.writeBigUInt64LE(address + BigInt(IOV_AT), MSGHDR.iov);
  buffer.writeUInt32LE(1, MSGHDR.iovLength);
  buffer.writeBigUInt64LE(address + BigInt(PAYLOAD_AT), IOV_AT + IOVEC.base);
  buffer.writeUInt32LE(payloadBytes, IOV_AT + IOVEC.length);
  if (controlBytes === 0) return;
  buffer.writeBigUInt64LE(address + BigInt(CONTROL_AT), MSGHDR.control);
  buffer.writeUInt32LE(controlBytes, MSGHDR.controlLength);
}

/**
 * Sends at most 253 fds with 1 to 4096 bytes of payload: the count of payload bytes, or a negated errno. Throws
 * RangeError beyond the limits.
 */
export function sendFds(socket: number, fds: readonly number[], payload: Uint8Array): number {
  if (fds.length > FDS_PER_MESSAGE_MAX)
    throw new RangeError(`${fds.length} fds exceed ${FDS_PER_MESSAGE_MAX}`);
  if (payload.length < 1 || payload.length > MESSAGE_BYTES_MAX) {
    throw new RangeError(`${payload.length} bytes of payload are not between 1 and ${MESSAGE_BYTES_MAX}`);
  }
  const { buffer } = scratch;
  const bytes = CMSGHDR.size + fds.length * 4;
  header(payload.length, fds.length === 0 ? 0 : Math.ceil(bytes / 8) * 8);
  buffer.writeUInt32LE(bytes, CONTROL_AT + CMSGHDR.length);
  buffer.writeUInt32LE(0, CONTROL_AT + CMSGHDR.length + 4);
  buffer.writeInt32LE(SOL_SOCKET, CONTROL_AT + CMSGHDR.level);
  buffer.writeInt32LE(SCM_RIGHTS, CONTROL_AT + CMSGHDR.type);
  for (let i = 0; i < fds.length; i++) buffer.writeInt32LE(fds[i]!, CONTROL_AT + CMSGHDR.size + i * 4);
  buffer.set(payload, PAYLOAD_AT);
  return sendmsg(socket, headerAddress, MSG_NOSIGNAL);
}

export interface ReceivedFds {
  /** Count of payload bytes, 0 at end of stream, or a negated errno. */
  readonly result: number;
  /** Close-on-exec, and ours to close. */
  readonly fds: number[];
  readonly payload: Buffer;
  /** Fds were lost because there were more than we take. */
  readonly truncated: boolean;
}

/** Receives one message of `sendFds` without waiting longer than the socket's own mode says. */
export function receiveFds(socket: number): ReceivedFds {
  const { buffer } = scratch;
  header(MESSAGE_BYTES_MAX, CONTROL_BYTES);
  buffer.fill(0, CONTROL_AT, CONTROL_AT + CONTROL_BYTES);
  const result = recvmsg(socket, headerAddress, MSG_CMSG_CLOEXEC);
  const fds: number[] = [];
  if (result < 0) return { result, fds, payload: Buffer.alloc(0), truncated: false };
  const end = CONTROL_AT + buffer.readUInt32LE(MSGHDR.controlLength);
  let at = CONTROL_AT;
  while (at + CMSGHDR.size <= end) {
    const length = buffer.readUInt32LE(at + CMSGHDR.length);
    if (length < CMSGHDR.size) break;
    const rights =
      buffer.readInt32LE(at + CMSGHDR.level) === SOL_SOCKET &&
      buffer.readInt32LE(at + CMSGHDR.type) === SCM_RIGHTS;
    if (rights) for (let i = at + CMSGHDR.size; i + 4 <= at + length; i += 4) fds.push(buffer.readInt32LE(i));
    at += Math.ceil(length / 8) * 8;
  }
  const payload = Buffer.from(buffer.subarray(PAYLOAD_AT, PAYLOAD_AT + result));
  return { result, fds, payload, truncated: (buffer.readUInt32LE(MSGHDR.flags) & MSG_CTRUNC) !== 0 };
}
