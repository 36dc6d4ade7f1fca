const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `23/Nov/2026:05:16:10.120`, local time. */
export function logDate(ms: number): string {
  const date = new Date(ms);
  const pad = (value: number, width: number): string => String(value).padStart(width, '0');
  return (
    `${pad(date.getDate(), 2)}/${months[date.getMonth()]!}/${date.getFullYear()}:${pad(date.getHours(), 2)}:` +
    `${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}.${pad(date.getMilliseconds(), 3)}`
  );
}
