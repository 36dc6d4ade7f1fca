// Upper and lower case as HAProxy has them.

/** ASCII letters only: bytes above 127 are no letters we know. */
export function foldCase(text: string, upper: boolean): string {
  const from = upper ? 0x61 : 0x41;
  let plain = true;
  let needed = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 127) plain = false;
    else if (code >= from && code < from + 26) needed = true;
  }
  if (!needed) return text;
  if (plain) return upper ? text.toUpperCase() : text.toLowerCase();
  return text.replace(upper ? /[a-z]+/g : /[A-Z]+/g, (part) =>
    upper ? part.toUpperCase() : part.toLowerCase(),
  );
}

/** In lower case. */
export const lowered = (text: string): string => foldCase(text, false);
