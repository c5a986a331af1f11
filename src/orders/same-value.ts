/** Whether two values of a record mean the same at Order Desk, whose endpoints write one value in several ways. */
import { canonicalJson } from './canonical.js';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;

/** Nothing, no text, no map and no list: nobody tells these apart. `0` is not blank. */
export const isBlank = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

const isNumeric = (value: unknown): value is number | string =>
  typeof value === 'number' || (typeof value === 'string' && DECIMAL.test(value));

/** All that is blank is the same, and a number and its text are; two texts are compared as they are. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (isBlank(a) || isBlank(b)) return isBlank(a) && isBlank(b);
  if (typeof a !== typeof b && isNumeric(a) && isNumeric(b)) return Number(a) === Number(b);
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  return canonicalJson(a) === canonicalJson(b);
}
