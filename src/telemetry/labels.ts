/** Labels from closed sets: what a client can choose must never become a series of its own. */

export const UNKNOWN = '_unknown';

/** More constants than a label needs; beyond it, something that is not a constant has been passed. */
export const MOST_CONSTANTS = 50;

/** Lets the known values through and answers `_unknown` for any other. */
export function closedLabel(known: Iterable<string>): (value: string) => string {
  const values = new Set(known);
  return (value) => (values.has(value) ? value : UNKNOWN);
}

/** Lets the first `most` distinct values through, for labels that are constants of our code and not listed in one place. */
export function cappedLabel(most: number): (value: string) => string {
  const values = new Set<string>();
  return (value) => {
    if (values.has(value)) return value;
    if (values.size >= most) return UNKNOWN;
    values.add(value);
    return value;
  };
}
