import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { folderAt, type Given, given, newOrder } from './writing.js';

const opened: Given[] = [];
let api: Given;
beforeEach(async () => {
  api = await given();
  opened.push(api);
});
afterAll(() => Promise.all(opened.map(({ sandbox }) => sandbox.close())));

const create = async (order: object = newOrder) => (await api.send('POST', '/orders', order)).body.order;
const fetched = async (id: string) => (await api.get(`/orders/${id}`)).body.order;

describe('POST /orders', () => {
  it('answers 201 with the order, all that was not said made up for', async () => {
    const { status, body } = await api.send('POST', '/orders', newOrder);
    expect(status).toBe(201);
    expect(body).toEqual({ status: 'success', execution_time: expect.any(String), order: body.order });
    expect(body.order).toMatchObject({
      id: '4',
      source_id: 'N-1',
      source_name: 'Shop',
      payment_status: 'Captured',
      quantity_total: 2,
      weight_total: 1,
      order_total: 10,
      processor_balance: 10,
      email_count: '0',
      folder_id: folderAt(api.first, 0),
      date_added: '2026-06-30 12:00:00',
      date_updated: '2026-06-30 12:00:00',
      checkout_data: [],
      order_shipments: [],
      order_items: [{ id: '31', name: 'Mug', quantity: 2, delivery_type: 'ship', metadata: [] }],
    });
    expect(await fetched('4')).toEqual(body.order);
  });

  it('numbers an order that has no number of its own', async () => {
    const { source_id: _left, source_name: _out, ...nameless } = newOrder;
    expect(await create(nameless)).toMatchObject({ id: '4', source_id: '4', source_name: 'Order Desk' });
    expect(await create(nameless)).toMatchObject({ id: '5', source_id: '5' });
  });

  it('copies the one address that is given to the other', async () => {
    const { customer, shipping } = await create();
    expect(customer).toMatchObject({ first_name: 'Ann', address1: '1 Low Road' });
    expect(customer).not.toHaveProperty('address3');
    expect(shipping.address3).toBe('Dock C');
    const { shipping: address, ...rest } = newOrder;
    const bought = await create({ ...rest, source_id: 'N-2', customer: { ...address, address3: undefined } });
    expect(bought.shipping).toMatchObject({ last_name: 'Bo', address1: '1 Low Road', address3: '' });
    const both = await create({ ...newOrder, source_id: 'N-3', customer: { company: 'Co' } });
    expect([both.customer.first_name, both.shipping.company]).toEqual(['', '']);
  });

  it('takes a date and a folder', async () => {
    const order = { ...newOrder, date_added: '2026-05-04 03:02:01', folder_id: folderAt(api.first, 1) };
    expect(await create(order)).toMatchObject({
      date_added: '2026-05-04 03:02:01',
      date_updated: '2026-06-30 12:00:00',
      folder_id: folderAt(api.first, 1),
    });
  });

  it.each([
    ['no items', { ...newOrder, order_items: [] }],
    ['no name', { ...newOrder, shipping: { city: 'Oslo' } }],
    ['a list', [newOrder]],
    ['an empty object', {}],
    ['nothing', undefined],
  ])('refuses %s', async (_what, order) => {
    const { status, body } = await api.send('POST', '/orders', order);
    expect([status, body.status]).toEqual([400, 'error']);
    expect(api.first.orders()).toHaveLength(3);
  });

  it('makes the ids itself and takes neither shipments nor history', async () => {
    const order = await create({
      ...newOrder,
      id: '1',
      email_count: '7',
      order_items: [{ id: '10', name: 'Mug' }],
      order_shipments: [{ tracking_number: 'T' }],
      order_history: [{ note: 'n' }],
    });
    expect(order).toMatchObject({ id: '4', email_count: '0', order_shipments: [] });
    expect(order.order_items[0].id).not.toBe('10');
    expect(order).not.toHaveProperty('order_history');
    expect((await fetched('1')).source_id).toBe('A-1');
  });
});

describe('PUT /orders/{id}', () => {
  it('blanks what is left out, with its addresses, maps and unknown fields', async () => {
    const { id } = await create({
      ...newOrder,
      shipping_total: 3,
      checkout_data: { Gift: 'yes' },
      extra: 1,
      order_notes: [{ username: 'Rep', content: 'Call' }],
    });
    const { body } = await api.send('PUT', `/orders/${id}`, { email: 'b@example.com', order_items: [] });
    expect(body.order).toMatchObject({
      email: 'b@example.com',
      source_id: 'N-1',
      source_name: '',
      payment_status: '',
      shipping_total: 0,
      order_total: 0,
      shipping: { first_name: '', address3: '', country: '' },
      customer: { first_name: '' },
      checkout_data: [],
      order_notes: [],
      folder_id: folderAt(api.first, 0),
    });
    expect(body.order).not.toHaveProperty('extra');
  });

  it('updates items that have their id and adds the others again', async () => {
    const before = await fetched('1');
    const [mug] = before.order_items;
    const { id: _lost, ...copy } = mug;
    const items = [{ ...mug, quantity: 3 }, copy, { id: '30', name: 'Of another order' }];
    const { order } = (await api.send('PUT', '/orders/1', { ...before, order_items: items })).body;
    expect(order.order_items).toMatchObject([
      { id: '10', quantity: 3 },
      { id: '31', name: 'Mug' },
      { id: '32', name: 'Of another order' },
    ]);
    expect(order).toMatchObject({ quantity_total: 5, order_total: 20 });
    expect((await fetched('3')).order_items[0]).toMatchObject({ id: '30', name: 'Mug' });
  });

  it('changes neither shipments nor history', async () => {
    await api.send('POST', '/orders/1/shipments', { tracking_number: 'T-1' });
    const before = await fetched('1');
    const history = api.first.history('1');
    await api.send('PUT', '/orders/1', { ...before, order_shipments: [], order_history: [] });
    expect((await fetched('1')).order_shipments).toEqual(before.order_shipments);
    expect(api.first.history('1')).toEqual(history);
    expect(await fetched('1')).not.toHaveProperty('order_history');
  });

  it('keeps what is read-only', async () => {
    const before = await fetched('1');
    const change = { id: '77', email_count: '9', date_updated: '2001-01-01 00:00:00', source_id: 'X' };
    const { order } = (await api.send('PUT', '/orders/1', { ...before, ...change })).body;
    expect(order).toEqual({ ...before, date_updated: '2026-06-30 12:00:00' });
    expect((await api.get('/orders/77')).status).toBe(404);
  });

  it('moves the order and writes that down', async () => {
    const to = api.first.folders()[3];
    await api.send('PUT', '/orders/1', { ...(await fetched('1')), folder_id: to?.id });
    expect((await fetched('1')).folder_id).toBe(to?.id);
    expect(api.first.history('1')).toEqual([
      { source_name: 'API', note: `Order Moved to ${to?.name} Folder`, date_added: '2026-06-30 12:00:00' },
    ]);
  });

  it('cuts a note silently at 2,000 characters with its date and writer', async () => {
    const content = 'x'.repeat(3000);
    const order_notes = [{ date_added: '2026-06-01 00:00:00', username: 'Rep', content, pinned: true }];
    const { order } = (await api.send('PUT', '/orders/1', { ...(await fetched('1')), order_notes })).body;
    const [note] = order.order_notes;
    expect([note.content.length, note.pinned]).toEqual([2000 - 19 - 3, true]);
  });

  it('leaves a record that somebody holds as it was', async () => {
    const held = api.first.order('1');
    const copy = structuredClone(held);
    await api.send('PUT', '/orders/1', { ...(await fetched('1')), email: 'b@example.com' });
    expect(held).toEqual(copy);
    expect(api.first.order('1')?.email).toBe('b@example.com');
  });

  it('reads fields of the wrong type as PHP does', async () => {
    const odd = {
      customer_id: 55,
      email: null,
      shipping_total: '4.50',
      checkout_data: [],
      order_metadata: {},
    };
    const { order } = (await api.send('PUT', '/orders/1', { ...(await fetched('1')), ...odd })).body;
    expect(order).toMatchObject({
      customer_id: '55',
      email: '',
      shipping_total: 4.5,
      order_total: 9.5,
      checkout_data: [],
      order_metadata: [],
    });
  });
});

describe('DELETE /orders/{id}', () => {
  it('removes the order for good', async () => {
    const { status, body } = await api.send('DELETE', '/orders/1');
    expect([status, body]).toEqual([
      200,
      { status: 'success', message: 'Order 1 Deleted', execution_time: expect.any(String) },
    ]);
    expect((await api.get('/orders/1')).status).toBe(404);
    expect((await api.send('DELETE', '/orders/1')).status).toBe(404);
    expect(await api.ids('')).toEqual(['2', '3']);
  });
});
