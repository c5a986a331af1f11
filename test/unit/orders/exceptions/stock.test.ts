import { describe, expect, it } from 'vitest';
import { codesToSend, withoutStock } from '../../../../src/orders/exceptions/stock.js';
import { anItem, aShipment } from '../../tools/support/orders.js';
import { aSubject } from './support/subjects.js';

const shirt = anItem({ id: '1', code: 'SHIRT', quantity: 2 });
const mug = anItem({ id: '2', code: 'MUG', quantity: 1 });

describe('the codes still to be sent', () => {
  it('are those of goods, each once; a download needs no stock, and an item without a code has none', () => {
    const items = [
      shirt,
      { ...shirt, id: '9' },
      mug,
      anItem({ id: '3', code: 'EBOOK', deliveryType: 'download' }),
      anItem({ id: '4', code: null }),
    ];
    expect(codesToSend(aSubject({ items }))).toEqual(['SHIRT', 'MUG']);
  });

  it('are less what was sent, by id or by code, when all of it was', () => {
    const sent = (id: string | null, code: string | null, quantity: number) => [
      aShipment({ items: [{ id, code, quantity }] }),
    ];
    const items = [shirt, mug];
    expect(codesToSend(aSubject({ items, shipments: sent('2', null, 1) }))).toEqual(['SHIRT']);
    expect(codesToSend(aSubject({ items, shipments: sent(null, 'SHIRT', 2) }))).toEqual(['MUG']);
    expect(codesToSend(aSubject({ items, shipments: sent('1', 'SHIRT', 1) }))).toEqual(['SHIRT', 'MUG']);
    expect(codesToSend(aSubject({ items, shipments: [aShipment()] }))).toEqual([]);
  });

  it.each(['closed', 'canceled'] as const)('are none in a %s folder', (folder) => {
    expect(codesToSend(aSubject({ items: [shirt] }, folder))).toEqual([]);
  });
});

describe('without stock', () => {
  it.each([
    [1, false],
    [0.5, false],
    [0, true],
    [-3, true],
    [null, true],
    [undefined, false],
  ])('stock %s: reported %s', (units, isReported) => {
    const stock = new Map(units === undefined ? [] : [['SHIRT', units]]);
    expect(withoutStock(['SHIRT'], stock) !== undefined).toBe(isReported);
  });

  it('names the codes with their stock, and counts what would be too long', () => {
    const stock = new Map<string, number | null>([
      ['SHIRT', -2],
      ['MUG', null],
      ['CAP', 4],
    ]);
    expect(withoutStock(['SHIRT', 'CAP', 'MUG'], stock)).toBe(
      'To be sent: SHIRT has stock -2, MUG is not in the inventory; threshold: stock above 0.',
    );
    const many = Array.from({ length: 8 }, (_, index) => `C${index}`);
    expect(withoutStock(many, new Map(many.map((code) => [code, 0])))).toContain(
      'C4 has stock 0 and 3 more;',
    );
  });
});
