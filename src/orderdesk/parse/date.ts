/** Order Desk's dates: `YYYY-MM-DD HH:MM:SS` in UTC, without a zone mark (Order Desk API, field names). */
import { type JsonRecord, malformed } from './json.js';

const DATE = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d))?$/;

/** ISO 8601 in UTC with `Z`; null for what is no date, such as `0000-00-00 00:00:00`. A bare date begins its day. */
export function instant(source: JsonRecord, key: string): string | null {
  const parts = dateParts(source[key]);
  return parts === null ? null : `${parts.day}T${parts.time ?? '00:00:00'}Z`;
}

/** @throws AppError `upstream_malformed` where there is no valid date */
export function requiredInstant(source: JsonRecord, key: string, at: string): string {
  const value = instant(source, key);
  if (value === null) throw malformed(at, key, 'a date');
  return value;
}

/** A calendar day stays one (`YYYY-MM-DD`); a date with a time becomes an instant. Null for what is no date. */
export function dayOrInstant(source: JsonRecord, key: string): string | null {
  const parts = dateParts(source[key]);
  if (parts === null) return null;
  return parts.time === undefined ? parts.day : `${parts.day}T${parts.time}Z`;
}

function dateParts(value: unknown): { readonly day: string; readonly time: string | undefined } | null {
  const match = typeof value === 'string' ? DATE.exec(value) : null;
  const day = match?.[1];
  if (match === null || day === undefined) return null;
  const time = match[2];
  const ms = Date.parse(`${day}T${time ?? '00:00:00'}Z`);
  // Parsing lets 30 February slip into March: only a date that keeps its day is one.
  if (Number.isNaN(ms) || new Date(ms).getUTCDate() !== Number(day.slice(8)) || day.startsWith('0000')) {
    return null;
  }
  return { day, time };
}

/**
 * An instant as Order Desk's filters take it, in UTC. Order Desk knows whole seconds only; rounding up keeps
 * "from" inclusive and "to" exclusive for its dates.
 */
export function toOrderDeskDate(date: Date): string {
  const wholeSecond = new Date(Math.ceil(date.getTime() / 1000) * 1000);
  return wholeSecond.toISOString().slice(0, 19).replace('T', ' ');
}
