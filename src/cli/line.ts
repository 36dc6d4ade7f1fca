// Splits a command line: commands at `;`, words at blanks, with backslash escapes, and the payload mark at its end.

export interface ParsedLine {
  /** Each command's words; empty commands are dropped. */
  readonly commands: readonly (readonly string[])[];
  /** Set when the line ends with `<<` or `<<pattern`: the line that will end the payload. */
  readonly payloadEnd: string | null;
}

export function parseLine(line: string): ParsedLine {
  const commands: string[][] = [];
  let words: string[] = [];
  let word = '';
  let inWord = false;
  const endWord = (): void => {
    if (inWord) words.push(word);
    word = '';
    inWord = false;
  };
  const endCommand = (): void => {
    endWord();
    if (words.length > 0) commands.push(words);
    words = [];
  };
  let payloadEnd: string | null = null;
  const mark = /(?:^|[ \t])<<(\S{0,7})[ \t]*$/.exec(line);
  const end = mark === null ? line.length : mark.index;
  if (mark !== null) payloadEnd = mark[1]!;
  for (let at = 0; at < end; at++) {
    const char = line[at]!;
    if (char === '\\' && at + 1 < end) {
      word += line[++at]!;
      inWord = true;
    } else if (char === ';') {
      endCommand();
    } else if (char === ' ' || char === '\t') {
      endWord();
    } else {
      word += char;
      inWord = true;
    }
  }
  endCommand();
  return { commands, payloadEnd };
}
