/** Answers of Order Desk that are not what they seem: in part, in another order, or too large. */
import { describe, expect, it } from 'vitest';
import type { Order, OrderPage, OrderQuery, StoreGateway } from '../../../src/orderdesk/port.js';
import { listOrdersTool } from '../../../src/tools/list-orders.js';
import { sourceOf as sourceOfStore } from '../../../src/tools/order-source.js';
import { summarizeOrdersTool } from '../../../src/tools/summarize-orders.js';
import { gatewayOf, InMemoryStore } from './support/gateway.js';
import { aView } from './support/orders.js';
import { aCall, aStoreEntry, call, toolDeps } from './support/ports.js';
import { orderAt, tooLarge } from './support/scan.js';

const RANGE = { added_from: '2026-01-01T00:00:00Z', added_to: '2026-01-02T00:00:00Z' };

const priced = (id: number, order: number): Order =>
  orderAt(id, id, { totals: { ...aView().totals, order: String(order) } });

/** @param change what becomes of the answer to the nth query */
function gatewayThat(
  store: InMemoryStore,
  change: (page: OrderPage, nth: number, query: OrderQuery) => OrderPage,
): StoreGateway {
  return {
    ...gatewayOf(store),
    listOrders: async (_entry, query) => change(store.list(query), store.queries.length, query),
  };
}

function storeOf(count: number, second?: number): InMemoryStore {
  const store = new InMemoryStore();
  store.put(...Array.from({ length: count }, (_, index) => orderAt(index + 1, second ?? index + 1)));
  return store;
}

describe('an answer that does not agree with its own count', () => {
  it('ends a scan as incomplete when it has no orders', async () => {
    const gateway = gatewayThat(storeOf(300), (page, nth) => (nth === 2 ? { ...page, orders: [] } : page));
    const { data } = await call(summarizeOrdersTool(toolDeps(gateway), 'bound'), RANGE);
    expect(data.coverage).toMatchObject({ scanned: 99, total: 300, complete: false });
  });

  it('is no last page of a list', async () => {
    const gateway = gatewayThat(storeOf(300), (page, nth) => (nth === 2 ? { ...page, orders: [] } : page));
    const tool = listOrdersTool(toolDeps(gateway), 'bound');
    const { data } = await call(tool, { limit: 20 });
    await expect(call(tool, { limit: 20, cursor: data.next_cursor })).rejects.toMatchObject({
      code: 'upstream_malformed',
      field: 'total_records',
    });
  });

  it('is refused when it is full and counts less than it holds', async () => {
    const gateway = gatewayThat(storeOf(300), (page) => ({ ...page, total: 0 }));
    await expect(call(summarizeOrdersTool(toolDeps(gateway), 'bound'), RANGE)).rejects.toMatchObject({
      code: 'upstream_malformed',
    });
  });

  it('is taken where it counts less but is plainly whole', async () => {
    const gateway = gatewayThat(storeOf(30), (page) => ({ ...page, total: page.total - 1 }));
    const { data } = await call(summarizeOrdersTool(toolDeps(gateway), 'bound'), RANGE);
    expect(data.coverage).toMatchObject({ scanned: 30, complete: true });
  });

  it('is none where it begins beyond what is left', async () => {
    const source = sourceOfStore(gatewayOf(storeOf(5)), aStoreEntry(), aCall());
    expect(await source.list({ limit: 10, offset: 5 })).toMatchObject({ orders: [], total: 5 });
  });
});

describe('a list sorted by the total', () => {
  it('says so when Order Desk ignored that, though one order was asked for', async () => {
    const store = new InMemoryStore();
    store.put(...Array.from({ length: 50 }, (_, index) => priced(index + 1, 1000 - index)));
    const { data } = await call(listOrdersTool(toolDeps(gatewayOf(store)), 'bound'), {
      sort_by: 'order_total',
      limit: 1,
    });
    expect(data).toMatchObject({ returned: 1, total: 50 });
    expect(data.remarks).toContain('Order Desk did not sort by order_total.');
  });

  it('is sorted here where one answer holds all', async () => {
    const store = new InMemoryStore();
    store.put(...[9.5, 10, 1].map((total, index) => priced(index + 1, total)));
    const tool = listOrdersTool(toolDeps(gatewayOf(store)), 'bound');
    const { data } = await call(tool, { sort_by: 'order_total', limit: 2 });
    expect(data.rows.map(({ id }: { id: string }) => id)).toEqual(['2', '1']);
    expect(data.remarks).toEqual([expect.stringContaining('can be paged')]);
  });

  it('asks for no more than its page where more would be too large', async () => {
    const store = new InMemoryStore();
    store.put(...Array.from({ length: 50 }, (_, index) => priced(index + 1, index)));
    const gateway = gatewayThat(store, (page, _nth, { limit }) => {
      if (limit > 10) throw tooLarge();
      return page;
    });
    const { data } = await call(listOrdersTool(toolDeps(gateway), 'bound'), {
      sort_by: 'order_total',
      limit: 5,
    });
    expect([data.returned, store.queries.map(({ limit }) => limit)]).toEqual([5, [25, 5]]);
  });

  it('does not ask for ever for the place that the end of a range took', async () => {
    const store = new InMemoryStore({ endIncluded: true, ties: 'stable' });
    store.put(...Array.from({ length: 49 }, (_, index) => priced(index + 1, index)));
    store.put(orderAt(99, 50, { updatedAt: '2026-12-01T00:00:00Z' }));
    const gateway = gatewayThat(store, (page, _nth, { limit }) => {
      if (limit > 10) throw tooLarge();
      return page;
    });
    const { data } = await call(listOrdersTool(toolDeps(gateway), 'bound'), {
      sort_by: 'date_updated',
      added_to: orderAt(99, 50).view.addedAt,
      limit: 5,
    });
    expect(data.returned).toBe(4);
    expect(store.queries.map(({ limit }) => limit)).toEqual([25, 5, 1]);
  });
});

describe('a crowded second whose orders are heavy', () => {
  it('is read in smaller parts for a list', async () => {
    const gateway = gatewayThat(storeOf(200, 5), (page) => {
      if (page.orders.length > 40) throw tooLarge();
      return page;
    });
    const { data } = await call(listOrdersTool(toolDeps(gateway), 'bound'), { limit: 1 });
    expect(data).toMatchObject({ returned: 1, total: 200 });
    expect(data.next_cursor).not.toBeNull();
  });
});
