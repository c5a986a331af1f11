/** What changes say: of fields that are set without knowing what they held, and of what is deleted. */
import { describe, expect, it } from 'vitest';
import type { Surroundings } from '../../../../src/changes/change-type.js';
import { inventoryDelete } from '../../../../src/changes/kinds/inventory-delete.js';
import { orderUpdate } from '../../../../src/changes/kinds/order-update.js';
import { parseInventoryPage } from '../../../../src/orderdesk/parse/inventory.js';
import { parseOrder } from '../../../../src/orderdesk/parse/order.js';
import { orderVersion } from '../../../../src/orders/version.js';
import { orderRecord, storeEntry } from '../../orderdesk/records.js';

const ITEM = {
  id: 1,
  name: 'Cap',
  code: 'CAP',
  stock: 0,
  price: '0.00',
  location: '',
  cost: null,
  variation_list: [],
};
const order = parseOrder(orderRecord({ id: '7' }), 'order');

function item() {
  const [found] = parseInventoryPage({ inventory_items: [ITEM] }).items;
  if (found === undefined) throw new Error('No item can be read.');
  return found;
}

function around(change: Partial<Surroundings> = {}): Surroundings {
  const unused = async (): Promise<never> => {
    throw new Error('not read here');
  };
  return {
    store: storeEntry(),
    storeView: unused,
    reads: {
      order: async () => order,
      orders: unused,
      inventoryByCodes: unused,
      inventoryItem: async () => item(),
    },
    ctx: { signal: new AbortController().signal },
    changeId: 'the-change',
    now: () => new Date('2026-01-08T12:00:00Z'),
    ...change,
  };
}

const remarksOf = async (patch: object, change: Partial<Surroundings> = {}, expectedVersion?: string) => {
  const intent = { orderId: '7', patch: { ...patch }, expectedVersion };
  return (await orderUpdate.plan(intent, around(change), new Map())).remarks;
};

describe('an update without an expected version', () => {
  it('says what was overwritten, a dry run what would be', async () => {
    const patch = { email: 'bea@example.com' };
    const [done] = await remarksOf(patch);
    expect(done).toContain('was overwritten');
    // The call that confirms a dry run reads as that did, and sends.
    expect(await remarksOf(patch, { previewed: true })).toEqual([done]);
    const foretold = await remarksOf(patch, { previewed: true, dryRun: true });
    expect(foretold).toEqual([expect.stringContaining('would be overwritten')]);
  });

  it.each([
    ['appends notes alone', { order_notes: ['Call her'] }, undefined],
    ['names the version', { email: 'bea@example.com' }, orderVersion(order.raw)],
  ])('says no such thing of one that %s', async (_what, patch, version) => {
    expect(await remarksOf(patch, {}, version)).toEqual([]);
    expect(await remarksOf(patch, { dryRun: true }, version)).toEqual([]);
  });
});

describe('an inventory item that is deleted', () => {
  it('shows what holds anything, and is kept whole', async () => {
    const { lines, records } = await inventoryDelete.plan({ id: '1' }, around(), new Map());
    expect(lines[0]?.fields.map(({ path }) => path[0])).toEqual(['id', 'name', 'code', 'stock', 'price']);
    expect(records).toEqual({ '1': ITEM });
  });
});
