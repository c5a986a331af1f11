/** The clock on a store's wall, found by looking at it: the slow and simple way, to hold the quick one against. */

const SECOND = 1_000;
/** The offsets of all time zones are multiples of it, and so are the sizes of all jumps. */
const QUARTER = 15 * 60 * SECOND;
/** No clock is further from UTC. */
const FURTHEST = 26 * 3_600 * SECOND;

export const instantOf = (utc: string): number => Date.parse(`${utc.replace(' ', 'T')}Z`);
export const utcOf = (instant: number): string =>
  new Date(instant).toISOString().slice(0, 19).replace('T', ' ');

export class WallClock {
  readonly #format: Intl.DateTimeFormat;

  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  /** `YYYY-MM-DD HH:MM:SS` */
  at(instant: number): string {
    return this.#format.format(instant);
  }

  day(instant: number): string {
    return this.at(instant).slice(0, 10);
  }

  /** The first second at which the clock shows `wall` or later. */
  first(wall: string): number {
    let at = instantOf(wall) - FURTHEST;
    while (this.at(at) < wall) at += QUARTER;
    while (this.at(at) > wall && this.at(at - SECOND) >= wall) at -= SECOND;
    return at;
  }

  /** The second after the last one at which the clock shows less than `wall`. */
  afterLast(wall: string): number {
    let at = instantOf(wall) + FURTHEST;
    while (this.at(at) > wall) at -= QUARTER;
    while (this.at(at) < wall) at += SECOND;
    return at;
  }
}

const WRITTEN = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/;

/** Where a range begins or ends: its first instant, or the first after it. */
export function boundOf(written: string, bound: 'from' | 'to', clock: WallClock): number {
  const [, day = '', minute, second = ':00', fraction, offset] = WRITTEN.exec(written) ?? [];
  if (minute === undefined) {
    return clock.first(`${bound === 'from' ? day : nextDay(day)} 00:00:00`);
  }
  const later = Number(fraction ?? 0) > 0 ? SECOND : 0;
  if (offset !== undefined) return Date.parse(`${day}T${minute}${second}${offset}`) + later;
  const wall = utcOf(instantOf(`${day} ${minute}${second}`) + later);
  return bound === 'from' ? clock.first(wall) : clock.afterLast(wall);
}

export const nextDay = (day: string): string => utcOf(instantOf(`${day} 00:00:00`) + 86_400_000).slice(0, 10);

/** Mondays with which the ISO weeks of a year begin. */
const FIRST_MONDAYS = [
  ['2025', '2024-12-30'],
  ['2026', '2025-12-29'],
  ['2027', '2027-01-04'],
] as const;

export function weekOf(day: string): string {
  const [year, monday] = FIRST_MONDAYS.findLast(([, first]) => first <= day) ?? FIRST_MONDAYS[0];
  const days = (instantOf(`${day} 00:00:00`) - instantOf(`${monday} 00:00:00`)) / 86_400_000;
  return `${year}-W${String(Math.floor(days / 7) + 1).padStart(2, '0')}`;
}
