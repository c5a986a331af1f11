import { describe, expect, it } from 'vitest';
import { sentByItem } from '../../../src/orders/joined.js';
import { orderRow } from '../../../src/orders/row.js';
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

  it('leaves lines that name no item of the order to no item', () => {
    const items = [shirt, anItem({ id: '8', code: null })];
    const lines = [
      { id: '77', code: 'SHIRT', quantity: 1 },
      { id: null, code: null, quantity: 1 },
    ];
    expect(joined(items, [sent('a', ...lines)])).toEqual([]);
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
