import { describe, expect, it } from 'vitest';
import { duplicates, type Numbered } from '../../../../src/orders/exceptions/duplicates.js';

const order = (
  id: string,
  sourceId: string | null,
  sourceName: string | null = 'Shopify',
  day = 1,
): Numbered => ({
  id,
  sourceId,
  sourceName,
  addedAt: `2026-01-0${day}T10:00:00Z`,
});
const idsOf = (orders: readonly Numbered[]) => duplicates(orders).map((found) => found.order.id);

describe('orders that share a number', () => {
  it('are those of one channel with the same number, the first of them excepted', () => {
    expect(idsOf([order('1', '#7'), order('2', '#8')])).toEqual([]);
    expect(idsOf([order('1', '#7'), order('2', '#7')])).toEqual(['2']);
    expect(idsOf([order('1', '#7'), order('2', '#7', 'Etsy'), order('3', '#7', null)])).toEqual([]);
    expect(idsOf([order('1', '#7'), order('2', ' #7 '), order('3', '#7')])).toEqual(['2', '3']);
    expect(idsOf([order('1', 'a-７'), order('2', 'A-7', 'shopify ')])).toEqual(['2']);
    expect(idsOf([order('1', '#7', null), order('2', '#7', ' ')])).toEqual(['2']);
  });

  it('are not those without a number', () => {
    expect(idsOf([order('1', null), order('2', null), order('3', ' '), order('4', '')])).toEqual([]);
  });

  it('have one first, whichever way they are read: the one added first, then the lower id', () => {
    const [late, early, twin] = [
      order('9', 'n', 'Etsy', 2),
      order('10', 'n', 'Etsy'),
      order('11', 'n', 'Etsy'),
    ];
    expect(idsOf([late, twin, early])).toEqual(['11', '9']);
    expect(idsOf([early, late, twin])).toEqual(['11', '9']);
    expect(duplicates([late, twin, early])[0]?.rule).toBe(
      'Same source_id and source_name as order "10" added 2026-01-01T10:00:00Z; 3 orders of the range share them, ' +
        'threshold 2. A second import, a copy or a split: Order Desk does not tell them apart, their items do.',
    );
  });

  it('are told apart where number and channel only look alike when written in a row', () => {
    expect(idsOf([order('1', 'a","b', 'c'), order('2', 'a', 'b","c')])).toEqual([]);
  });
});
