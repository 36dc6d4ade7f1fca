// How long a text may become. HAProxy builds each value in a buffer of tune.bufsize bytes (manual 3.2), the last of
// which is not used; what does not fit is cut off, or there is no value, as each converter's file says. Without such an
// end, a few doublings in a configuration fill the memory.

/** Bytes that a value may have which was made from others; that of tune.bufsize's default. */
export let room = 16383;

/** Follows `tune.bufsize`, bytes. One for each thread: whoever loads a configuration sets it. */
export function setRoom(bufsize: number): void {
  room = bufsize - 1;
}

/** The part of `text` that fits. */
export const fitting = (text: string): string => (text.length <= room ? text : text.slice(0, room));
