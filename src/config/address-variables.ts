// Variables in addresses. Unlike elsewhere they are expanded outside of quotes too, as they were before double
// quotes existed (manual 4.2, "bind"): `$NAME` and `${NAME}`, without default values.

import type { Environment } from './environment.ts';

/** `text` with its variables replaced, missing ones by nothing. Never fails: what is left over stays as it is. */
export function expandAddress(text: string, environment: Environment): string {
  if (!text.includes('$')) return text;
  let out = '';
  let at = 0;
  for (;;) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return out + text.slice(at);
    out += text.slice(at, dollar);
    const braced = text[dollar + 1] === '{';
    const nameAt = dollar + (braced ? 2 : 1);
    const name = /^\w*/.exec(text.slice(nameAt))![0];
    out += environment.get(name) ?? '';
    at = nameAt + name.length;
    if (braced && text[at] === '}') at++;
  }
}
