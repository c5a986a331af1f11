import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox, SandboxStore } from '../../../src/sandbox/index.js';
import { credentials, type Get, open } from './client.js';

let sandbox: Sandbox;
let get: Get;
let first: SandboxStore;
beforeAll(async () => {
  ({ sandbox, get, first } = await open());
});
afterAll(() => sandbox.close());

const SECONDS = /^\d+\.\d{4} seconds$/;

describe('the address', () => {
  it('ends in /api/v2 and is local', () => {
    expect(sandbox.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v2$/);
  });
});

describe('GET /test and /store', () => {
  it('tells the time in UTC', async () => {
    const { status, headers, body } = await get('/test');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(body).toEqual({
      status: 'success',
      message: 'Connection Successful',
      execution_time: expect.stringMatching(SECONDS),
      current_date_time: '2026-06-30 12:00:00',
    });
  });

  it('gives the folders as a map in the order of the merchant', async () => {
    const { body, text } = await get('/store');
    expect(body.store).toMatchObject({ id: '11', name: 'Test Store' });
    expect(body.store.settings).toMatchObject({ timezone: 'America/Los_Angeles', store_country: 'US' });
    expect(body.store.folders).toEqual(Object.fromEntries(first.folders().map(({ id, name }) => [id, name])));
    const places = first.folders().map(({ id }) => text.indexOf(`"${id}":`));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(Object.keys(body.store.folders)[0]).not.toBe(String(first.folders()[0]?.id));
  });

  it('leaks the API key and the mail password, as Order Desk does', async () => {
    const { settings } = (await get('/store')).body.store;
    expect(settings).toMatchObject({ api_key: first.apiKey, smtp_password: first.smtpPassword });
    expect(first.smtpPassword).not.toBe('');
  });
});

describe('GET /orders', () => {
  it('wraps whole orders in counts that are numbers', async () => {
    const { body } = await get('/orders?limit=5&offset=10');
    const newest = [...first.orders()].reverse();
    expect(body).toEqual({
      status: 'success',
      execution_time: expect.stringMatching(SECONDS),
      total_records: 60,
      records_returned: 5,
      offset: 10,
      limit: 5,
      orders: newest.slice(10, 15),
    });
  });

  it('answers 200 and an empty list when nothing matches', async () => {
    const { status, body } = await get('/orders?email=nobody%40example.com');
    expect([status, body.total_records, body.orders]).toEqual([200, 0, []]);
  });

  it('mixes types as Order Desk does', async () => {
    const { orders } = (await get('/orders?limit=500')).body;
    for (const order of orders) {
      expect([typeof order.id, typeof order.customer_id, typeof order.email_count]).toEqual(
        Array(3).fill('string'),
      );
      expect([typeof order.folder_id, typeof order.order_total]).toEqual(['number', 'number']);
      expect(order.date_added).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
      for (const discount of order.discount_list) expect(discount.amount).toMatch(/^\d+\.\d\d$/);
    }
    expect(orders.some((order: { checkout_data: unknown }) => Array.isArray(order.checkout_data))).toBe(true);
  });

  it('takes spaces, plus signs and several folders in the query', async () => {
    const [one, two] = first.folders();
    const { body } = await get(`/orders?folder_id=${one?.id},${two?.id}&limit=500`);
    const wanted = first.orders().filter((o) => o.folder_id === one?.id || o.folder_id === two?.id);
    expect(body.total_records).toBe(wanted.length);
    const order = first.orders().find((o) => o.date_added.endsWith(':00') === false);
    const { body: since } = await get(
      `/orders?search_start_date=${order?.date_added.replace(' ', '+')}&limit=500`,
    );
    expect(since.total_records).toBe(
      first.orders().filter((o) => o.date_added >= (order?.date_added ?? '')).length,
    );
  });

  it('reads *_local dates in the zone of the store', async () => {
    const order = first.insertOrder({ date_added: '2026-06-30 06:30:00' });
    const ids = async (query: string) =>
      (await get(`/orders?${query}`)).body.orders.map(({ id }: { id: string }) => id);
    expect(
      await ids('search_start_date_local=2026-06-29+23:00:00&search_end_date_local=2026-06-30'),
    ).toContain(order.id);
    expect(await ids('search_start_date=2026-06-29+23:00:00&search_end_date=2026-06-30')).not.toContain(
      order.id,
    );
    first.removeOrder(order.id);
  });

  it('adds the history when asked for', async () => {
    const { orders } = (await get('/orders?limit=1&get_order_history=1')).body;
    expect(orders[0].order_history).toEqual(first.history(orders[0].id));
    expect(orders[0].order_history[0]).toEqual({
      source_name: 'Order Desk',
      note: expect.stringContaining('Order Imported'),
      date_added: expect.any(String),
    });
  });
});

describe('one order and its parts', () => {
  const withShipment = () =>
    first.orders().find((o) => o.order_shipments.length > 0 && o.order_items.length > 0);

  it('gives an order', async () => {
    const order = withShipment();
    const { body } = await get(`/orders/${order?.id}`);
    expect(body).toEqual({ status: 'success', execution_time: expect.any(String), order });
  });

  it('gives items', async () => {
    const order = withShipment();
    const list = await get(`/orders/${order?.id}/order-items`);
    expect(list.body).toMatchObject({
      total_records: order?.order_items.length,
      order_items: order?.order_items,
    });
    const item = order?.order_items[0];
    const one = await get(`/orders/${order?.id}/order-items/${item?.id}`);
    expect(one.body).toEqual({ status: 'success', execution_time: expect.any(String), order_item: item });
  });

  it('gives shipments, all fields text', async () => {
    const order = withShipment();
    const list = await get(`/orders/${order?.id}/shipments`);
    expect(list.body).toMatchObject({
      total_records: order?.order_shipments.length,
      shipments: order?.order_shipments,
    });
    const shipment = order?.order_shipments[0];
    const { body } = await get(`/orders/${order?.id}/shipments/${shipment?.id}`);
    expect(body.shipment).toEqual(shipment);
    expect([typeof body.shipment.weight, typeof body.shipment.order_id]).toEqual(['string', 'string']);
  });

  it.each([
    '/orders/1',
    '/orders/1/order-items',
    '/orders/1/shipments',
    '/inventory-items/1',
    '/orders/constructor',
  ])('answers 404 for %s', async (path) => {
    const { status, body } = await get(path);
    expect([status, body]).toEqual([
      404,
      { status: 'error', message: expect.stringContaining('Not Found'), execution_time: expect.any(String) },
    ]);
  });

  it('does not find a part under another order', async () => {
    const [one, other] = first.orders().filter((o) => o.order_items.length > 0);
    const { status } = await get(`/orders/${other?.id}/order-items/${one?.order_items[0]?.id}`);
    expect(status).toBe(404);
  });
});

describe('GET /inventory-items', () => {
  it('has a total that is text, and neither offset nor limit', async () => {
    const { body } = await get('/inventory-items');
    expect(body).toEqual({
      status: 'success',
      execution_time: expect.any(String),
      records_returned: 80,
      initial_records_returned: 80,
      total_records: '80',
      inventory_items: first.inventory(),
    });
    expect(typeof body.inventory_items[0].id).toBe('number');
  });

  it('filters by several codes and then gets the total wrong', async () => {
    const [one, two] = first.inventory();
    const { body } = await get(`/inventory-items?code=${one?.code},${two?.code},NO-SUCH`);
    expect(body).toMatchObject({ total_records: '0', records_returned: 2, inventory_items: [one, two] });
  });

  it('gives one item', async () => {
    const item = first.inventory()[7];
    expect((await get(`/inventory-items/${item?.id}`)).body.inventory_item).toEqual(item);
  });
});

describe('the endpoints', () => {
  /** Order Desk API, section 2: all there are. */
  const ENDPOINTS: Readonly<Record<string, readonly string[]>> = {
    '/test': ['GET'],
    '/store': ['GET'],
    '/orders': ['GET', 'POST'],
    '/orders/1': ['GET', 'PUT', 'DELETE'],
    '/orders/1/order-history': ['POST'],
    '/orders/1/order-items': ['GET', 'POST'],
    '/orders/1/order-items/1': ['GET', 'PUT', 'DELETE'],
    '/orders/1/shipments': ['GET', 'POST'],
    '/orders/1/shipments/1': ['GET', 'PUT', 'DELETE'],
    '/batch-shipments': ['POST'],
    '/inventory-items': ['GET', 'POST'],
    '/inventory-items/1': ['GET', 'PUT', 'DELETE'],
    '/batch-inventory-items': ['PUT'],
    '/move-orders': ['POST'],
  };

  it('are these 26 and no others', async () => {
    let answered = 0;
    for (const [path, methods] of Object.entries(ENDPOINTS)) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
        const { status } = await get(path, { method });
        expect([method, path, status === 405]).toEqual([method, path, !methods.includes(method)]);
        if (status !== 405) answered += 1;
      }
    }
    expect(answered).toBe(26);
  });
});

describe('refusals', () => {
  it.each([
    ['no headers', {}],
    ['a wrong key', credentials('11', 'key-of-12')],
    ['an unknown store', credentials('99')],
    ['no key', { 'ORDERDESK-STORE-ID': '11' }],
    ['a name of every object', credentials('__proto__')],
  ])('refuses %s with 401', async (_what, headers) => {
    const { status, body } = await get('/test', { headers });
    expect([status, body.status, typeof body.message]).toEqual([401, 'error', 'string']);
  });

  it('knows only the plural paths and nothing beside them', async () => {
    for (const path of ['/order/1', '/inventory-item/1', '/products', '/', '/orders/', '/orders/1/2/3/4/5']) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
    const root = await fetch(sandbox.url.replace('/api/v2', '/'), { headers: credentials() });
    expect(root.status).toBe(404);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('answers 405 to %s on /store', async (method) => {
    expect((await get('/store', { method })).status).toBe(405);
  });

  it('refuses a GET that speaks of a body', async () => {
    const headers = { ...credentials(), 'Content-Type': 'application/json' };
    expect((await get('/test', { headers })).status).toBe(400);
  });
});
