/** Patches of every field that a caller may set, and what a store's records may hold beside the fields that are known. */
import fc from 'fast-check';
import { asList, asMap, isMap, type Raw } from '../../../src/orders/merge/raw.js';
import { PAYMENT_STATUSES } from '../../../src/orders/scan-filter.js';

const KEYS = ['Gift Message', 'po', 'a.b', '#7', '+0', 'shopify_order_id', '__proto__', 'toString', '0'];
const blankOr = fc.constantFrom('', 'Ada', 'Grüße', '5', '5.50', 'a/b', ' ');
const filled = fc.constantFrom('Ada', 'Grüße', '5', 'a/b', 'new', 'x y');
const charge = fc.constantFrom(0, 1, 2.5, '21.17', '0.10');
const amount = fc.oneof(charge, fc.constantFrom(-3, '-0.5'));
const plain = fc.oneof(blankOr, fc.constantFrom(0, 7, 2.5, true));
const json = fc.oneof(
  plain,
  fc.constantFrom(null, [], {}, [1, 'b', {}], { deep: { er: 1 } }, { deep: { empty: {} } }),
);
const cleared = <T>(values: fc.Arbitrary<T>) => fc.oneof({ weight: 4, arbitrary: values }, fc.constant(null));

/** One of some hundreds made beforehand, which are put together in all ways, and quickly. */
const oneOfSome = <T>(made: fc.Arbitrary<T>, seed: number): fc.Arbitrary<T> =>
  fc.constantFrom(...fc.sample(made, { numRuns: 500, seed }));

/** `fc.record` would lose the key `__proto__`. */
const mapOf = <T>(values: fc.Arbitrary<T>, keys: readonly string[] = KEYS): fc.Arbitrary<Raw> =>
  oneOfSome(
    fc
      .array(fc.tuple(fc.constantFrom(...keys), values), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
    keys.length,
  );

const PERSON = ['first_name', 'last_name', 'company', 'address1', 'address2'];
const PLACE = ['city', 'state', 'postal_code', 'country', 'phone'];
const text = cleared(blankOr);
const addressOf = (...parts: readonly string[]) => mapOf(text, [...parts, ...PLACE]);
const some = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Raw> =>
  fc.record(fields, { requiredKeys: [] }).map((record) => ({ ...record }));

export const itemPatch = some({
  name: filled,
  price: amount,
  quantity: fc.constantFrom(0, 1, 3, '4'),
  weight: charge,
  code: text,
  delivery_type: fc.constantFrom('ship', 'noship', 'download', 'future'),
  category_code: text,
  fulfillment_method: text,
  variation_list: mapOf(cleared(plain)),
  metadata: mapOf(cleared(json)),
});

export const shipmentPatch = some({
  tracking_number: filled,
  carrier_code: text,
  shipment_method: text,
  weight: cleared(fc.constantFrom('', '3.55', 2, '0')),
  cost: cleared(fc.constantFrom('', '7.10', 4.5)),
  status: text,
  tracking_url: text,
});

/** The writer is named where it is set: Order Desk puts itself in the place of nobody. */
export const inventoryPatch = some({
  name: filled,
  code: fc.constantFrom('NEW-1', 'NEW-2', 'a/b new'),
  price: amount,
  cost: amount,
  weight: charge,
  stock: amount,
  location: text,
  manufacturer_sku: text,
  update_source: filled,
  variation_list: mapOf(cleared(plain)),
  metadata: mapOf(cleared(json)),
});

const discount = fc.record(
  { name: filled, amount: fc.constantFrom('2', '1.50', 3), code: blankOr },
  { requiredKeys: ['name', 'amount'] },
);

/** Patches of items stand by the places of the items; `patchOf` puts their ids there. */
export const orderPatch = some({
  email: text,
  shipping_method: text,
  shipping_total: charge,
  handling_total: charge,
  tax_total: charge,
  payment_type: text,
  payment_status: cleared(fc.constantFrom('', ...PAYMENT_STATUSES)),
  processor_response: text,
  processor_balance: amount,
  customer_id: text,
  source_name: text,
  tag_name: text,
  shipping: addressOf(...PERSON, 'address3', 'address4'),
  customer: addressOf(...PERSON),
  return_address: addressOf('title', 'name', 'company', 'address1', 'address2'),
  checkout_data: mapOf(cleared(plain)),
  order_metadata: mapOf(cleared(json)),
  discount_list: oneOfSome(fc.array(discount, { maxLength: 2 }), 1),
  order_items: fc.array(oneOfSome(itemPatch, 2), { maxLength: 4 }),
  order_notes: fc.uniqueArray(fc.constantFrom('Call her.', 'Grüße an Ada', 'a/b'), { maxLength: 2 }),
});

export function patchOf(order: Raw, drawn: Raw): Raw {
  const patches = asList(drawn.order_items);
  if (drawn.order_items === undefined || patches === undefined) return drawn;
  const items = asList(order.order_items) ?? [];
  const fitting = patches.slice(0, items.length).flatMap((patch, place) => {
    const item = items[place];
    return isMap(patch) && isMap(item) ? [{ ...patch, id: item.id }] : [];
  });
  return { ...drawn, order_items: fitting };
}

/** What integrations put into records: members that nobody knows, and maps of keys of all kinds. */
export const strangeness = fc.record({ top: json, inside: json, one: mapOf(json), other: mapOf(json) });
export type Strangeness = typeof strangeness extends fc.Arbitrary<infer T> ? T : never;

export const strangeOrder = (order: Raw, { top, inside, one, other }: Strangeness): Raw => ({
  ...order,
  unknown_of_order: top,
  checkout_data: { ...asMap(order.checkout_data), ...other },
  order_metadata: { ...asMap(order.order_metadata), ...one },
  shipping: { ...asMap(order.shipping), unknown_of_address: inside },
  order_items: (asList(order.order_items) ?? []).map((item) =>
    strangePart(asMap(item) ?? {}, { top, inside, one: other, other: one }),
  ),
});

export const strangePart = (part: Raw, { top, inside, one, other }: Strangeness): Raw => ({
  ...part,
  unknown_of_part: [top, inside],
  variation_list: { ...asMap(part.variation_list), ...one },
  metadata: { ...asMap(part.metadata), ...other },
});
