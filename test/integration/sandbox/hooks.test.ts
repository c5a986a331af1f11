import { afterEach, describe, expect, it } from 'vitest';
import {
  type ApiRequest,
  defaultSandboxStores,
  type Sandbox,
  startSandbox,
} from '../../../src/sandbox/index.js';
import { credentials, NOON, open, store } from './client.js';

const running: Sandbox[] = [];
afterEach(async () => {
  for (const sandbox of running.splice(0)) await sandbox.close();
});

async function opened(options: Parameters<typeof open>[0] = {}) {
  const it = await open(options);
  running.push(it.sandbox);
  return it;
}

describe('somebody else working in the store', () => {
  it('inserts an order, which then is the newest', async () => {
    const { get, first } = await opened();
    const order = first.insertOrder({
      email: 'new@example.com',
      shipping_total: 4.5,
      order_items: [
        { name: 'Mug', code: 'MUG-OAT', price: 16.5, quantity: 2, weight: 0.9 },
        { name: 'Card', price: 0.1 },
      ],
    });
    const { orders } = (await get('/orders?limit=1')).body;
    expect(orders).toEqual([order]);
    expect(order).toMatchObject({
      source_name: 'Order Desk',
      source_id: order.id,
      folder_id: first.folders()[0]?.id,
      date_added: '2026-06-30 12:00:00',
      quantity_total: 3,
      product_total: 33.1,
      order_total: 37.6,
      weight_total: 1.8,
      checkout_data: [],
    });
    expect(new Set(order.order_items.map((item) => item.id)).size).toBe(2);
    expect(() => first.insertOrder({ id: order.id })).toThrow(/exists/);
  });

  it('moves and changes an order, at the time of the clock', async () => {
    let at = NOON;
    const { get, first } = await opened({ now: () => at });
    const [{ id }, folder] = [first.insertOrder({}), first.folders()[2]];
    at += 60_000;
    first.moveOrder(id, folder?.id ?? 0);
    const moved = (await get(`/orders/${id}?get_order_history=1`)).body.order;
    expect(moved).toMatchObject({ folder_id: folder?.id, date_updated: '2026-06-30 12:01:00' });
    expect(moved.order_history.at(-1).note).toContain(folder?.name);

    first.changeOrder(id, { email: 'changed@example.com', date_updated: '2026-06-30 13:00:00' });
    const { orders } = (await get('/orders?modified_start_date=2026-06-30+13:00:00')).body;
    expect(orders.map((o: { email: string }) => o.email)).toEqual(['changed@example.com']);
    expect(() => first.moveOrder(id, 1)).toThrow(/no folder/);
    expect(() => first.changeOrder('1', {})).toThrow(/no order/);
  });

  it('leaves a record that somebody holds as it was', async () => {
    const { first } = await opened();
    const held = first.insertOrder({ email: 'a@example.com' });
    const copy = structuredClone(held);
    first.changeOrder(held.id, { email: 'b@example.com' });
    expect(held).toEqual(copy);
    expect(first.order(held.id)?.email).toBe('b@example.com');
  });

  it('removes an order and replaces everything', async () => {
    const { get, first } = await opened();
    const [oldest] = first.orders();
    first.removeOrder(oldest?.id ?? '');
    expect((await get(`/orders/${oldest?.id}`)).status).toBe(404);
    first.replaceData({ folders: [{ id: 1, name: 'Only' }], orders: [], history: new Map(), inventory: [] });
    expect((await get('/orders')).body.orders).toEqual([]);
    expect((await get('/inventory-items')).body.total_records).toBe('0');
    expect((await get('/store')).body.store.folders).toEqual({ 1: 'Only' });
  });

  it('makes a new key, and the old one is refused', async () => {
    const { get, first } = await opened();
    first.replaceApiKey('another');
    expect((await get('/test')).status).toBe(401);
    expect((await get('/test', { headers: credentials('11', 'another') })).status).toBe(200);
  });
});

describe('several stores', () => {
  it('may hold the same ids and never mix', async () => {
    const twin = { ...store, id: '12', apiKey: 'key-of-12', seed: 6 };
    const { get, sandbox } = await opened({
      stores: [
        { ...store, firstOrderId: 500 },
        { ...twin, firstOrderId: 500 },
      ],
    });
    const mine = (await get('/orders/500')).body.order;
    const theirs = (await get('/orders/500', { headers: credentials('12', 'key-of-12') })).body.order;
    expect(mine).toEqual(sandbox.store('11').order('500'));
    expect(theirs).toEqual(sandbox.store('12').order('500'));
    expect(mine.email).not.toBe(theirs.email);
    expect(() => sandbox.store('13')).toThrow(/no store/);
  });

  it('must have different ids', async () => {
    await expect(startSandbox({ stores: [store, store] })).rejects.toThrow(/same id/);
  });
});

describe('a sandbox', () => {
  it('shows each request to who asked to see them', async () => {
    const seen: ApiRequest[] = [];
    const { get } = await opened({ onRequest: (request) => seen.push(request) });
    await get('/orders?limit=1');
    expect(seen).toMatchObject([
      { method: 'GET', url: '/api/v2/orders?limit=1', headers: { 'orderdesk-store-id': '11' } },
    ]);
  });

  it('is ready to be shown with its default stores', async () => {
    const sandbox = await startSandbox({ stores: defaultSandboxStores });
    running.push(sandbox);
    for (const { id, apiKey } of defaultSandboxStores) {
      const response = await fetch(`${sandbox.url}/orders?limit=1`, { headers: credentials(id, apiKey) });
      expect(await response.json()).toMatchObject({ status: 'success', total_records: 1200 });
    }
  });

  it('frees its port when closed, also under open connections, and may be closed twice', async () => {
    const { sandbox, get } = await open();
    sandbox.fail({ kind: 'hang' });
    const hanging = get('/test').catch(() => 'cut');
    await get('/store');
    await sandbox.close();
    await sandbox.close();
    expect(await hanging).toBe('cut');
    const again = await startSandbox({ stores: [store], port: Number(new URL(sandbox.url).port) });
    running.push(again);
    expect(again.url).toBe(sandbox.url);
  });

  it('refuses a port in use', async () => {
    const { sandbox } = await opened();
    const port = Number(new URL(sandbox.url).port);
    await expect(startSandbox({ stores: [store], port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
