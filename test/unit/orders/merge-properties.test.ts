import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { canonicalJson } from '../../../src/orders/canonical.js';
import { applyFields, diffFields, restoreFields } from '../../../src/orders/field-changes.js';
import { mergeOrder } from '../../../src/orders/merge/order.js';
import { asList, asMap, idOf, isMap, own, type Raw, without } from '../../../src/orders/merge/raw.js';
import { orderAndPatch, rawOrder } from './merge-arbitraries.js';

const OPTIONS = { now: new Date('2026-01-10T12:00:00Z'), notesBy: 'Agent' };
const CASES = { numRuns: 10_000 };

function merge(raw: Raw, patch: Raw) {
  const outcome = mergeOrder(raw, patch, OPTIONS);
  if (!outcome.ok) throw new Error(outcome.refusals.map(({ message }) => message).join(' '));
  return outcome;
}

const isSame = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

/** The record less every field that the patch names. Of maps and lists that are empty then, nothing is left. */
function unnamed(record: Raw, patch: Raw): Raw {
  let rest = record;
  for (const [key, value] of Object.entries(patch)) {
    const left = unnamedOf(key, own(record, key), value);
    rest = Object.keys(left).length === 0 ? without(rest, key) : { ...rest, [key]: left };
  }
  return rest;
}

function unnamedOf(key: string, value: unknown, patch: unknown): object {
  if (key === 'order_items') return unnamedOfItems(value, patch);
  return isMap(patch) ? unnamedOfMap(value, patch) : {};
}

const unnamedOfMap = (map: unknown, patch: Raw): Raw =>
  Object.keys(patch).reduce<Raw>((rest, key) => without(rest, key), asMap(map) ?? {});

const unnamedOfItems = (items: unknown, patches: unknown): unknown[] =>
  (asList(items) ?? []).map((item) => {
    const patch = (asList(patches) ?? []).find((one) => idOf(one) === idOf(item));
    return isMap(item) && isMap(patch)
      ? { id: item.id, ...unnamed(without(item, 'id'), without(patch, 'id')) }
      : item;
  });

describe('merging any patch into any order', () => {
  it('leaves everything as it was that the patch does not name', () => {
    fc.assert(
      fc.property(orderAndPatch, ([raw, patch]) => {
        const { merged } = merge(raw, patch);
        return isDeepStrictEqual(unnamed(merged, patch), unnamed(raw, patch));
      }),
      CASES,
    );
  });

  it('keeps every item, once and in its place, and those without a patch as they were', () => {
    fc.assert(
      fc.property(orderAndPatch, ([raw, patch]) => {
        const before = asList(raw.order_items) ?? [];
        const after = asList(merge(raw, patch).merged.order_items) ?? [];
        const named = (asList(patch.order_items) ?? []).map(idOf);
        return (
          isDeepStrictEqual(after.map(idOf), before.map(idOf)) &&
          before.every((item, place) => named.includes(idOf(item)) || item === after[place])
        );
      }),
      CASES,
    );
  });

  it('tells a difference that makes the order after of the order before', () => {
    fc.assert(
      fc.property(orderAndPatch, ([raw, patch]) => {
        const { merged, fields } = merge(raw, patch);
        return isSame(applyFields(raw, fields, 'after'), merged);
      }),
      CASES,
    );
  });

  it('can be taken back', () => {
    fc.assert(
      fc.property(orderAndPatch, ([raw, patch]) => {
        const { merged, fields } = merge(raw, patch);
        const { record, changed } = restoreFields(merged, fields);
        return changed.length === 0 && isSame(withoutGaps(record), withoutGaps(raw));
      }),
      CASES,
    );
  });

  it('changes nothing when done again', () => {
    fc.assert(
      fc.property(orderAndPatch, ([raw, patch]) => {
        const once = merge(raw, patch).merged;
        const again = merge(once, patch);
        return again.merged === once && again.fields.length === 0;
      }),
      CASES,
    );
  });

  it('never changes what it was given', () => {
    fc.assert(
      fc.property(orderAndPatch, ([raw, patch]) => {
        const before = JSON.stringify([raw, patch]);
        merge(raw, patch);
        return JSON.stringify([raw, patch]) === before;
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('two patches that name different fields', () => {
  it('give the same order whichever comes first, and both survive', () => {
    fc.assert(
      fc.property(orderAndPatch, fc.nat(), ([raw, patch], coins) => {
        let tossed = 0;
        const [one, other] = split(patch, () => {
          tossed = (tossed + 1) % 31;
          return ((coins >> tossed) & 1) === 1;
        });
        const oneFirst = merge(merge(raw, one).merged, other).merged;
        const otherFirst = merge(merge(raw, other).merged, one).merged;
        const together = merge(raw, patch).merged;
        return isSame(oneFirst, otherFirst) && isSame(oneFirst, together);
      }),
      CASES,
    );
  });
});

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

describe('the difference of any two orders', () => {
  it('makes the one of the other', () => {
    fc.assert(
      fc.property(rawOrder, rawOrder, (before, after) =>
        isSame(withoutGaps(applyFields(before, diffFields(before, after), 'after')), withoutGaps(after)),
      ),
      CASES,
    );
  });

  it('is nothing where the two are the same', () => {
    fc.assert(
      fc.property(rawOrder, (raw) => diffFields(raw, structuredClone(raw)).length === 0),
      { numRuns: 1_000 },
    );
  });
});

const withoutGaps = (order: Raw): Raw => ({ ...order, order_items: asList(order.order_items) });
