/** What is asked of every change that goes through the sandbox, and how its cases are dealt. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { FieldChange } from '../../../src/changes/port.js';
import { restoreFields } from '../../../src/orders/field-changes.js';
import type { Raw } from '../../../src/orders/merge/raw.js';
import type { Outcome } from '../../../src/orders/merge/refusal.js';
import { unnamed } from '../../unit/orders/merge-promises.js';
import { isMeant } from './stored-meaning.js';

const CASES = 10_000;
export const NOTES_BY = 'Agent';

export const pick = fc.nat({ max: 9_999 });
export const at = <T>(list: readonly T[], place: number): T => {
  const one = list[place % list.length];
  if (one === undefined) throw new Error('The shop lacks records of this kind.');
  return one;
};

/** Whatever the sandbox holds, so as a client would read it but not by way of one. */
export const stored = (record: object | undefined): Raw => Object.fromEntries(Object.entries(record ?? {}));

export function accepted<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.refusals.map(({ message }) => message).join(' '));
  return outcome;
}

export const COMPUTED = ['quantity_total', 'weight_total', 'product_total', 'discount_total', 'order_total'];
export const less = (record: Raw, ...keys: readonly string[]): Raw =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));

export function agree(what: string, now: unknown, expected: unknown): void {
  if (isDeepStrictEqual(now, expected)) return;
  throw new Error(`${what}: ${JSON.stringify(now)}, not ${JSON.stringify(expected)}`);
}

/** @param readAt when the record was read that a patch with notes was merged into */
export function takenAsMeant(before: Raw, patch: Raw, after: Raw, readAt = 0): void {
  const rest = (record: Raw) => unnamed(less(record, 'date_updated', ...COMPUTED), patch);
  agree('Not named, and changed', rest(after), rest(before));
  const note = { date_added: secondsOf(readAt), username: NOTES_BY };
  for (const [key, value] of Object.entries(patch)) {
    if (isMeant(key, before[key], value, after[key], note)) continue;
    throw new Error(`Named, and not as meant: ${key} is ${JSON.stringify(after[key])}`);
  }
}

const secondsOf = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** Puts the whole of a record back by what was written down of its change. */
export function restored(record: Raw, fields: readonly FieldChange[]): Raw {
  const restore = restoreFields(record, fields);
  agree('Told as changed since', restore.changed, []);
  return restore.record;
}

/** Deals the cases by a seed of this moment, which is told with the result. */
export function holds<T>(cases: fc.Arbitrary<T>, check: (drawn: T) => void) {
  return async ({ annotate }: { annotate(message: string): Promise<unknown> }) => {
    const seed = Date.now() % 2 ** 31;
    await annotate(`seed ${seed}, ${CASES} cases`);
    fc.assert(fc.property(cases, check), { numRuns: CASES, seed });
  };
}
