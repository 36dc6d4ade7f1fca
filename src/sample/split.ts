// Cuts `name(arg,arg)` out of an expression, with the second level of quoting of manual 2.2.

/** What a cut stops at, and what it found. One object is reused per expression. */
export interface Call {
  readonly name: string;
  /** Texts between the parentheses; null where there are none. */
  readonly args: readonly string[] | null;
  /** First character behind it. */
  readonly end: number;
  /** The closing parenthesis is missing. */
  readonly unclosed: boolean;
  /** Where each argument begins, for messages that show the rest of the line. */
  readonly starts: readonly number[];
}

/** Reads one keyword and its arguments at `at`. The name ends at `(`, `)`, `,`, `]` or the end. */
export function cutCall(source: string, at: number): Call {
  let end = at;
  while (end < source.length && !'(),]'.includes(source[end]!)) end++;
  const name = source.slice(at, end);
  if (source[end] !== '(') return { name, args: null, end, unclosed: false, starts: [] };
  return cutArguments(source, end, name);
}

function cutArguments(source: string, open: number, name: string): Call {
  const args: string[] = [];
  const starts: number[] = [];
  let text = '';
  let quote = '';
  let start = open + 1;
  let at = start;
  for (; at < source.length; at++) {
    const char = source[at]!;
    if (quote === "'") {
      if (char === "'") quote = '';
      else text += char;
    } else if (char === '\\' && at + 1 < source.length) {
      text += unescape(source[++at]!);
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else text += char;
    } else if (char === '"' || char === "'") {
      quote = char;
    } else if (char === ',' || char === ')') {
      args.push(text);
      starts.push(start);
      text = '';
      start = at + 1;
      if (char === ')') return { name, args, end: at + 1, unclosed: false, starts };
    } else {
      text += char;
    }
  }
  args.push(text);
  starts.push(start);
  return { name, args, end: at, unclosed: true, starts };
}

function unescape(char: string): string {
  switch (char) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '\\':
    case '"':
    case "'":
    case ' ':
      return char;
    default:
      return '\\' + char;
  }
}
