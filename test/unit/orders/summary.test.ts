import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderView } from '../../../src/orderdesk/views.js';
import { UTC } from '../../../src/orders/dates.js';
import { GROUPINGS, type Grouping, OrderSummary, type SummaryOptions } from '../../../src/orders/summary.js';
import { foldGroups, money, orderNumbers } from '../../../src/orders/summary-answer.js';
import { anItem, aView } from '../tools/support/orders.js';

const totals = (order: string, change: Partial<OrderView['totals']> = {}): OrderView['totals'] => ({
  ...aView().totals,
  order,
  ...change,
});

function summaryOf(views: readonly OrderView[], change: Partial<SummaryOptions> = {}): OrderSummary {
  const summary = new OrderSummary({
    grouping: undefined,
    zone: UTC,
    folderName: () => null,
    isCanceled: (id) => id === '3',
    maxGroups: 10_000,
    ...change,
  });
  for (const view of views) summary.add(view);
  return summary;
}

const folded = (summary: OrderSummary, grouping: Grouping, top = 100, room = 100_000) =>
  foldGroups(summary.grouped(), grouping, top, room);

describe('a summary', () => {
  it('adds every figure up', () => {
    const view = aView({
      totals: totals('22.17', { shipping: '11.17', tax: '1.2', discount: '1.7', refund: '5', quantity: 2 }),
    });
    expect(orderNumbers(summaryOf([view, view, view]).totals)).toEqual({
      orders: 3,
      units: '6',
      revenue: '66.51',
      average: '22.17',
      shipping: '33.51',
      tax: '3.60',
      discount: '5.10',
      refunds: '15.00',
    });
  });

  it('of no orders is zero, with no average', () => {
    expect(orderNumbers(summaryOf([]).totals)).toMatchObject({ orders: 0, revenue: '0.00', average: null });
  });

  it('counts canceled orders apart, in no group', () => {
    const views = [aView({ totals: totals('10') }), aView({ folderId: '3', totals: totals('99.5') })];
    const summary = summaryOf(views, { grouping: 'folder' });
    expect(orderNumbers(summary.totals)).toMatchObject({ orders: 1, revenue: '10.00' });
    expect(summary.canceled.orders).toBe(1);
    expect(money(summary.canceled.revenue)).toBe('99.50');
    expect(folded(summary, 'folder').rows.map(({ key }) => key)).toEqual(['1']);
  });

  it('counts what is no plausible amount, and leaves that order out of everything', () => {
    const views = [
      aView({ totals: totals('1') }),
      aView({ totals: totals('9'.repeat(40)) }),
      aView({ totals: totals('1', { tax: `0.${'1'.repeat(300)}` }) }),
      aView({ totals: totals('1', { quantity: 1e300 }) }),
    ];
    const summary = summaryOf(views, { grouping: 'source' });
    expect(summary.unreadable).toBe(3);
    expect(folded(summary, 'source').rows).toMatchObject([{ orders: 1, revenue: '1.00' }]);
  });

  it('is the same however it is grouped: an item that cannot be read is missing in its group alone', () => {
    const views = [
      aView({
        totals: totals('7'),
        items: [
          anItem({ code: 'A', price: '2', quantity: 3 }),
          anItem({ code: 'A', price: '1'.repeat(31) }),
          anItem({ code: 'B', quantity: 1e300 }),
        ],
      }),
    ];
    for (const grouping of GROUPINGS) {
      const summary = summaryOf(views, { grouping });
      expect(orderNumbers(summary.totals)).toMatchObject({ orders: 1, units: '2', revenue: '7.00' });
      expect(summary).toMatchObject({ unreadable: 0, unreadableItems: grouping === 'sku' ? 2 : 0 });
    }
    expect(folded(summaryOf(views, { grouping: 'sku' }), 'sku').rows).toEqual([
      { key: 'A', units: '3', item_total: '6.00' },
    ]);
  });

  it('by SKU has units and price times quantity, lines of one order together', () => {
    const items = [
      anItem({ code: 'A', price: '5.5', quantity: 2 }),
      anItem({ code: 'A', price: '0.1', quantity: 3 }),
      anItem({ code: null, price: '20', quantity: 1 }),
    ];
    const summary = summaryOf([aView({ items }), aView({ items })], { grouping: 'sku' });
    expect(folded(summary, 'sku')).toEqual({
      rows: [
        { key: null, units: '2', item_total: '40.00' },
        { key: 'A', units: '10', item_total: '22.60' },
      ],
      other: undefined,
      trimmed: false,
    });
  });
});

describe('the groups', () => {
  const sources = (amounts: Readonly<Record<string, string>>) =>
    Object.entries(amounts).map(([sourceName, order]) => aView({ sourceName, totals: totals(order) }));

  it('come with the largest revenue first, equal ones by name', () => {
    const summary = summaryOf(sources({ b: '9.9', a: '9.90', c: '10', d: '-1' }), { grouping: 'source' });
    expect(folded(summary, 'source').rows.map(({ key }) => key)).toEqual(['c', 'a', 'b', 'd']);
  });

  it('come with the latest first where they are periods', () => {
    const views = ['2026-01-31', '2026-02-02', '2025-12-31'].map((day, index) =>
      aView({ addedAt: `${day}T10:00:00Z`, totals: totals(String(index)) }),
    );
    const keys = folded(summaryOf(views, { grouping: 'month' }), 'month').rows.map(({ key }) => key);
    expect(keys).toEqual(['2026-02', '2026-01', '2025-12']);
  });

  it('beyond those asked for are one, counted', () => {
    const summary = summaryOf(sources({ a: '4', b: '3', c: '2', d: '1' }), { grouping: 'source' });
    const { rows, other, trimmed } = folded(summary, 'source', 2);
    expect(rows.map(({ key }) => key)).toEqual(['a', 'b']);
    expect(other).toMatchObject({ groups: 2, orders: 2, revenue: '3.00', average: '1.50' });
    expect(trimmed).toBe(false);
  });

  it('that do not fit beside the other one are in it, too', () => {
    const summary = summaryOf(sources({ a: '4', b: '3', c: '2' }), { grouping: 'source' });
    const answer = (room: number) => folded(summary, 'source', 3, room);
    const whole = JSON.stringify(answer(100_000).rows).length - 1;
    expect(answer(whole)).toMatchObject({ rows: [{ key: 'a' }, { key: 'b' }, { key: 'c' }], trimmed: false });
    const { rows, other, trimmed } = answer(whole - 1);
    expect(rows).toMatchObject([{ key: 'a' }]);
    expect(other).toMatchObject({ groups: 2, revenue: '5.00' });
    expect(trimmed).toBe(true);
    expect(JSON.stringify(rows).length + JSON.stringify({ other }).length).toBeLessThanOrEqual(whole);
  });

  it('are kept up to a number; what is met later is summed, though not told apart', () => {
    const summary = summaryOf(sources({ a: '1', b: '2', c: '30', d: '40' }), {
      grouping: 'source',
      maxGroups: 2,
    });
    for (const view of sources({ a: '5' })) summary.add(view);
    const { rows, other } = folded(summary, 'source');
    expect(rows).toMatchObject([
      { key: 'a', orders: 2, revenue: '6.00' },
      { key: 'b', revenue: '2.00' },
    ]);
    expect(other).toMatchObject({ groups: 0, orders: 2, revenue: '70.00' });
  });

  it('are so small that ten answers have room, whatever the amounts are', () => {
    const mixed = (order: string) =>
      aView({
        sourceName: order,
        totals: totals(order, { shipping: order, tax: order, discount: order, refund: order }),
        items: [anItem({ code: order, price: order, quantity: -1.2345678901234e-5 })],
      });
    const views = [`-${'9'.repeat(11)}.${'9'.repeat(11)}`, '9'.repeat(24), `.${'9'.repeat(23)}`].map(mixed);
    for (const grouping of ['source', 'sku'] as const) {
      const summary = summaryOf(Array.from({ length: 300 }, () => views).flat(), { grouping });
      expect(summary.totals.orders).toBe(900);
      const { other } = folded(summary, grouping, 0);
      expect(JSON.stringify({ other }).length).toBeLessThan(500);
    }
  });
});

describe('nothing is lost', () => {
  /** Whole cents: what these sums are held against needs no decimals. */
  const order = fc.record({
    cents: fc.integer({ min: -5_000, max: 100_000 }),
    units: fc.integer({ min: 0, max: 9 }),
    source: fc.constantFrom('Shopify', 'Etsy', 'Amazon', 'eBay', null),
    folder: fc.constantFrom('1', '2', '3', null),
  });

  it('between the rows, the other one and the totals, at any top, room and number of groups', () => {
    const limits = fc.record({
      top: fc.nat(6),
      room: fc.nat(900),
      maxGroups: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(order, { maxLength: 30 }), limits, (orders, { top, room, maxGroups }) => {
        const views = orders.map(({ cents, units, source, folder }) =>
          aView({
            sourceName: source,
            folderId: folder,
            totals: totals(`${cents / 100}`, { quantity: units }),
          }),
        );
        const summary = summaryOf(views, { grouping: 'source', maxGroups });
        const { rows, other } = folded(summary, 'source', top, room);
        const counted = orders.filter(({ folder }) => folder !== '3');
        const shown = [...rows, ...(other === undefined ? [] : [other])];
        const sum = (of: (row: (typeof shown)[number]) => string | number) =>
          shown.reduce((total, row) => total + Math.round(Number(of(row)) * 100), 0);
        const expected = counted.reduce((total, { cents }) => total + cents, 0);
        expect(rows.length).toBeLessThanOrEqual(top);
        expect(sum((row) => ('revenue' in row ? row.revenue : ''))).toBe(expected);
        expect(sum((row) => ('orders' in row ? row.orders : Number.NaN))).toBe(counted.length * 100);
        expect(sum((row) => row.units)).toBe(counted.reduce((total, { units }) => total + units * 100, 0));
        expect(Math.round(Number(money(summary.totals.revenue)) * 100)).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });
});
