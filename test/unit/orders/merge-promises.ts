/** What holds for merging whatever patch into whatever order, and for the difference of any two. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { FieldChange } from '../../../src/changes/port.js';
import { applyFields, diffFields, restoreFields } from '../../../src/orders/field-changes.js';
import { mergeOrder } from '../../../src/orders/merge/order.js';
import { asList, asMap, idOf, isMap, type Raw, without } from '../../../src/orders/merge/raw.js';
import { orderAndPatch, rawOrder } from './merge-arbitraries.js';

const OPTIONS = { now: new Date('2026-01-10T12:00:00Z'), notesBy: 'Agent' };

function merge(raw: Raw, patch: Raw) {
  const outcome = mergeOrder(raw, patch, OPTIONS);
  if (!outcome.ok) throw new Error(outcome.refusals.map(({ message }) => message).join(' '));
  return outcome;
}

/** As canonical JSON compares, and quicker where parts are the very same: an empty map and an empty list are equal. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [members, others] = [membersOf(a), membersOf(b)];
  if (members.size !== others.size) return false;
  if (members.size > 0 && Array.isArray(a) !== Array.isArray(b)) return false;
  return [...members].every(([key, member]) => others.has(key) && isSame(member, others.get(key)));
}

const membersOf = (value: object): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(value).filter(([, member]) => member !== undefined));

/** The record less every field that the patch names. Of maps and lists that are empty then, nothing is left. */
export function unnamed(record: Raw, patch: Raw): Raw {
  const rest = Object.entries(record).flatMap(([key, value]): [string, unknown][] => {
    if (!Object.hasOwn(patch, key)) return [[key, value]];
    const left = unnamedOf(key, value, patch[key]);
    return Object.keys(left).length === 0 ? [] : [[key, left]];
  });
  return Object.fromEntries(rest);
}

function unnamedOf(key: string, value: unknown, patch: unknown): object {
  if (key === 'order_items') return unnamedOfItems(value, patch);
  return isMap(patch) ? unnamedOfMap(value, patch) : {};
}

const unnamedOfMap = (map: unknown, patch: Raw): Raw =>
  Object.fromEntries(Object.entries(asMap(map) ?? {}).filter(([key]) => !Object.hasOwn(patch, key)));

const unnamedOfItems = (items: unknown, patches: unknown): unknown[] =>
  (asList(items) ?? []).map((item) => {
    const patch = (asList(patches) ?? []).find((one) => idOf(one) === idOf(item));
    return isMap(item) && isMap(patch)
      ? { id: item.id, ...unnamed(without(item, 'id'), without(patch, 'id')) }
      : item;
  });

interface Merged {
  readonly raw: Raw;
  readonly patch: Raw;
  readonly merged: Raw;
  readonly fields: readonly FieldChange[];
  /** Deals the fields of the patch to two patches. */
  readonly coins: number;
}

const PROMISES: Readonly<Record<string, (made: Merged) => boolean>> = {
  'leaves everything as it was that the patch does not name': ({ raw, patch, merged }) =>
    isDeepStrictEqual(unnamed(merged, patch), unnamed(raw, patch)),

  'keeps every item, once and in its place, and those without a patch as they were': (made) => {
    const before = asList(made.raw.order_items) ?? [];
    const after = asList(made.merged.order_items) ?? [];
    const named = (asList(made.patch.order_items) ?? []).map(idOf);
    return (
      isDeepStrictEqual(after.map(idOf), before.map(idOf)) &&
      before.every((item, place) => named.includes(idOf(item)) || item === after[place])
    );
  },

  'tells a difference that makes the order after of the order before': ({ raw, merged, fields }) =>
    isSame(applyFields(raw, fields, 'after'), merged),

  'can be taken back': ({ raw, merged, fields }) => {
    const { record, changed } = restoreFields(merged, fields);
    return changed.length === 0 && isSame(withoutGaps(record), withoutGaps(raw));
  },

  'changes nothing when done again': ({ patch, merged }) => {
    const again = merge(merged, patch);
    return again.merged === merged && again.fields.length === 0;
  },

  'gives the same order when its patch comes in two halves, whichever is first': (made) => {
    let tossed = 0;
    const [one, other] = split(made.patch, () => {
      tossed = (tossed + 1) % 31;
      return ((made.coins >> tossed) & 1) === 1;
    });
    const oneFirst = merge(merge(made.raw, one).merged, other).merged;
    const otherFirst = merge(merge(made.raw, other).merged, one).merged;
    return isSame(oneFirst, made.merged) && isSame(otherFirst, made.merged);
  },
};

const MAPS = ['shipping', 'customer', 'return_address', 'checkout_data', 'order_metadata'];
const MAPS_OF_ITEMS = ['variation_list', 'metadata'];

/** Deals every field of the patch, and every key of its maps, to one of two patches. */
function split(patch: Raw, isFirst: () => boolean, maps = MAPS): [Raw, Raw] {
  const [one, other]: [[string, unknown][], [string, unknown][]] = [[], []];
  for (const [key, value] of Object.entries(patch)) {
    if (isMap(value) && maps.includes(key)) {
      const [left, right] = split(value, isFirst, []);
      one.push([key, left]);
      other.push([key, right]);
    } else if (key === 'order_items') {
      const dealt = (asList(value) ?? []).flatMap((entry) =>
        isMap(entry) ? [{ id: entry.id, halves: split(without(entry, 'id'), isFirst, MAPS_OF_ITEMS) }] : [],
      );
      one.push([key, dealt.map(({ id, halves }) => ({ ...halves[0], id }))]);
      other.push([key, dealt.map(({ id, halves }) => ({ ...halves[1], id }))]);
    } else {
      (isFirst() ? one : other).push([key, value]);
    }
  }
  return [Object.fromEntries(one), Object.fromEntries(other)];
}

const withoutGaps = (order: Raw): Raw => ({ ...order, order_items: asList(order.order_items) });

/**
 * @param runs cases of each promise
 * @param cheapRuns cases of the promises that hardly differ from one case to the next
 */
export function mergePromises(runs: number, cheapRuns = runs / 10): void {
  describe('merging any patch into any order', () => {
    it(`keeps its promises: ${Object.keys(PROMISES).join('; ')}`, () => {
      fc.assert(
        fc.property(orderAndPatch, fc.nat(), ([raw, patch], coins) => {
          const made: Merged = { raw, patch, coins, ...merge(raw, patch) };
          for (const [promise, isKept] of Object.entries(PROMISES)) {
            if (!isKept(made)) throw new Error(`Broken: ${promise}`);
          }
        }),
        { numRuns: runs },
      );
    });

    it('never changes what it was given', () => {
      fc.assert(
        fc.property(orderAndPatch, ([raw, patch]) => {
          const before = JSON.stringify([raw, patch]);
          merge(raw, patch);
          return JSON.stringify([raw, patch]) === before;
        }),
        { numRuns: cheapRuns },
      );
    });
  });

  describe('the difference of any two orders', () => {
    it('makes the one of the other', () => {
      fc.assert(
        fc.property(rawOrder, rawOrder, (before, after) =>
          isSame(withoutGaps(applyFields(before, diffFields(before, after), 'after')), withoutGaps(after)),
        ),
        { numRuns: runs },
      );
    });

    it('is nothing where the two are the same', () => {
      fc.assert(
        fc.property(rawOrder, (raw) => diffFields(raw, structuredClone(raw)).length === 0),
        { numRuns: cheapRuns },
      );
    });
  });
}
