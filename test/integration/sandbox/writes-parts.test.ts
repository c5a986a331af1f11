import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { open, store } from './client.js';
import { folderAt, type Given, given, newShipment } from './writing.js';

const opened: Given[] = [];
let api: Given;
let at = Date.UTC(2026, 5, 30, 12);
beforeEach(async () => {
  api = await given({}, { now: () => at });
  opened.push(api);
});
afterAll(() => Promise.all(opened.map(({ sandbox }) => sandbox.close())));

const fetched = async (id: string) => (await api.get(`/orders/${id}`)).body.order;
const only = (message: string) => ({ status: 'success', message, execution_time: expect.any(String) });

describe('order items', () => {
  it('are added without an id in the answer, and the totals follow', async () => {
    const { status, body } = await api.send('POST', '/orders/1/order-items', {
      name: 'Card',
      price: '1.25',
      quantity: 2,
      metadata: { print_sku: 'P-1' },
      extra: [1],
    });
    expect([status, body]).toEqual([200, only('Order Item Added')]);
    const order = await fetched('1');
    expect(order).toMatchObject({ order_total: 7.5, quantity_total: 3 });
    expect(order.order_items[1]).toMatchObject({
      id: '31',
      price: 1.25,
      delivery_type: 'ship',
      metadata: { print_sku: 'P-1' },
      extra: [1],
    });
  });

  it('need a name', async () => {
    expect((await api.send('POST', '/orders/1/order-items', { code: 'X' })).status).toBe(400);
    expect((await fetched('1')).order_items).toHaveLength(1);
  });

  it('are replaced and removed under their order only', async () => {
    const [item] = (await fetched('1')).order_items;
    const put = await api.send('PUT', '/orders/1/order-items/10', { ...item, quantity: 4, id: '99' });
    expect(put.body).toEqual(only('Order Item Updated'));
    expect(await fetched('1')).toMatchObject({ order_total: 20, order_items: [{ ...item, quantity: 4 }] });
    expect((await api.send('DELETE', '/orders/2/order-items/10')).status).toBe(404);
    expect((await api.send('DELETE', '/orders/1/order-items/10')).body).toEqual(
      only('Order Item 10 Deleted'),
    );
    expect(await fetched('1')).toMatchObject({ order_total: 0, order_items: [] });
    expect((await api.send('PUT', '/orders/1/order-items/10', item)).status).toBe(404);
  });
});

describe('shipments', () => {
  it('are added once for each tracking number, all their fields text', async () => {
    const sent = { ...newShipment, weight: 3.55, cost: 4, note: { any: 1 } };
    expect((await api.send('POST', '/orders/1/shipments', sent)).body).toEqual(only('Shipment Added'));
    const { order_shipments } = await fetched('1');
    expect(order_shipments).toMatchObject([
      {
        id: expect.stringMatching(/^\d+$/),
        order_id: '1',
        store_id: store.id,
        weight: '3.55',
        cost: '4',
        print_status: '0',
        tracking_url: expect.stringContaining(newShipment.tracking_number),
        order_items: '',
        source: 'API',
        date_shipped: '2026-06-30',
        note: { any: 1 },
      },
    ]);
    const again = await api.send('POST', '/orders/1/shipments', { ...sent, cost: 5 });
    expect([again.status, again.body]).toEqual([
      200,
      { status: 'error', message: 'Shipment Not Added', execution_time: expect.any(String) },
    ]);
    expect((await fetched('1')).order_shipments).toEqual(order_shipments);
    expect((await api.send('POST', '/orders/2/shipments', sent)).body.status).toBe('success');
    expect(api.sandbox.counters().rulesFired).toEqual({ shipment_added: 2 });
    expect(api.first.history('1')).toMatchObject(
      [{ source_name: 'API', note: /Shipment Added/ }].map((entry) => ({
        ...entry,
        note: expect.stringMatching(entry.note),
      })),
    );
  });

  it('may cover some items, named by code or id', async () => {
    const order_items = [{ code: 'MUG', quantity: 1 }];
    await api.send('POST', '/orders/1/shipments', { tracking_number: 'A', order_items });
    await api.send('POST', '/orders/1/shipments', { tracking_number: 'B', order_items: [{ id: 10 }] });
    for (const { order_items: shipped } of (await fetched('1')).order_shipments) {
      expect(shipped).toEqual([{ id: '10', code: 'MUG', quantity: 1 }]);
    }
  });

  it('need a tracking number, and n/a is none of its own', async () => {
    expect((await api.send('POST', '/orders/1/shipments', { carrier_code: 'UPS' })).status).toBe(400);
    for (const _ of [1, 2]) {
      const { body } = await api.send('POST', '/orders/1/shipments', { tracking_number: 'n/a' });
      expect(body.status).toBe('success');
    }
    expect((await fetched('1')).order_shipments).toMatchObject([{ tracking_url: '' }, { tracking_url: '' }]);
  });

  it('are replaced with blanks for what is left out, and removed', async () => {
    await api.send('POST', '/orders/1/shipments', { ...newShipment, weight: '2' });
    const [shipment] = (await fetched('1')).order_shipments;
    const path = `/orders/1/shipments/${shipment.id}`;
    await api.send('PUT', path, shipment);
    expect((await fetched('1')).order_shipments).toEqual([shipment]);
    expect((await api.send('PUT', path, { tracking_number: 'T-9' })).body).toEqual(only('Shipment Updated'));
    expect((await fetched('1')).order_shipments).toEqual([
      {
        ...shipment,
        tracking_number: 'T-9',
        carrier_code: '',
        shipment_method: '',
        weight: '',
        tracking_url: '',
      },
    ]);
    expect((await api.send('DELETE', path)).body).toEqual(only(`Shipment ${shipment.id} Deleted`));
    expect((await fetched('1')).order_shipments).toEqual([]);
    expect((await api.send('PUT', path, shipment)).status).toBe(404);
  });
});

describe('POST /batch-shipments', () => {
  it('reports line by line under 200, in the order of the lines', async () => {
    const lines = [
      { order_id: 2, tracking_number: 'T-1' },
      { order_id: 99, tracking_number: 'T-2' },
      { order_id: '1', tracking_number: '' },
      { order_id: 2, tracking_number: 'T-1' },
      'no line',
      { order_id: '1', tracking_number: 'T-1', carrier_code: 'UPS' },
    ];
    const { status, body } = await api.send('POST', '/batch-shipments', lines);
    expect([status, body.status, body.message]).toEqual([200, 'success', '2 Shipments Added']);
    expect(body.results).toEqual([
      { status: 'success', order_id: 2, message: 'Shipment Added' },
      { status: 'error', order_id: 99, message: 'Order Not Found' },
      { status: 'error', order_id: '1', message: 'Invalid shipment' },
      { status: 'error', order_id: 2, message: 'Shipment Not Added' },
      { status: 'error', order_id: null, message: 'Order Not Found' },
      { status: 'success', order_id: '1', message: 'Shipment Added' },
    ]);
    expect((await fetched('2')).order_shipments).toHaveLength(1);
    expect(api.sandbox.counters().rulesFired).toEqual({ shipment_added: 2 });
  });

  it('takes a list only', async () => {
    const shipments = [{ order_id: 1, tracking_number: 'T' }];
    expect((await api.send('POST', '/batch-shipments', { shipments })).status).toBe(400);
    expect((await fetched('1')).order_shipments).toEqual([]);
  });
});

describe('POST /orders/{id}/order-history', () => {
  it('appends an entry and answers with the order and all of them', async () => {
    await api.send('POST', '/orders/1/order-history', { note: 'My New Note' });
    const { status, body } = await api.send('POST', '/orders/1/order-history', {
      note: 'x'.repeat(3000),
      source_name: 'Robot',
    });
    expect([status, body.total_records]).toEqual([200, 1]);
    expect(body.order.order_history).toEqual([
      { source_name: 'API', note: 'My New Note', date_added: '2026-06-30 12:00:00' },
      { source_name: 'Robot', note: 'x'.repeat(2000 - 19 - 5), date_added: '2026-06-30 12:00:00' },
    ]);
    expect(await fetched('1')).not.toHaveProperty('order_history');
  });

  it('needs a note', async () => {
    expect((await api.send('POST', '/orders/1/order-history', { content: 'n' })).status).toBe(400);
  });
});

describe('every write to an order', () => {
  it.each([
    ['PUT', '/orders/1', { email: 'b@example.com' }],
    ['POST', '/orders/1/order-items', { name: 'Card' }],
    ['PUT', '/orders/1/order-items/10', { name: 'Card' }],
    ['DELETE', '/orders/1/order-items/10', undefined],
    ['POST', '/orders/1/shipments', newShipment],
    ['POST', '/orders/1/order-history', { note: 'n' }],
    ['POST', '/batch-shipments', [{ order_id: 1, tracking_number: 'T' }]],
  ])('sets date_updated: %s %s', async (method, path, body) => {
    at += 60_000;
    const now = new Date(at).toISOString().slice(0, 19).replace('T', ' ');
    await api.send(method, path, body);
    expect(await fetched('1')).toMatchObject({ date_updated: now, date_added: '2026-06-01 00:00:00' });
    expect((await fetched('2')).date_updated).toBe('2026-06-02 00:00:00');
  });

  it('is refused for an unknown order', async () => {
    for (const [method, path] of [
      ['PUT', '/orders/9'],
      ['DELETE', '/orders/9'],
      ['POST', '/orders/9/order-items'],
      ['PUT', '/orders/9/order-items/10'],
      ['POST', '/orders/9/shipments'],
      ['DELETE', '/orders/9/shipments/1'],
      ['POST', '/orders/9/order-history'],
    ] as const) {
      const { status, body } = await api.send(method, path, { name: 'n', note: 'n', tracking_number: 'T' });
      expect([path, status, body.message]).toEqual([path, 404, 'Order Not Found']);
    }
  });

  it('gives shipments and items ids that the made-up records have not', async () => {
    const { first, get, sandbox } = await open();
    const all = first.orders();
    const taken = new Set(all.flatMap((order) => order.order_shipments.map(({ id }) => id)));
    const headers = { 'ORDERDESK-STORE-ID': store.id, 'ORDERDESK-API-KEY': store.apiKey };
    const id = all[0]?.id;
    await get(`/orders/${id}/shipments`, { method: 'POST', headers, body: JSON.stringify(newShipment) });
    const added = first.order(id ?? '')?.order_shipments.at(-1)?.id ?? '';
    await sandbox.close();
    expect([taken.size > 0, taken.has(added)]).toEqual([true, false]);
    expect(Number(added)).toBeGreaterThan(Math.max(...[...taken].map(Number)));
  });
});

describe('POST /move-orders', () => {
  const move = (body: object) => api.send('POST', '/move-orders', body);

  it('moves, writes it down and sets the rules off, with ids that are numbers', async () => {
    const [from, to] = api.first.folders();
    const { status, body } = await move({ order_id_list: ['2', 1], destination_folder_name: to?.name });
    expect([status, body]).toEqual([
      200,
      {
        ...only('2 Orders Moved'),
        results: [2, 1].map((order_id) => ({
          order_id,
          message: `Order Moved to ${to?.name} Folder`,
          original_folder_id: from?.id,
        })),
      },
    ]);
    expect(await fetched('1')).toMatchObject({ folder_id: to?.id });
    expect(api.first.history('2')).toMatchObject([
      { source_name: 'API', note: `Order Moved to ${to?.name} Folder` },
    ]);
    expect(api.sandbox.counters().rulesFired).toEqual({ folder_changed: 2 });
    expect((await api.get(`/orders?folder_id=${to?.id}`)).body.total_records).toBe(2);
  });

  it.each([
    ['no destination', { order_id_list: [1] }],
    ['no orders', { order_id_list: [], destination_folder_name: 'New' }],
    ['the wrong names', { order_ids: [1], folder_id: 1 }],
    ['a name that is not exact', { order_id_list: [1], destination_folder_name: 'new ' }],
  ])('refuses %s', async (_what, body) => {
    expect((await move(body)).status).toBe(400);
    expect((await fetched('1')).folder_id).toBe(folderAt(api.first, 0));
  });

  it('refuses two destinations, be they the same', async () => {
    const to = api.first.folders()[1];
    const body = { destination_folder_id: to?.id, destination_folder_name: to?.name };
    expect((await move({ order_id_list: [1], ...body })).status).toBe(400);
    expect((await fetched('1')).folder_id).toBe(folderAt(api.first, 0));
  });
});
