/** Dates as the API writes and reads them. As text of one fixed form they compare like the instants they name. */

export const DAY_MS = 86_400_000;

/** `YYYY-MM-DD HH:MM:SS` in UTC. @param at milliseconds since the epoch */
export function formatUtc(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

const FORM = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/;

export interface WrittenDate {
  /** The wall clock that was written, as if it were UTC, in milliseconds. */
  readonly wallClock: number;
  /** No time of day was given. */
  readonly bare: boolean;
  /** Milliseconds east of UTC when a zone was written. */
  readonly zone: number | undefined;
}

/** The parts of a date in a request; `undefined` when it is none. */
export function readDate(text: string): WrittenDate | undefined {
  const [, day, minutes, seconds, zone] = FORM.exec(text.trim()) ?? [];
  if (day === undefined) return undefined;
  const written = `${day}T${minutes ?? '00:00'}:${seconds ?? '00'}`;
  const wallClock = Date.parse(`${written}Z`);
  // 30 February parses, as 1 or 2 March.
  if (Number.isNaN(wallClock) || !new Date(wallClock).toISOString().startsWith(written)) return undefined;
  return { wallClock, bare: minutes === undefined, zone: zone === undefined ? undefined : zoneOf(zone) };
}

function zoneOf(text: string): number {
  if (text === 'Z') return 0;
  const sign = text.startsWith('-') ? -1 : 1;
  return sign * (Number(text.slice(1, 3)) * 60 + Number(text.slice(-2))) * 60_000;
}

/** Turns a store's wall clock into UTC, both in milliseconds. */
export type LocalClock = (wallClock: number) => number;

/**
 * A wall clock that happens twice means the first time; one that is skipped means the same distance after the jump.
 * @param timeZone IANA name
 * @throws RangeError for an unknown zone
 */
export function localClock(timeZone: string): LocalClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const offsetAt = (at: number): number => {
    const part = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const read = (type: Intl.DateTimeFormatPartTypes) => part.get(type) ?? 0;
    const wall = Date.UTC(
      read('year'),
      read('month') - 1,
      read('day'),
      read('hour'),
      read('minute'),
      read('second'),
    );
    return wall - Math.floor(at / 1000) * 1000;
  };
  return (wallClock) => {
    const before = offsetAt(wallClock - DAY_MS);
    const after = offsetAt(wallClock + DAY_MS);
    const holds = (offset: number) => offsetAt(wallClock - offset) === offset;
    return holds(before) || !holds(after) ? wallClock - before : wallClock - after;
  };
}
