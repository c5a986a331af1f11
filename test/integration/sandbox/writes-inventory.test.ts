import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Given, given, newInventoryItem } from './writing.js';

const opened: Given[] = [];
let api: Given;
let at = Date.UTC(2026, 5, 30, 12);
beforeEach(async () => {
  api = await given({}, { now: () => at });
  opened.push(api);
});
afterAll(() => Promise.all(opened.map(({ sandbox }) => sandbox.close())));

const only = (message: string) => ({ status: 'success', message, execution_time: expect.any(String) });
const create = async (item: object) => (await api.send('POST', '/inventory-items', item)).body.inventory_item;
const fetched = async (id: number) => (await api.get(`/inventory-items/${id}`)).body.inventory_item;

describe('inventory items', () => {
  it('are made with an id that is a number, unknown fields included', async () => {
    const sent = { ...newInventoryItem, metadata: {}, extra: { deep: [null, true, 1e3] } };
    const { status, body } = await api.send('POST', '/inventory-items', sent);
    expect([status, body.message]).toEqual([201, 'Inventory Item Added']);
    expect(body.inventory_item).toMatchObject({
      id: expect.any(Number),
      name: 'Cup',
      stock: 7,
      cost: 0,
      update_source: 'API',
      manufacturer_sku: null,
      metadata: [],
      extra: { deep: [null, true, 1000] },
      date_added: expect.any(String),
    });
    expect(await fetched(body.inventory_item.id)).toEqual(body.inventory_item);
    expect(api.first.inventory()).toHaveLength(81);
  });

  it.each([
    ['name', { code: 'CUP-1' }],
    ['code', { name: 'Cup' }],
  ])('need a %s', async (_what, item) => {
    expect((await api.send('POST', '/inventory-items', item)).status).toBe(400);
    const id = api.first.inventory()[0]?.id;
    expect((await api.send('PUT', `/inventory-items/${id}`, item)).status).toBe(400);
    expect(api.first.inventory()).toHaveLength(80);
  });

  it('are replaced: what is left out is blank, the dates are its own', async () => {
    const made = await create({ ...newInventoryItem, location: 'A-1', extra: 1 });
    at += 60_000;
    const path = `/inventory-items/${made.id}`;
    await api.send('PUT', path, { ...made, id: 5, date_added: '2001-01-01 00:00:00' });
    const same = await fetched(made.id);
    expect(same).toEqual({ ...made, date_updated: same.date_updated });
    expect(same.date_updated > made.date_updated).toBe(true);
    const put = await api.send('PUT', path, { name: 'Cup', code: 'CUP-1' });
    expect(put.body).toEqual(only('Inventory Item Updated'));
    const blank = await fetched(made.id);
    expect(blank).toMatchObject({ stock: 0, price: 0, location: '' });
    expect(blank).not.toHaveProperty('extra');
  });

  it('cannot take the code of another', async () => {
    const [first, second] = api.first.inventory();
    const put = await api.send('PUT', `/inventory-items/${first?.id}`, { ...first, code: second?.code });
    expect([put.status, put.body.status]).toEqual([400, 'error']);
    expect(api.first.inventory()[0]).toEqual(first);
  });

  it('are deleted for good', async () => {
    const { id } = await create(newInventoryItem);
    const path = `/inventory-items/${id}`;
    expect((await api.send('DELETE', path)).body).toEqual(only(`Inventory Item ${id} Deleted`));
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const { status } = await api.send(method, path, method === 'PUT' ? newInventoryItem : undefined);
      expect(status).toBe(404);
    }
    expect((await create(newInventoryItem)).id).toBeGreaterThan(id);
  });
});

describe('PUT /batch-inventory-items', () => {
  it('takes a fetched and edited list straight back', async () => {
    const { inventory_items } = (await api.get('/inventory-items')).body;
    const edited = inventory_items.map((item: { stock: number }) => ({ ...item, stock: item.stock + 1 }));
    const { status, body } = await api.send('PUT', '/batch-inventory-items', edited);
    expect([status, body]).toEqual([200, only('80 Inventory Items Updated')]);
    const after = (await api.get('/inventory-items')).body.inventory_items;
    expect(after).toEqual(edited.map((item: object) => ({ ...item, date_updated: after[0].date_updated })));
  });

  it('passes over what it does not know, and takes a list only', async () => {
    const before = api.first.inventory();
    const lines = [{ ...newInventoryItem, id: 1 }, 7];
    expect((await api.send('PUT', '/batch-inventory-items', lines)).body.message).toMatch(/^0 /);
    for (const body of [{ inventory_items: before }, []]) {
      expect((await api.send('PUT', '/batch-inventory-items', body)).status).toBe(400);
    }
    expect(api.first.inventory()).toEqual(before);
  });
});
