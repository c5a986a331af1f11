/**
 * Dates as people write them, and the clock of a store's time zone. Order Desk keeps whole seconds, so every bound is
 * raised to a whole second: "from 10.5" and "before 10.5" both mean 11 where only whole seconds exist.
 */

const SECOND = 1000;
const DAY = 86_400_000;

/** A time zone as a function of the instant; built on the zone data of the runtime. */
export interface Zone {
  readonly name: string;
  /** Milliseconds by which local clocks are ahead of UTC at `instant` (milliseconds since 1970). */
  offsetAt(instant: number): number;
}

export const UTC: Zone = { name: 'UTC', offsetAt: () => 0 };

/** The zone of an IANA name; `undefined` when the runtime knows none of that name. */
export function findZone(name: string): Zone | undefined {
  const format = zoneFormat(name);
  if (format === undefined) return undefined;
  return {
    name,
    offsetAt(instant) {
      const whole = Math.floor(instant / SECOND) * SECOND;
      const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
      for (const { type, value } of format.formatToParts(whole)) part[type] = value;
      const local = Date.UTC(
        Number(part.year),
        Number(part.month) - 1,
        Number(part.day),
        Number(part.hour),
        Number(part.minute),
        Number(part.second),
      );
      return local - whole;
    },
  };
}

function zoneFormat(name: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * A date as it was written: an instant where it named its offset, else what a local clock or calendar shows.
 * `ms` of a clock or a day is the instant at which a clock in UTC would show it.
 */
export type WrittenDate =
  | { readonly kind: 'instant'; readonly ms: number }
  | { readonly kind: 'clock'; readonly ms: number }
  | { readonly kind: 'day'; readonly ms: number };

const WRITTEN =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/**
 * Reads `YYYY-MM-DD` or an ISO 8601 date and time of the years 1971 to 2999, with or without an offset; `undefined` for
 * anything else.
 */
export function parseDate(text: string): WrittenDate | undefined {
  const match = WRITTEN.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction = '0', offset] = match;
  const dayMs = calendarDay(Number(year), Number(month), Number(day));
  if (dayMs === undefined) return undefined;
  if (hour === undefined || minute === undefined) return { kind: 'day', ms: dayMs };
  const time = clockTime(Number(hour), Number(minute), Number(second), Number(`0.${fraction}`));
  if (time === undefined) return undefined;
  const ms = dayMs + time;
  if (offset === undefined) return { kind: 'clock', ms };
  const ahead = offsetMs(offset);
  return ahead === undefined ? undefined : { kind: 'instant', ms: ms - ahead };
}

function calendarDay(year: number, month: number, day: number): number | undefined {
  if (year < 1971 || year > 2999) return undefined;
  const ms = Date.UTC(year, month - 1, day);
  const read = new Date(ms);
  return read.getUTCMonth() === month - 1 && read.getUTCDate() === day ? ms : undefined;
}

/** Milliseconds since midnight, a part of a second raised to the whole. */
function clockTime(hour: number, minute: number, second: number, fraction: number): number | undefined {
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return ((hour * 60 + minute) * 60 + second + (fraction > 0 ? 1 : 0)) * SECOND;
}

function offsetMs(text: string): number | undefined {
  if (text.toUpperCase() === 'Z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(3).replace(':', '') || '0');
  if (hours > 14 || minutes > 59) return undefined;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60 * SECOND;
}

/** The first instant of a range that starts at `date`. A local time that occurs twice means its first occurrence. */
export function rangeStart(date: WrittenDate, zone: Zone): Date {
  return new Date(date.kind === 'instant' ? date.ms : firstInstant(date.ms, zone));
}

/**
 * The first instant after a range that ends at `date`. A day is included whole; a time is not included itself, and one
 * that occurs twice means its second occurrence, so that nothing before either is lost.
 */
export function rangeEnd(date: WrittenDate, zone: Zone): Date {
  if (date.kind === 'instant') return new Date(date.ms);
  if (date.kind === 'day') return new Date(firstInstant(date.ms + DAY, zone));
  return new Date(occurrences(date.ms, zone).at(-1) ?? afterGap(date.ms, zone));
}

const firstInstant = (local: number, zone: Zone): number =>
  occurrences(local, zone)[0] ?? afterGap(local, zone);

/** When local clocks show `local`: one instant, two where clocks were set back, none where they were set forward. */
function occurrences(local: number, zone: Zone): number[] {
  const [before, after] = candidates(local, zone);
  const found = [...new Set([before, after])].filter((instant) => instant + zone.offsetAt(instant) === local);
  return found.sort((a, b) => a - b);
}

/** No zone changes its offset twice within two days, so the offsets a day to either side are the only ones possible. */
const candidates = (local: number, zone: Zone): [number, number] => [
  local - zone.offsetAt(local - DAY),
  local - zone.offsetAt(local + DAY),
];

/** The instant at which clocks jumped over `local`: the first whose local time is later. */
function afterGap(local: number, zone: Zone): number {
  const [late, early] = candidates(local, zone);
  let [low, high] = [early, late];
  while (high - low > SECOND) {
    const middle = Math.floor((low + high) / 2 / SECOND) * SECOND;
    if (middle + zone.offsetAt(middle) < local) low = middle;
    else high = middle;
  }
  return high;
}
