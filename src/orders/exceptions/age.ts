/** How long ago something was, in whole days of 24 hours. */

const DAY = 86_400_000;

/** @param date ISO 8601; one later than `now` is 0 days ago */
export const daysSince = (date: string, now: number): number =>
  Math.max(0, Math.floor((now - Date.parse(date)) / DAY));

export const inDays = (count: number): string => (count === 1 ? '1 day' : `${count} days`);
