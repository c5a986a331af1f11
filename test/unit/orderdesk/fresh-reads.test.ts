import { describe, expect, it } from 'vitest';
import type { UpstreamCall, UpstreamReply } from '../../../src/orderdesk/call.js';
import { createFreshReads } from '../../../src/orderdesk/fresh-reads.js';
import { orderRecord, storeEntry } from './records.js';

const ctx = {
  signal: new AbortController().signal,
  deadlineAt: 5_000,
  principal: { kid: 'kid0000001' },
  priority: 'background',
} as const;
const store = storeEntry();

function against(body: UpstreamReply['body'], inexact?: readonly string[]) {
  const calls: UpstreamCall[] = [];
  const reads = createFreshReads(async (call) => {
    calls.push(call);
    return { body, tookMs: 7, tokensRemaining: undefined, ...(inexact === undefined ? {} : { inexact }) };
  });
  return { reads, calls };
}

const itemOf = (change: Record<string, unknown> = {}) => ({
  id: 5,
  name: 'Bubble Gum',
  code: 'GUM-1',
  price: 2,
  stock: 20,
  ...change,
});

describe('an order that is read for writing', () => {
  it('is asked for each time, by the deadline, the lane and the priority of the call', async () => {
    const { reads, calls } = against({ order: orderRecord() });
    await Promise.all([reads.order(store, '26211', ctx), reads.order(store, '26211', ctx)]);
    expect(calls).toHaveLength(2);
    expect(calls[0]).toEqual({
      method: 'GET',
      route: '/orders/{id}',
      ids: ['26211'],
      exactNumbers: true,
      account: { kind: 'kept', store },
      signal: ctx.signal,
      deadlineAt: 5_000,
      lane: 'kid0000001',
      priority: 'background',
    });
  });

  it('has its history where that is wanted', async () => {
    const { reads, calls } = against({ order: orderRecord() });
    await reads.order(store, '26211', ctx, { history: true });
    expect(calls[0]?.query?.toString()).toBe('get_order_history=1');
  });

  it('is refused by the path of a number that would come back changed', async () => {
    const { reads } = against({ order: orderRecord() }, ['execution_time', 'order.order_metadata.big_id']);
    await expect(reads.order(store, '26211', ctx)).rejects.toMatchObject({
      code: 'upstream_malformed',
      field: 'order.order_metadata.big_id',
      hint: expect.stringContaining('Order Desk itself'),
    });
  });

  it('is not refused for a number of the envelope, nor where its reader is lenient', async () => {
    const { reads } = against({ order: orderRecord() }, ['server_time']);
    expect((await reads.order(store, '26211', ctx)).view.id).toBe('26211');
    const lenient = against({ order: orderRecord() });
    await lenient.reads.order(store, '26211', ctx, { lenient: true });
    expect(lenient.calls[0]).not.toHaveProperty('exactNumbers');
  });

  it.each([[null], [false], [[]]])('is not found where Order Desk answers %j', async (order) => {
    const { reads } = against({ order });
    await expect(reads.order(store, '26211', ctx)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is another than was asked for: the answer is refused', async () => {
    const { reads } = against({ order: orderRecord({ id: '1' }) });
    await expect(reads.order(store, '26211', ctx)).rejects.toMatchObject({
      code: 'upstream_malformed',
      field: 'order.id',
    });
  });

  it('is not asked for by what is no id', async () => {
    const { reads, calls } = against({});
    await expect(reads.order(store, '5/order-items', ctx)).rejects.toMatchObject({ code: 'not_found' });
    await expect(reads.inventoryItem(store, '', ctx)).rejects.toMatchObject({ code: 'not_found' });
    expect(calls).toEqual([]);
  });
});

describe('orders that are searched for writing', () => {
  it('come as a page, by the filters that were given', async () => {
    const { reads, calls } = against({ orders: [orderRecord()], total_records: 1 });
    const page = await reads.orders(store, { sourceId: '412218073', limit: 10 }, ctx);
    expect(page).toMatchObject({ total: 1, offset: 0, tookMs: 7, unreadable: [] });
    expect(page.orders.map(({ view }) => view.id)).toEqual(['26211']);
    expect(calls[0]?.query?.toString()).toBe('source_id=412218073&limit=10&offset=0');
    expect(calls[0]).not.toHaveProperty('exactNumbers');
  });
});

describe('inventory items that are read for writing', () => {
  const list = [itemOf(), itemOf({ id: 6, code: 'GUM-10' }), 'nonsense', itemOf({ id: 7, code: ' gum-2 ' })];

  it('are those with the codes asked for, whatever else comes along', async () => {
    const { reads, calls } = against({ inventory_items: list });
    const items = await reads.inventoryByCodes(store, ['gum-1', 'GUM-2'], ctx);
    expect(items.map(({ view }) => view.id)).toEqual(['5', '7']);
    expect(items[0]?.raw).toBe(list[0]);
    expect(calls[0]?.query?.get('code')).toBe('gum-1,GUM-2');
  });

  it('are refused for their own numbers, not for those of their neighbours', async () => {
    const { reads } = against({ inventory_items: list }, ['inventory_items.1.metadata.big']);
    expect(await reads.inventoryByCodes(store, ['GUM-1'], ctx)).toHaveLength(1);
    await expect(reads.inventoryByCodes(store, ['GUM-10'], ctx)).rejects.toMatchObject({
      code: 'upstream_malformed',
      field: 'inventory_items.1.metadata.big',
    });
  });

  it('are not passed over where they make no sense', async () => {
    const { reads } = against({ inventory_items: [itemOf({ price: 'cheap' })] });
    await expect(reads.inventoryByCodes(store, ['GUM-1'], ctx)).rejects.toMatchObject({
      code: 'upstream_malformed',
      field: 'inventory_items.0.price',
    });
  });

  it('are none where the list is empty, and a damaged answer where there is no list', async () => {
    expect(await against({ inventory_items: [] }).reads.inventoryByCodes(store, ['A'], ctx)).toEqual([]);
    await expect(against({}).reads.inventoryByCodes(store, ['A'], ctx)).rejects.toMatchObject({
      code: 'upstream_malformed',
      field: 'inventory_items',
    });
  });

  it('are one where the id is known', async () => {
    const { reads, calls } = against({ inventory_item: itemOf() }, ['inventory_item.stock']);
    await expect(reads.inventoryItem(store, '5', ctx)).rejects.toMatchObject({
      field: 'inventory_item.stock',
    });
    expect(calls[0]).toMatchObject({ route: '/inventory-items/{id}', ids: ['5'], exactNumbers: true });
    const none = against({ inventory_item: [] });
    await expect(none.reads.inventoryItem(store, '5', ctx)).rejects.toMatchObject({ code: 'not_found' });
  });
});
