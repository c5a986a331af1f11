/** A patch set into a record, field by field as the table of its kind says. */
import { sameValue } from '../same-value.js';
import { type Known, settable } from './known.js';
import { mergeMap } from './maps.js';
import { own, type Raw } from './raw.js';
import { below, type Refusals } from './refusal.js';
import { decimalOf, readDiscounts, readValue } from './values.js';

/**
 * The merged record; the very one given where nothing changes. Members of the patch that are `undefined` do not exist.
 * Items and notes are left to who knows them.
 */
export function mergeRecord(raw: Raw, patch: Raw, known: Known, at: string, refusals: Refusals): Raw {
  let merged = raw;
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    const next = mergeField(own(raw, key), key, value, known, below(at, key), refusals);
    // What is absent and stays blank is not sent as blank.
    if (next !== own(raw, key)) merged = { ...merged, [key]: next };
  }
  return merged;
}

function mergeField(
  before: unknown,
  key: string,
  value: unknown,
  known: Known,
  at: string,
  refusals: Refusals,
): unknown {
  const field = Object.hasOwn(known.fields, key) ? known.fields[key] : undefined;
  if (field === undefined) {
    refusals.add(at, `is not a field of ${known.name}`, `Fields that can be set: ${settable(known)}.`);
    return before;
  }
  switch (field.kind) {
    case 'fixed':
      refusals.add(at, 'cannot be set', field.hint);
      return before;
    case 'items':
    case 'notes':
      return before;
    case 'map':
      return mergeMap(before, value, field, at, refusals);
    case 'discounts':
      return unlessSame(before, readDiscounts(value, at, refusals));
    case 'number': {
      const number = readValue(value, field, at, refusals);
      return decimalOf(before) === number ? before : unlessSame(before, number);
    }
    default:
      return unlessSame(before, readValue(value, field, at, refusals));
  }
}

/** `undefined` is what was refused. */
const unlessSame = (before: unknown, after: unknown): unknown =>
  after === undefined || sameValue(before, after) ? before : after;
