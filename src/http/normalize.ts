// Normal forms of request targets (manual 4.4 http-request normalize-uri, RFC 3986 section 6.2.2). Each function takes
// path and query, without scheme and authority, and returns null where a strict form finds it malformed.

/** A normalizer; the target begins with a slash. */
export type Normalizer = (target: string) => string | null;

const UNRESERVED = /[A-Za-z0-9\-._~]/;
const BARE_PERCENT = /%(?![0-9A-Fa-f]{2})/;

/** Applies `edit` to what stands before query and fragment. */
const onPath =
  (edit: (path: string) => string): Normalizer =>
  (target) => {
    const mark = target.search(/[?#]/);
    return mark < 0 ? edit(target) : edit(target.slice(0, mark)) + target.slice(mark);
  };

function stripDot(path: string): string {
  const segments = path.split('/');
  const kept = segments.filter((segment) => segment !== '.');
  if (segments.at(-1) === '.') kept.push('');
  return kept.join('/');
}

function stripDotDot(path: string, full: boolean): string {
  const segments = path.split('/');
  const kept: string[] = [''];
  let merged = false;
  for (const segment of segments.slice(1)) {
    merged = false;
    if (segment !== '..') kept.push(segment);
    else if (kept.length > 1 && kept.at(-1) !== '..') {
      kept.pop();
      merged = true;
    } else if (full) merged = true;
    else kept.push(segment);
  }
  // What was merged at the end was a directory, and so is what is above it.
  if (merged || kept.at(-1) === '..') kept.push('');
  return kept.join('/');
}

const percent =
  (strict: boolean, edit: (sequence: string) => string): Normalizer =>
  (target) => {
    if (strict && BARE_PERCENT.test(target)) return null;
    return target.replace(/%[0-9A-Fa-f]{2}/g, edit);
  };

function decode(sequence: string): string {
  const char = String.fromCharCode(Number.parseInt(sequence.slice(1), 16));
  return UNRESERVED.test(char) ? char : sequence;
}

const nameOf = (parameter: string): string => {
  const equals = parameter.indexOf('=');
  return equals < 0 ? parameter : parameter.slice(0, equals);
};

function sortQuery(target: string): string {
  const mark = target.indexOf('?');
  if (mark < 0) return target;
  const hash = target.indexOf('#', mark);
  const end = hash < 0 ? target.length : hash;
  const parameters = target.slice(mark + 1, end).split('&');
  // A separator at the end begins nothing.
  if (parameters.at(-1) === '') parameters.pop();
  const sorted = parameters.sort((one, other) => {
    const [left, right] = [nameOf(one), nameOf(other)];
    return left < right ? -1 : left > right ? 1 : 0;
  });
  return target.slice(0, mark + 1) + sorted.join('&') + target.slice(end);
}

function stripFragment(target: string): string {
  const hash = target.indexOf('#');
  return hash < 0 ? target : target.slice(0, hash);
}

/** By name, with the option word behind it where one was given. */
export const NORMALIZERS: ReadonlyMap<string, Normalizer> = new Map<string, Normalizer>([
  ['fragment-encode', (target) => target.replaceAll('#', '%23')],
  ['fragment-strip', stripFragment],
  ['path-merge-slashes', onPath((path) => path.replace(/\/{2,}/g, '/'))],
  ['path-strip-dot', onPath(stripDot)],
  ['path-strip-dotdot', onPath((path) => stripDotDot(path, false))],
  ['path-strip-dotdot full', onPath((path) => stripDotDot(path, true))],
  ['percent-decode-unreserved', percent(false, decode)],
  ['percent-decode-unreserved strict', percent(true, decode)],
  ['percent-to-uppercase', percent(false, (sequence) => sequence.toUpperCase())],
  ['percent-to-uppercase strict', percent(true, (sequence) => sequence.toUpperCase())],
  ['query-sort-by-name', sortQuery],
]);
