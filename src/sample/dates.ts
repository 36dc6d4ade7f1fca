// Dates as logs write them (manual 8.2.6), each computed once a second and kept.

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => (value < 10 ? '0' + value : String(value));

/** Milliseconds of a date as three digits. */
export function threeDigits(value: number): string {
  return value < 10 ? '00' + value : value < 100 ? '0' + value : String(value);
}

/** +hhmm of the local zone at a date. */
export function zoneOffset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return (minutes < 0 ? '-' : '+') + two(Math.floor(size / 60)) + two(size % 60);
}

function localText(date: Date): string {
  const day = `${two(date.getDate())}/${MONTHS[date.getMonth()]!}/${date.getFullYear()}`;
  return `${day}:${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function utcText(date: Date): string {
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]!}/${date.getUTCFullYear()}`;
  return `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** Texts by second. Requests of one moment were accepted in several seconds, so a few are kept. */
class SecondCache {
  private readonly seconds = new Float64Array(16).fill(-1);
  private readonly texts: string[] = Array.from({ length: 16 }, () => '');
  private readonly make: (date: Date) => string;

  constructor(make: (date: Date) => string) {
    this.make = make;
  }

  get(ms: number): string {
    const second = Math.floor(ms / 1000);
    const slot = second & 15;
    if (this.seconds[slot] !== second) {
      this.seconds[slot] = second;
      this.texts[slot] = this.make(new Date(second * 1000));
    }
    return this.texts[slot]!;
  }
}

const local = new SecondCache(localText);
const localZone = new SecondCache((date) => `${localText(date)} ${zoneOffset(date)}`);
const utcZone = new SecondCache((date) => `${utcText(date)} +0000`);

/** 23/Nov/2026:04:46:59.403, local time. */
export function localDateMs(ms: number): string {
  return local.get(ms) + '.' + threeDigits(Math.floor(ms) % 1000);
}

/** 23/Nov/2026:04:46:59 +0100 */
export function localDateZone(ms: number): string {
  return localZone.get(ms);
}

/** 23/Nov/2026:04:46:59 +0000 */
export function utcDateZone(ms: number): string {
  return utcZone.get(ms);
}
