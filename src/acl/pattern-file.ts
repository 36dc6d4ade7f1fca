// The lines of pattern and map files (manual 7.1, "-f", and 7.3.1, "map").

/** Called with each line: key, value (null where there is one column) and number, from 1. */
export type LineVisitor = (key: string, value: string | null, number: number) => void;

/**
 * Lines that begin with `#` and empty ones are left out, leading blanks go. With two columns the key is the first word,
 * and the value what follows up to the last character that is no blank.
 */
export function eachLine(text: string, columns: 1 | 2, visit: LineVisitor): void {
  let number = 0;
  for (let from = 0; from < text.length;) {
    let end = text.indexOf('\n', from);
    if (end < 0) end = text.length;
    visitLine(text, from, end, ++number, columns, visit);
    from = end + 1;
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function visitLine(
  text: string,
  start: number,
  stop: number,
  number: number,
  columns: 1 | 2,
  visit: LineVisitor,
): void {
  let from = start;
  let end = stop;
  if (end > from && text.charCodeAt(end - 1) === 0x0d) end--;
  if (text.charCodeAt(from) === 0x23) return;
  while (from < end && isBlank(text.charCodeAt(from))) from++;
  if (from === end) return;
  if (columns === 1) return visit(text.slice(from, end), null, number);
  let middle = from;
  while (middle < end && !isBlank(text.charCodeAt(middle))) middle++;
  let value = middle;
  while (value < end && isBlank(text.charCodeAt(value))) value++;
  while (end > value && isBlank(text.charCodeAt(end - 1))) end--;
  visit(text.slice(from, middle), text.slice(value, end), number);
}
