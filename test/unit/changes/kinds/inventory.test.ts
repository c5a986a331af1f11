import { describe, expect, it } from 'vitest';
import { codeLists, seenItem, withCode } from '../../../../src/changes/kinds/inventory-items.js';
import { mergeLine } from '../../../../src/changes/kinds/inventory-merge.js';
import { inventoryUpdate } from '../../../../src/changes/kinds/inventory-update.js';
import { parseInventoryPage } from '../../../../src/orderdesk/parse/inventory.js';
import type { InventoryItem } from '../../../../src/orderdesk/port.js';

function item(change: Readonly<Record<string, unknown>> = {}): InventoryItem {
  const raw = { id: 1, name: 'Cap', code: 'CAP', price: 2, stock: 5, update_source: 'Manual', ...change };
  const [found] = parseInventoryPage({ inventory_items: [raw] }).items;
  if (found === undefined) throw new Error('No item can be read.');
  return found;
}

describe('codes', () => {
  it('are asked for once each, without those that cannot be asked for', () => {
    expect(codeLists([' A', 'a ', 'B,C', ' ', 'D'])).toEqual([['a', 'D']]);
  });

  it('are asked for even where half a letter was cut off', () => {
    expect(codeLists(['A \ud83d'])).toEqual([['A \ud83d']]);
  });

  it('are asked for in lists that fit into an address', () => {
    const short = Array.from({ length: 101 }, (_none, at) => `S${at}`);
    expect(codeLists(short).map(({ length }) => length)).toEqual([100, 1]);
    const long = Array.from({ length: 10 }, (_none, at) => `${at}${'ß'.repeat(200)}`);
    const lists = codeLists(long);
    expect(lists.flat()).toEqual(long);
    expect(Math.max(...lists.map((list) => encodeURIComponent(list.join(',')).length))).toBeLessThan(6_001);
    const lines = long.map((code) => ({ code, adjustStockBy: 1 }));
    expect(inventoryUpdate.calls({ lines })).toBe(lists.length * 2 + 1);
  });

  it('mean the item that is written just so, and none where several are merely alike', () => {
    const items = [item({ id: 1, code: 'Cap' }), item({ id: 2, code: 'CAP' }), item({ id: 3, code: 'hat' })];
    const idsOf = (code: string) => withCode(items, code).map(({ view }) => view.id);
    expect(idsOf('CAP ')).toEqual(['2']);
    expect(idsOf('cap')).toEqual(['1', '2']);
    expect(idsOf('HAT')).toEqual(['3']);
    expect(idsOf('other')).toEqual([]);
  });
});

describe('an adjustment of the stock', () => {
  const adjust = (stock: unknown, adjustStockBy: number, expectedStock?: string) =>
    mergeLine({ code: 'CAP', adjustStockBy, expectedStock }, item({ stock }), 0, 'me');

  it.each([
    [5, -7, -2],
    ['5', 1, 6],
    ['0.30', 1, 1.3],
    [-3, 3, 0],
  ])('of %s by %s gives %s', (stock, by, after) => {
    const { line, record } = adjust(stock, by);
    expect(line).toMatchObject({ outcome: 'applied', fields: [{ path: ['stock'], before: stock, after }] });
    expect(record).toMatchObject({
      id: 1,
      name: 'Cap',
      price: 2,
      stock: after,
      update_source: 'me',
    });
  });

  it.each([['unlimited'], [null], [undefined]])('of a stock that is no number (%s) fails', (stock) => {
    expect(adjust(stock, 1)).toMatchObject({ line: { outcome: 'failed', fields: [] } });
    expect(adjust(stock, 1, '5').line.message).toContain('not a number');
  });

  it('by nothing sends nothing', () => {
    expect(adjust(5, 0)).toEqual({
      line: { target: { kind: 'inventory', id: '1', name: 'CAP' }, outcome: 'already', fields: [] },
    });
  });

  it('is held to the stock that was expected, as a number', () => {
    expect(adjust('5.00', 1, '5').line.outcome).toBe('applied');
    expect(adjust(5, 1, '5.5').line).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('5 now'),
    });
  });
});

describe('other fields', () => {
  it('leave a name for who wrote it to the caller', () => {
    const { record } = mergeLine(
      { code: 'CAP', set: { update_source: 'Warehouse', stock: 1 } },
      item(),
      0,
      'me',
    );
    expect(record?.update_source).toBe('Warehouse');
  });

  it('are restored where they are as the change left them, however Order Desk writes them now', () => {
    const fields = [
      { path: ['price'], before: 2, after: 3 },
      { path: ['location'], after: 'Bin' },
    ];
    const undone = mergeLine({ id: '1', fields }, item({ price: '3', location: 'Bin' }), 0, 'me');
    expect(undone.record).toMatchObject({ price: 2, update_source: 'me' });
    expect(undone.record?.location ?? '').toBe('');
    expect(mergeLine({ id: '1', fields }, item({ price: 4, location: 'Bin' }), 0, 'me')).toMatchObject({
      line: { outcome: 'failed', message: expect.stringContaining('(price)') },
    });
  });

  it('are not named by keys that others wrote', () => {
    const fields = [{ path: ['metadata', 'Mallory says'], before: 'a', after: 'b' }];
    const { line } = mergeLine({ id: '1', fields }, item({ metadata: { 'Mallory says': 'c' } }), 0, 'me');
    expect(line.message).toContain('(metadata)');
  });
});

describe('what was seen of an item', () => {
  it('is the same until it is changed', () => {
    expect(seenItem(item({ date_updated: '2026-01-01 00:00:00' }))).toBe(seenItem(item()));
    expect(seenItem(item({ stock: 4 }))).not.toBe(seenItem(item()));
  });
});
