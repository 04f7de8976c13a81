/**
 * CloudTrail times, read as UTC and written in one fixed-width form, so that their texts compare as the
 * times do. Nothing here uses `new Date(text)`: it reads a text without a zone as local time.
 */

/** `2023-07-10T11:55:22Z`, what CloudTrail writes as `eventTime`: where `0` stands, any digit does. */
const PLAIN = '0000-00-00T00:00:00Z';
/** The same with a fraction, with another zone or with none. */
const ISO =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,9})?(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?$/i;
/** `Jul 10, 2023, 6:30:22 PM` (also without the second comma, and with U+202F before PM). */
const ENGLISH =
  /^([A-Z][a-z]{2}) ([0-9]{1,2}), ([0-9]{4}),? ([0-9]{1,2}):([0-9]{2}):([0-9]{2})[ \u00a0\u202f]([AP])M$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const LONGEST_TIME = 40;

/** `text` as `YYYY-MM-DDTHH:MM:SSZ`, or undefined when it is no time. */
export function canonicalTime(text: string | undefined): string | undefined {
  if (text === undefined || text.length > LONGEST_TIME) return undefined;
  if (isPlain(text)) return text;
  return englishTime(text) ?? isoTime(text);
}

/** Compared by hand, because every record has one. */
function isPlain(text: string): boolean {
  if (text.length !== PLAIN.length) return false;
  for (let at = 0; at < PLAIN.length; at++) {
    const expected = PLAIN.charCodeAt(at);
    const code = text.charCodeAt(at);
    if (expected === ZERO ? code < ZERO || code > NINE : code !== expected) return false;
  }
  return true;
}

const ZERO = 0x30;
const NINE = 0x39;

/** The seconds from `earlier` to `later`, both canonical. */
export function secondsBetween(earlier: string, later: string): number {
  return epochSeconds(later) - epochSeconds(earlier);
}

function epochSeconds(canonical: string): number {
  const n = (start: number, end: number): number => Number(canonical.slice(start, end));
  return Date.UTC(n(0, 4), n(5, 7) - 1, n(8, 10), n(11, 13), n(14, 16), n(17, 19)) / 1000;
}

function isoTime(text: string): string | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, sign, zoneHour, zoneMinute] = match;
  const utc = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const offset = sign === undefined ? 0 : (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000;
  const time = new Date(sign === '-' ? utc + offset : utc - offset);
  return time.getUTCFullYear() >= 1970 && time.getUTCFullYear() <= 9999
    ? `${time.toISOString().slice(0, 19)}Z`
    : undefined;
}

function englishTime(text: string): string | undefined {
  const match = ENGLISH.exec(text);
  if (match === null) return undefined;
  const [, name = '', day = '', year, hour = '', minute, second, half] = match;
  const month = MONTHS.indexOf(name) + 1;
  if (month === 0) return undefined;
  const hours = (Number(hour) % 12) + (half === 'P' ? 12 : 0);
  return `${year}-${twoDigits(month)}-${day.padStart(2, '0')}T${twoDigits(hours)}:${minute}:${second}Z`;
}

function twoDigits(number: number): string {
  return number < 10 ? `0${number}` : `${number}`;
}
