/**
 * No text of an answer or of an error has more than 20,000 characters, whatever was asked for and whatever the store
 * holds. What does not fit is left out whole and counted, and the answer says how to go on.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECTIONS } from '../../../src/orders/detail.js';
import { ROW_FIELDS } from '../../../src/orders/row.js';
import { INVENTORY_FIELDS } from '../../../src/tools/inventory-row.js';
import { anInventoryItem } from '../../unit/tools/support/exceptions.js';
import { aStoreView } from '../../unit/tools/support/gateway.js';
import { anAddress, anItem, anOrder, aShipment } from '../../unit/tools/support/orders.js';
import { aStoreEntry } from '../../unit/tools/support/ports.js';
import { type Answered, ask, DAYS, depsOf, fenced } from './support.js';

const MOST = 20_000;
const RUNS = 15;

/** From nothing to long, of characters that take one, two, six or twelve in JSON. */
const text = fc
  .tuple(
    fc.constantFrom(
      'a',
      'word ',
      '"',
      '\\',
      '<',
      '\u0000',
      '\u202e',
      '\ud800',
      '😀',
      '\u{e0041}',
      'ß',
      '\u2028',
    ),
    fc.constantFrom(0, 1, 30, 199, 200, 1_000, 2_500),
  )
  .map(([unit, count]) => unit.repeat(count));
const orNull = fc.option(text, { nil: null });
const count = fc.constantFrom(0, 1, 3, 60);
const number = fc.constantFrom('0', '-0.1', '9'.repeat(25_000), '1.5');

const address = fc
  .record({ firstName: orNull, company: orNull, line: text, city: orNull, phone: orNull })
  .map(({ line, ...rest }) => anAddress({ ...rest, lastName: rest.city, lines: [line, line, line, line] }));

/** Texts are made once an order and used again for its entries, so that an order may be large and made fast. */
const order = fc
  .record({
    name: orNull,
    word: text,
    address,
    entries: fc.record({ items: count, shipments: count, notes: count, keys: count, lines: count }),
    amount: number,
    deep: fc.boolean(),
  })
  .map(({ name, word, address, entries, amount, deep }) => {
    const many = <T>(length: number, make: (index: number) => T): T[] =>
      Array.from({ length }, (_, at) => make(at));
    const map = Object.fromEntries(many(entries.keys, (at) => [`${word.slice(0, 300)}${at}`, word]));
    let nested: unknown = word;
    for (let depth = 0; deep && depth < 200; depth += 1) nested = { [word.slice(0, 20)]: [nested] };
    const notes = many(entries.notes, (at) => ({
      at: new Date(Date.UTC(2026, 0, 5) + at * 1000).toISOString(),
      by: name,
      text: word,
    }));
    return (id: number) =>
      anOrder(
        {
          id: String(id + 1),
          sourceId: id % 2 === 0 ? 'same' : name,
          sourceName: name,
          folderId: String((id % 3) + 1),
          email: name,
          customerId: name,
          shippingMethod: name,
          paymentType: name,
          paymentStatus: name,
          tag: name,
          fulfillment: { name, id: name },
          shipping: address,
          customer: address,
          totals: {
            product: amount,
            shipping: amount,
            handling: amount,
            tax: amount,
            discount: amount,
            order: amount,
            refund: amount,
            quantity: 1e300,
            weight: amount,
          },
          checkoutData: map,
          metadata: { ...map, nested },
          discounts: many(entries.keys, () => ({ name: word, code: name, amount })),
          notes,
          history: notes,
          items: many(entries.items, (at) =>
            anItem({
              id: `${at}${word.slice(0, 100)}`,
              name: word,
              code: name,
              price: amount,
              weight: amount,
              category: name,
              variations: map,
              metadata: map,
            }),
          ),
          shipments: many(entries.shipments, (at) =>
            aShipment({
              id: String(at),
              trackingNumber: name,
              trackingUrl: word,
              cost: amount,
              status: name,
              items: many(entries.lines, () => ({ id: null, code: name, quantity: 1 })),
            }),
          ),
        },
        { order_history: [] },
      );
  });

const shop = fc.record({
  orders: fc
    .tuple(fc.array(order, { minLength: 1, maxLength: 4 }), fc.constantFrom(1, 4, 30))
    .map(([kinds, length]) =>
      Array.from({ length }, (_, id) => kinds[id % kinds.length]?.(id)).filter((each) => each !== undefined),
    ),
  view: fc.record({ folders: fc.constantFrom(0, 3, 5_000), name: text, methods: count }).map((view) =>
    aStoreView({
      name: view.name,
      country: view.name,
      locale: view.name,
      timeZone: view.folders === 0 ? null : 'UTC',
      folders: Array.from({ length: view.folders }, (_, at) => ({
        id: String(at + 1),
        name: view.name === '' ? 'void' : `${view.name} canceled`,
      })),
      shippingMethods: Array.from({ length: view.methods }, () => view.name),
    }),
  ),
  inventory: fc.tuple(text, count, number).map(([word, length, stock]) =>
    Array.from({ length }, (_, at) => {
      const { view, raw } = anInventoryItem(word, stock);
      const variations = Object.fromEntries([[word, word]]);
      return {
        view: { ...view, id: String(at + 1), name: word, location: word, price: stock, variations },
        raw,
      };
    }),
  ),
  entries: fc.constantFrom(0, 300).map((length) =>
    Array.from({ length }, (_, at) =>
      aStoreEntry({
        name: `${'ÿ'.repeat(55)} ${at}`,
        orderDeskId: String(at),
        isDefault: false,
        folderNotes: Object.fromEntries(
          Array.from({ length: 300 }, (_, id) => [`gone${id}`, 'note'.repeat(400)]),
        ),
      }),
    ),
  ),
});

const some = <T>(values: readonly T[]) => fc.subarray([...values]);
const calls = fc.oneof(
  fc.constant(['list_stores', {}] as const),
  fc.constant(['get_store', {}] as const),
  fc
    .record({ limit: fc.integer({ min: 1, max: 100 }), fields: some(ROW_FIELDS) })
    .map((args) => ['list_orders', args] as const),
  fc
    .record({ fields: some(ROW_FIELDS) })
    .map((args) => ['list_orders', { ...DAYS, ...args, text: 'a' }] as const),
  fc
    .record({ order_id: fc.constantFrom('1', '2', '3'), include: some(SECTIONS) })
    .map((args) => ['get_order', args] as const),
  fc.constant(['get_order', { source_id: 'same' }] as const),
  fc
    .constantFrom('source', 'sku', 'folder', 'state', 'payment_status', 'shipping_method', undefined)
    .map((group_by) => ['summarize_orders', { ...DAYS, top: 100, ...(group_by && { group_by }) }] as const),
  fc.constant(['find_exceptions', { limit: 100 }] as const),
  fc
    .record({ limit: fc.integer({ min: 1, max: 100 }), fields: some(INVENTORY_FIELDS) })
    .map((args) => ['list_inventory', args] as const),
  // Errors
  fc
    .constantFrom('list_orders', 'summarize_orders')
    .map((name) => [name, { ...DAYS, folder: 'Nowhere' }] as const),
  fc
    .tuple(fc.constantFrom('list_orders', 'get_order', 'find_exceptions', 'list_inventory'), text, count)
    .map(([name, word, length]) => {
      const list = Array.from({ length }, () => word);
      const unknown = Object.fromEntries(list.map((value, at) => [`${value.slice(0, 200)}${at}`, value]));
      return [
        name,
        { ...unknown, include: list, fields: list, checks: list, codes: list, folder: list },
      ] as const;
    }),
);

const nothingLeft = (answered: Answered): boolean =>
  JSON.stringify(answered.structured ?? '').includes('"omitted"');

describe('any answer', () => {
  it('has texts of at most 20,000 characters that are whole JSON', async () => {
    await fc.assert(
      fc.asyncProperty(shop, fc.array(calls, { minLength: 4, maxLength: 8 }), async (shop, calls) => {
        const deps = depsOf(shop);
        for (const [name, args] of calls) {
          const answered = await ask(deps, name, args);
          const { isError, texts, structured } = answered;
          for (const text of texts)
            expect(text.length, `${name} ${text.slice(0, 100)}`).toBeLessThanOrEqual(MOST);
          if (isError) {
            JSON.parse(texts[0] ?? '');
          } else {
            expect(fenced(texts[0] ?? '')).toEqual(structured);
            saysHowToGoOn(name, answered, `${name} ${JSON.stringify(args).slice(0, 300)}`);
          }
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
});

/** What was cut for size is counted, and there is a way to the rest. */
function saysHowToGoOn(name: string, answered: Answered, what: string): void {
  const { structured: data } = answered;
  const isCut = data.rows?.some((row: object) => 'cut_fields' in row);
  if (data.trimmed_by === 'size' && name !== 'summarize_orders' && !isCut)
    expect(data.next_cursor, what).toEqual(expect.any(String));
  if (data.trimmed_by === 'size' && name === 'summarize_orders') expect(data.other.groups).toBeGreaterThan(0);
  if (name === 'get_order' && nothingLeft(answered)) expect(data.remarks.join(' ')).toContain('include');
  if (data.matches !== undefined) {
    const [said] = /^\d+ orders/.exec(data.remarks.at(-1)) ?? [];
    expect(said).toBeDefined();
    if (Number.parseInt(said ?? '', 10) > data.matches.length)
      expect(data.remarks.at(-1)).toContain(`Only ${data.matches.length} of them are shown: list_orders`);
  }
}
