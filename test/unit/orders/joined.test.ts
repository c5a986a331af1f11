import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openGoods, sentByItem } from '../../../src/orders/joined.js';
import { orderRow } from '../../../src/orders/row.js';
import { shippedState } from '../../../src/orders/shipped.js';
import { anItem, aShipment, aView } from '../tools/support/orders.js';

const shirt = anItem({ id: '1', code: 'SHIRT', quantity: 3 });
const mug = anItem({ id: '2', code: 'MUG', quantity: 1 });
const file = anItem({ id: '3', code: 'FILE', quantity: 1, deliveryType: 'download' });
const sent = (id: string, ...items: { id: string | null; code: string | null; quantity: number }[]) =>
  aShipment({ id, items });

const joined = (items: (typeof shirt)[], shipments: ReturnType<typeof sent>[]) =>
  [...sentByItem({ items, shipments })].map(([item, { units, shipments }]) => [item.id, units, shipments]);

describe('what was sent of an item', () => {
  it('is nothing without a shipment', () => {
    expect(joined([shirt, mug], [])).toEqual([]);
  });

  it('is all goods, once, where a shipment names no items', () => {
    expect(joined([shirt, mug, file], [sent('a'), sent('b')])).toEqual([
      ['1', 3, ['a', 'b']],
      ['2', 1, ['a', 'b']],
    ]);
  });

  it('is the sum of the lines with its id, and beyond what was ordered as well', () => {
    const line = { id: '1', code: 'OTHER', quantity: 2 };
    expect(joined([shirt, mug], [sent('a', line), sent('b', line)])).toEqual([['1', 4, ['a', 'b']]]);
  });

  it('goes by the code where a line has no id, to one item after the other', () => {
    const second = anItem({ id: '9', code: 'SHIRT', quantity: 2 });
    const line = { id: null, code: 'SHIRT', quantity: 4 };
    expect(joined([shirt, second], [sent('a', line)])).toEqual([
      ['1', 3, ['a']],
      ['9', 1, ['a']],
    ]);
  });

  it('gives the lines with its id to an item first, and those of its code to what then lacks some', () => {
    const one = anItem({ id: '1', code: 'MUG', quantity: 1 });
    const other = { ...one, id: '2', code: 'mug ' };
    const byCode = { id: null, code: 'Mug', quantity: 1 };
    const byId = { id: '1', code: 'MUG', quantity: 1 };
    expect(joined([one, other], [sent('a', byCode), sent('b', byId)])).toEqual([
      ['1', 1, ['b']],
      ['2', 1, ['a']],
    ]);
  });

  it('goes by the code where an id is of no item', () => {
    const lines = [
      { id: '0', code: 'SHIRT', quantity: 1 },
      { id: '999', code: 'shirt', quantity: 1 },
    ];
    expect(joined([shirt, mug], [sent('a', ...lines)])).toEqual([['1', 2, ['a']]]);
  });

  it('is more than was ordered only where no other item of the code lacks any', () => {
    const second = anItem({ id: '9', code: 'SHIRT', quantity: 2 });
    const line = (quantity: number) => sent('a', { id: '9', code: 'SHIRT', quantity });
    expect(joined([shirt, second], [line(4)])).toEqual([
      ['1', 2, ['a']],
      ['9', 2, ['a']],
    ]);
    expect(joined([shirt, second], [line(4), sent('b', { id: null, code: 'SHIRT', quantity: 3 })])).toEqual([
      ['1', 3, ['b']],
      ['9', 4, ['a']],
    ]);
    expect(joined([shirt, second], [line(7)])).toEqual([
      ['1', 3, ['a']],
      ['9', 4, ['a']],
    ]);
  });

  it('is nothing of a download while goods of the same code lack some', () => {
    const asFile = { ...file, code: 'SHIRT' };
    expect(joined([asFile, shirt], [sent('a', { id: null, code: 'SHIRT', quantity: 3 })])).toEqual([
      ['1', 3, ['a']],
    ]);
  });

  it('is what is left where a shipment names no items, whichever came first', () => {
    const part = sent('part', { id: '1', code: null, quantity: 2 });
    for (const shipments of [
      [part, sent('whole')],
      [sent('whole'), part],
    ]) {
      expect(joined([shirt, mug], shipments)).toEqual([
        ['1', 3, shipments.map(({ id }) => id)],
        ['2', 1, ['whole']],
      ]);
    }
  });

  it('leaves lines that name no item of the order to no item', () => {
    const items = [shirt, anItem({ id: '8', code: null })];
    const lines = [
      { id: '77', code: 'OTHER', quantity: 1 },
      { id: null, code: null, quantity: 1 },
    ];
    expect(joined(items, [sent('a', ...lines)])).toEqual([]);
  });
});

const code = fc.constantFrom('A', 'a ', 'B', null);
const quantity = fc.integer({ min: -1, max: 40 }).map((tenths) => tenths / 10);
const order = fc.record({
  items: fc
    .array(fc.tuple(code, quantity, fc.constantFrom('ship', 'Download')), { maxLength: 5 })
    .map((items) =>
      items.map(([code, quantity, deliveryType], index) =>
        anItem({ id: String(index + 1), code, quantity, deliveryType }),
      ),
    ),
  lines: fc.array(fc.record({ id: fc.constantFrom('1', '2', '3', '0', null), code, quantity }), {
    maxLength: 8,
  }),
});

describe('items and shipments of any order', () => {
  const unitsOf = (items: (typeof shirt)[], shipments: ReturnType<typeof sent>[]) =>
    items.map((item) => sentByItem({ items, shipments }).get(item)?.units ?? 0);
  const sum = (units: readonly number[]) => Number(units.reduce((all, each) => all + each, 0).toFixed(6));

  it('hold each unit that was sent of it once, in whatever order lines and shipments come', () => {
    const shuffled = order.chain(({ items, lines }) =>
      fc.record({
        items: fc.constant(items),
        lines: fc.constant(lines),
        mixed: fc.shuffledSubarray(lines, { minLength: lines.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ items, lines, mixed }) => {
        const units = unitsOf(items, lines.length === 0 ? [] : [sent('a', ...lines)]);
        const apart = mixed.map((line, index) => sent(String(index), line));
        expect(unitsOf(items, apart)).toEqual(units);
        const key = (text: string | null) => (text ?? '').trim().toLowerCase();
        const named = lines.filter(
          (line) =>
            line.quantity > 0 &&
            items.some(
              (item) => item.id === line.id || (key(line.code) !== '' && key(item.code) === key(line.code)),
            ),
        );
        expect(sum(units)).toBe(sum(named.map((line) => line.quantity)));
      }),
    );
  });

  it('never hold more units of one item while another of its code lacks some', () => {
    fc.assert(
      fc.property(order, ({ items, lines }) => {
        const units = unitsOf(items, [sent('a', ...lines, { id: null, code: 'NONE', quantity: 1 })]);
        for (const over of items.filter((item, at) => (units[at] ?? 0) > Math.max(0, item.quantity))) {
          const lacking = items.filter(
            (item, at) =>
              item !== over &&
              over.code !== null &&
              item.code?.trim().toLowerCase() === over.code.trim().toLowerCase() &&
              (units[at] ?? 0) < item.quantity,
          );
          expect(lacking).toEqual([]);
        }
      }),
    );
  });

  it('say with one voice what is shipped, and what is still to be sent', () => {
    fc.assert(
      fc.property(order, fc.boolean(), ({ items, lines }, isSent) => {
        const shipments = isSent && lines.length > 0 ? [sent('a', ...lines)] : [];
        const units = unitsOf(items, shipments);
        const open = items.flatMap((item, at) =>
          item.deliveryType === 'ship' && item.quantity > (units[at] ?? 0) ? [item] : [],
        );
        expect(openGoods({ items, shipments }).map(({ item }) => item)).toEqual(open);
        const state = shippedState({ items, shipments });
        expect(['no', 'partly'].includes(state)).toBe(open.length > 0);
        expect(['yes', 'partly'].includes(state)).toBe(shipments.length > 0);
      }),
    );
  });
});

describe('a row', () => {
  it('shows both joined: units and shipments of an item, id and code of a line', () => {
    const shipments = [
      sent('a', { id: null, code: 'SHIRT', quantity: 1 }),
      sent('b', { id: '2', code: null, quantity: 1 }),
    ];
    const row = orderRow(aView({ items: [shirt, mug, file], shipments }), () => null, ['items', 'shipments']);
    expect(row.items).toMatchObject([
      { id: '1', shipped_units: 1, shipped_in: ['a'] },
      { id: '2', shipped_units: 1, shipped_in: ['b'] },
      { id: '3' },
    ]);
    expect(row.items?.[2]).not.toHaveProperty('shipped_units');
    expect(row.shipments).toMatchObject([
      { items: [{ id: '1', code: 'SHIRT', quantity: 1 }] },
      { items: [{ id: '2', code: 'MUG', quantity: 1 }] },
    ]);
  });

  it('says how many lines of a shipment and shipments of an item it leaves out', () => {
    const line = { id: '1', code: 'SHIRT', quantity: 1 };
    const many = Array.from({ length: 200 }, () => line);
    const order = aView({
      items: [shirt],
      shipments: [sent('a', ...many), ...Array.from({ length: 30 }, (_, index) => sent(`b${index}`, line))],
    });
    const { items, shipments } = orderRow(order, () => null, ['items', 'shipments']);
    expect((shipments?.[0]?.items?.length ?? 0) + (shipments?.[0]?.items_omitted ?? 0)).toBe(200);
    expect(shipments?.[0]?.items_omitted).toBeGreaterThan(0);
    expect(items?.[0]?.shipped_in).toHaveLength(21);
    expect(items?.[0]?.shipped_in?.at(-1)).toBe('… and 11 more');
  });
});
