import { describe, expect, it } from 'vitest';
import { unitsToSend, withoutStock } from '../../../../src/orders/exceptions/stock.js';
import { anItem, aShipment } from '../../tools/support/orders.js';
import { aSubject } from './support/subjects.js';

const shirt = anItem({ id: '1', code: 'SHIRT', quantity: 2 });
const mug = anItem({ id: '2', code: 'MUG', quantity: 1 });

const sent = (id: string | null, code: string | null, quantity: number) =>
  aShipment({ items: [{ id, code, quantity }] });

describe('the units still to be sent', () => {
  it('are those of goods, each code once in any spelling; a download needs no stock, and an item without a code has none', () => {
    const items = [
      shirt,
      { ...shirt, id: '9', code: ' shirt', quantity: 3 },
      mug,
      anItem({ id: '3', code: 'EBOOK', deliveryType: 'download' }),
      anItem({ id: '4', code: null }),
      anItem({ id: '5', code: ' ' }),
    ];
    expect(unitsToSend(aSubject({ items }))).toEqual([
      { code: 'SHIRT', units: 5 },
      { code: 'MUG', units: 1 },
    ]);
  });

  it.each([
    ['an item by its id', [sent('2', null, 1)], ['SHIRT 2']],
    ['an item by its code, in any spelling', [sent(null, 'shirt ', 2)], ['MUG 1']],
    ['some units', [sent('1', 'SHIRT', 1)], ['SHIRT 1', 'MUG 1']],
    ['units in several parcels', [sent('1', null, 1), sent(null, 'SHIRT', 1)], ['MUG 1']],
    ['more than was ordered, which covers no other item', [sent('1', null, 9)], ['MUG 1']],
    ['a code that the order does not have', [sent(null, 'CAP', 9)], ['SHIRT 2', 'MUG 1']],
    ['less than nothing', [sent('1', null, -4)], ['SHIRT 2', 'MUG 1']],
    ['the whole order', [aShipment()], []],
  ])('are less what was sent: %s', (_what, shipments, expected) => {
    const needs = unitsToSend(aSubject({ items: [shirt, mug], shipments }));
    expect(needs.map(({ code, units }) => `${code} ${units}`)).toEqual(expected);
  });

  it('count each unit that was sent once, though two lines have its code', () => {
    const items = [
      { ...shirt, quantity: 1 },
      { ...shirt, id: '9', quantity: 1 },
    ];
    expect(unitsToSend(aSubject({ items, shipments: [sent(null, 'SHIRT', 1)] }))).toEqual([
      { code: 'SHIRT', units: 1 },
    ]);
    expect(unitsToSend(aSubject({ items, shipments: [sent('1', 'SHIRT', 1)] }))).toEqual([
      { code: 'SHIRT', units: 1 },
    ]);
  });

  it.each([
    [0, 0, []],
    [-2, 0, []],
    [2.5, 1, [{ code: 'SHIRT', units: 1.5 }]],
    // In binary fractions 0.3 - 0.1 is not 0.2.
    [0.3, 0.1, [{ code: 'SHIRT', units: 0.2 }]],
  ])('of a quantity of %s with %s sent', (quantity, units, expected) => {
    const items = [{ ...shirt, quantity }];
    const shipments = [sent('1', null, units), sent('7', null, 1)];
    expect(unitsToSend(aSubject({ items, shipments }))).toEqual(expected);
  });

  it.each(['closed', 'canceled'] as const)('are none in a %s folder', (folder) => {
    expect(unitsToSend(aSubject({ items: [shirt] }, folder))).toEqual([]);
  });
});

describe('without stock', () => {
  it.each([
    [5, 5, false],
    [5, 4.5, true],
    [0.5, 0.5, false],
    [1, 0, true],
    [1, -3, true],
    [1, null, true],
    [1, undefined, false],
  ])('%s to be sent, stock %s: reported %s', (units, held, isReported) => {
    const stock = new Map(held === undefined ? [] : [['shirt', held]]);
    expect(withoutStock([{ code: 'SHIRT', units }], stock) !== undefined).toBe(isReported);
  });

  it('names the codes with what is needed and what is there, and counts what would be too long', () => {
    const stock = new Map<string, number | null>([
      ['shirt', 2],
      ['mug', null],
      ['cap', 4],
    ]);
    const needs = ['SHIRT', 'CAP', 'MUG'].map((code, index) => ({ code, units: 5 - index }));
    expect(withoutStock(needs, stock)).toBe(
      'To be sent: "SHIRT" needs 5, stock 2; "MUG" is not in the inventory; threshold: stock for this order alone, other orders not counted.',
    );
    const many = Array.from({ length: 8 }, (_, index) => ({ code: `C${index}`, units: 1 }));
    expect(withoutStock(many, new Map(many.map(({ code }) => [code.toLowerCase(), 0])))).toContain(
      '"C4" needs 1, stock 0 and 3 more;',
    );
  });
});
