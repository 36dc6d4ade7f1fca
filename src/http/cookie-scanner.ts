// Walks over the cookies of one Cookie or Set-Cookie value (RFC 6265, with the separators and attributes of RFC 2965
// that old clients still send). Positions are indices into the text: nothing is cut out unless somebody wants it.

const SEMICOLON = 59;
const COMMA = 44;
const EQUALS = 61;
const QUOTE = 34;
const BACKSLASH = 92;
const DOLLAR = 36;

function isSpace(code: number): boolean {
  return code === 32 || code === 9;
}

/** Reused by its owner: `begin`, then `next` until it returns false. */
export class CookieScanner {
  /** The cookie found: name and value as [at, end). A cookie without `=` has an empty value at its end. */
  nameAt = 0;
  nameEnd = 0;
  valueAt = 0;
  valueEnd = 0;
  /** The separator before this cookie, -1 for the first. */
  separatorAt = -1;
  /** The separator behind it, or the end of the text. */
  end = 0;
  private text = '';
  private at = 0;
  private single = false;

  /** `single`: a Set-Cookie value holds one cookie; what follows its semicolon are attributes. */
  begin(text: string, single: boolean): void {
    this.text = text;
    this.at = 0;
    this.single = single;
    this.separatorAt = -1;
  }

  /** Finds the next cookie; attributes that begin with `$` belong to the cookie before them. */
  next(): boolean {
    const { text } = this;
    let { at } = this;
    if (at > text.length) return false;
    this.separatorAt = at - 1;
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
    if (at >= text.length) return false;
    this.nameAt = at;
    this.readPair(at);
    if (this.single) {
      this.at = text.length + 1;
      return true;
    }
    this.at = this.end + 1;
    if (text.charCodeAt(this.nameAt) !== DOLLAR) this.skipAttributes();
    return true;
  }

  /** Sets name, value and end of the pair at `from`. */
  private readPair(from: number): void {
    const { text, single } = this;
    let equals = -1;
    let quoted = false;
    let at = from;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (quoted) {
        if (code === BACKSLASH) at++;
        else if (code === QUOTE) quoted = false;
      } else if (code === QUOTE && equals >= 0) {
        quoted = true;
      } else if (code === SEMICOLON || (code === COMMA && !single)) {
        break;
      } else if (code === EQUALS && equals < 0) {
        equals = at;
      }
    }
    this.end = Math.min(at, text.length);
    this.nameEnd = this.trimEnd(from, equals < 0 ? this.end : equals);
    if (equals < 0) {
      this.valueAt = this.valueEnd = this.nameEnd;
      return;
    }
    let value = equals + 1;
    while (value < this.end && isSpace(text.charCodeAt(value))) value++;
    this.valueAt = value;
    this.valueEnd = this.trimEnd(value, this.end);
  }

  private trimEnd(from: number, end: number): number {
    while (end > from && isSpace(this.text.charCodeAt(end - 1))) end--;
    return end;
  }

  private skipAttributes(): void {
    const { text } = this;
    const { nameEnd, valueAt, valueEnd } = this;
    let { end } = this;
    for (;;) {
      let at = end + 1;
      while (at < text.length && isSpace(text.charCodeAt(at))) at++;
      if (at >= text.length || text.charCodeAt(at) !== DOLLAR) break;
      this.readPair(at);
      end = this.end;
    }
    this.nameEnd = nameEnd;
    this.valueAt = valueAt;
    this.valueEnd = valueEnd;
    this.end = end;
    this.at = end + 1;
  }

  isNamed(name: string): boolean {
    return this.nameEnd - this.nameAt === name.length && this.text.startsWith(name, this.nameAt);
  }
}
