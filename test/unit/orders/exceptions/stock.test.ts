import { describe, expect, it } from 'vitest';
import { codesOf, unitsToSend, withoutStock } from '../../../../src/orders/exceptions/stock.js';
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
      { code: 'SHIRT', shown: 'SHIRT', units: 5 },
      { code: 'MUG', shown: 'MUG', units: 1 },
    ]);
  });

  it.each([
    ['an item by its id', [sent('2', null, 1)], ['SHIRT 2']],
    ['an item by its code, in any spelling', [sent(null, 'shirt ', 2)], ['MUG 1']],
    ['some units', [sent('1', 'SHIRT', 1)], ['SHIRT 1', 'MUG 1']],
    ['units in several parcels', [sent('1', null, 1), sent(null, 'SHIRT', 1)], ['MUG 1']],
    ['more than was ordered, which covers no other item', [sent('1', null, 9)], ['MUG 1']],
    ['an item by its code, where the id is of no item', [sent('0', 'shirt', 2)], ['MUG 1']],
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
      { code: 'SHIRT', shown: 'SHIRT', units: 1 },
    ]);
    expect(unitsToSend(aSubject({ items, shipments: [sent('1', 'SHIRT', 1)] }))).toEqual([
      { code: 'SHIRT', shown: 'SHIRT', units: 1 },
    ]);
  });

  it.each([
    [0, 0, []],
    [-2, 0, []],
    [2.5, 1, [1.5]],
    // In binary fractions 0.3 - 0.1 is not 0.2.
    [0.3, 0.1, [0.2]],
  ])('of a quantity of %s with %s sent', (quantity, units, expected) => {
    const items = [{ ...shirt, quantity }];
    const shipments = [sent('1', null, units), sent('7', null, 1)];
    expect(unitsToSend(aSubject({ items, shipments })).map(({ units }) => units)).toEqual(expected);
  });

  it.each(['closed', 'canceled'] as const)('are none in a %s folder', (folder) => {
    expect(unitsToSend(aSubject({ items: [shirt] }, folder))).toEqual([]);
  });

  it.each(['Fully Refunded', 'fully refunded '])('are none of an order that is %s', (paymentStatus) => {
    expect(unitsToSend(aSubject({ items: [shirt], paymentStatus }))).toEqual([]);
    expect(unitsToSend(aSubject({ items: [shirt], paymentStatus: 'Partially Refunded' }))).toHaveLength(1);
  });

  it('are none of goods for a day to come, which need no stock yet', () => {
    const items = [shirt, { ...mug, deliveryType: 'Future' }];
    expect(unitsToSend(aSubject({ items })).map(({ code }) => code)).toEqual(['SHIRT']);
  });

  it('name their codes as the caller may see them, and hide one that any order hides', () => {
    const needs = unitsToSend(aSubject({ items: [shirt, mug] }), [shirt, { ...mug, code: '[masked]' }]);
    expect(needs).toEqual([
      { code: 'SHIRT', shown: 'SHIRT', units: 2 },
      { code: 'MUG', shown: '[masked]', units: 1 },
    ]);
    const open = { code: 'MUG', shown: 'MUG', units: 1 };
    expect(codesOf([open, ...needs, open])).toEqual([
      { code: 'MUG', shown: '[masked]' },
      { code: 'SHIRT', shown: 'SHIRT' },
    ]);
  });
});

describe('without stock', () => {
  const need = (code: string, units: number) => ({ code, shown: code, units });
  const stockOf = (byCode: Record<string, number | null>, followsSales: boolean | null = false) => ({
    byCode: new Map(Object.entries(byCode)),
    followsSales,
  });

  it.each([
    [5, 5, false],
    [5, 4.5, true],
    [0.5, 0.5, false],
    [1, 0, true],
    [1, -3, true],
    [1, null, true],
    [1, undefined, false],
  ])('%s to be sent, stock %s: reported %s', (units, held, isReported) => {
    const stock = stockOf(held === undefined ? {} : { shirt: held });
    expect(withoutStock([need('SHIRT', units)], stock) !== undefined).toBe(isReported);
  });

  it.each([
    [true, 'takes'],
    [null, 'may take'],
  ])('only what is below 0 is short where the stock follows sales: %s', (followsSales, verb) => {
    const rule = (held: number | null) =>
      withoutStock([need('SHIRT', 5)], stockOf({ shirt: held }, followsSales));
    expect(rule(4)).toBeUndefined();
    expect(rule(0)).toBeUndefined();
    expect(rule(-0.5)).toBe(
      `To be sent: "SHIRT" needs 5, stock -0.5; threshold: stock below 0, for Order Desk ${verb} orders off the stock when they come.`,
    );
    expect(rule(null)).toContain('"SHIRT" is not in the inventory;');
  });

  it('is told of the code as the caller may see it', () => {
    const rule = withoutStock([{ ...need('MUG-JANE', 1), shown: '[masked]' }], stockOf({ 'mug-jane': 0 }));
    expect(rule).toMatch(/^To be sent: "\[masked\]" needs 1, stock 0;/);
  });

  it('names the codes with what is needed and what is there, and counts what would be too long', () => {
    const needs = ['SHIRT', 'CAP', 'MUG'].map((code, index) => need(code, 5 - index));
    expect(withoutStock(needs, stockOf({ shirt: 2, mug: null, cap: 4 }))).toBe(
      'To be sent: "SHIRT" needs 5, stock 2; "MUG" is not in the inventory; threshold: stock for this order alone, other orders not counted.',
    );
    const many = Array.from({ length: 8 }, (_, index) => need(`C${index}`, 1));
    const none = stockOf(Object.fromEntries(many.map(({ code }) => [code.toLowerCase(), 0])));
    expect(withoutStock(many, none)).toContain('"C4" needs 1, stock 0 and 3 more;');
  });
});
