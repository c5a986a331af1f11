/** Made-up records as Order Desk sends them, and patches that can be merged into them. */
import fc from 'fast-check';
import { asList, idOf, isMap, type Raw } from '../../../src/orders/merge/raw.js';

const KEYS = ['Gift Message', 'po', 'a.b', '#7', '+0', 'shopify_order_id', '__proto__', 'toString', '0'];
const text = fc.constantFrom('', 'Ada', 'Grüße', '5', '5.50', 'a/b', ' ');
const filled = fc.constantFrom('Ada', 'Grüße', '5', 'a/b', 'new', 'x y');
const number = fc.constantFrom(0, 1, 2.5, 21.17, -3);
const json = fc.oneof(text, number, fc.constantFrom(null, true, [], [1, 'b'], { deep: { er: 1 } }, {}));

/** `fc.record` would lose the key `__proto__`. */
const mapOf = <T>(values: fc.Arbitrary<T>, keys = KEYS): fc.Arbitrary<Record<string, T>> =>
  fc
    .array(fc.tuple(fc.constantFrom(...keys), values), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries));

/** One of some hundred made beforehand: records are put together in all ways, and quickly. */
const oneOfSome = <T>(made: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.constantFrom(...fc.sample(made, { numRuns: 300, seed: 20_260_110 }));

/** As PHP writes a map; one of numbered keys alone is a list. */
const phpMap = oneOfSome(
  fc.oneof(
    { weight: 4, arbitrary: mapOf(json).map((map) => (Object.keys(map).length === 0 ? [] : map)) },
    fc.constantFrom(['x', 'y'], null, ''),
  ),
);

const PARTS = ['first_name', 'last_name', 'address1', 'city', 'phone'];
const address = oneOfSome(fc.oneof(mapOf(text, PARTS), fc.constant([])));

const item = oneOfSome(
  fc.record({
    name: filled,
    price: fc.oneof(number, fc.constantFrom('5.50')),
    quantity: fc.constantFrom(1, 2, '3'),
    code: text,
    variation_list: phpMap,
    metadata: phpMap,
    unknown_of_item: json,
  }),
);

const ITEM_IDS = ['11', '12', '13', 14] as const;
const items = fc
  .tuple(fc.subarray([...ITEM_IDS]), fc.array(item, { minLength: 4, maxLength: 4 }), fc.boolean())
  .map(([ids, made, hasGaps]) => {
    const list = ids.map((id, place) => ({ id, ...made[place] }));
    return hasGaps ? Object.fromEntries(list.map((entry, place) => [place * 2 + 1, entry])) : list;
  });

const notes = fc.array(fc.record({ date_added: fc.constant('2026-01-09 23:12:05'), content: filled }), {
  maxLength: 2,
});

export const rawOrder: fc.Arbitrary<Raw> = fc.record({
  id: fc.constant('26211'),
  email: text,
  tax_total: fc.oneof(number, fc.constant('1.20')),
  order_total: number,
  folder_id: fc.constantFrom(1, '2'),
  shipping: address,
  customer: address,
  checkout_data: phpMap,
  order_metadata: phpMap,
  discount_list: fc.constantFrom([], [{ name: 'Discount', code: 'MN234', amount: '1.70' }]),
  order_notes: notes,
  order_items: items,
  order_shipments: fc.constantFrom([], [{ id: '437', tracking_number: '1Z', order_items: '' }]),
  unknown_field: json,
});

const cleared = <T>(values: fc.Arbitrary<T>) => fc.oneof({ weight: 4, arbitrary: values }, fc.constant(null));
const plain = fc.oneof(text, fc.constantFrom(0, 7, 2.5, true));

const itemPatch = oneOfSome(
  fc.record(
    {
      name: filled,
      price: fc.constantFrom(5.5, '5.50', 7, '0.1'),
      quantity: fc.constantFrom(1, 3, '4'),
      code: cleared(text),
      variation_list: mapOf(cleared(plain)),
      metadata: mapOf(cleared(json)),
    },
    { requiredKeys: [] },
  ),
);

const PATCHES = {
  shipping: oneOfSome(mapOf(cleared(text), [...PARTS, 'address4'])),
  customer: oneOfSome(mapOf(cleared(text), PARTS)),
  return_address: oneOfSome(mapOf(cleared(text), ['title', 'city'])),
  checkout_data: oneOfSome(mapOf(cleared(plain))),
  order_metadata: oneOfSome(mapOf(cleared(json))),
};

const itemPatches = fc.record(
  { 11: itemPatch, 12: itemPatch, 13: itemPatch, 14: itemPatch },
  { requiredKeys: [] },
);

const patch = fc.record(
  {
    email: cleared(text),
    tax_total: fc.constantFrom(0, '1.2', 9.99),
    ...PATCHES,
    discount_list: fc.constantFrom([], [{ name: 'Other', amount: '2' }]),
    order_items: itemPatches,
  },
  { requiredKeys: [] },
);

/** An order and a patch that fits it: items only with ids of it. Never with notes. */
export const orderAndPatch: fc.Arbitrary<readonly [Raw, Raw]> = fc
  .tuple(rawOrder, patch)
  .map(([raw, { order_items: patches, ...others }]) => [
    raw,
    patches === undefined ? others : { ...others, order_items: fitting(raw, patches) },
  ]);

function fitting(raw: Raw, patches: Raw): unknown[] {
  const ids = (asList(raw.order_items) ?? []).map(idOf);
  return Object.entries(patches).flatMap(([id, made]) =>
    ids.includes(id) && isMap(made) ? [{ ...made, id }] : [],
  );
}
