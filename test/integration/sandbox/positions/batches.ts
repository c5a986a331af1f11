import { expect } from 'vitest';
import { folderAt, type Given, newInventoryItem, newShipment } from '../writing.js';
import { type Check, type Positions, replies } from './check.js';

const ONE_TOO_MANY = 101;
const many = (line: (n: number) => unknown) => Array.from({ length: ONE_TOO_MANY }, (_, n) => line(n));
const manyShipments = many((n) => ({ order_id: 1, tracking_number: `T${n}` }));
const manyItems = many((n) => ({ id: n, name: 'Cup', code: `C${n}` }));

const shippedInBatch =
  (expected: (given: Given) => unknown): Check =>
  async (start) => {
    const it = await start();
    const lines = [{ ...newShipment, order_id: 1, order_items: [{ code: 'MUG', quantity: 1 }] }];
    const { body } = await it.send('POST', '/batch-shipments', lines);
    expect(body.results).toHaveLength(1);
    const { id, order_items } = it.first.order('1')?.order_shipments[0] ?? {};
    expect({ id, order_items, result: body.results[0] }).toMatchObject(expected(it) as object);
  };

const withResult = (result: object) => shippedInBatch(() => ({ result }));

/** One line for the first inventory item of the store; then this is what became of it. */
const batchLine =
  (line: (given: Given) => object, expected: object, size = 80): Check =>
  async (start) => {
    const it = await start();
    const id = it.first.inventory()[0]?.id;
    const put = await it.send('PUT', '/batch-inventory-items', [line(it)]);
    expect([put.status, put.body.status]).toEqual([200, 'success']);
    expect((await it.get(`/inventory-items/${id}`)).body.inventory_item).toMatchObject(expected);
    expect(it.first.inventory()).toHaveLength(size);
  };

const firstItem = ({ first }: Given) => ({ ...first.inventory()[0] });
const byCode = (it: Given) => ({ ...firstItem(it), id: undefined, stock: 4321 });
const stockOnly = (it: Given) => ({ id: firstItem(it).id, stock: 4321 });

const unchangedStock =
  (line: (given: Given) => object): Check =>
  async (start) => {
    const it = await start();
    const before = it.first.inventory();
    await it.send('PUT', '/batch-inventory-items', [line(it)]);
    expect(it.first.inventory()).toEqual(before);
  };

const WRITER = 'somebody with a name of forty characters';

/** A new item of this writer, changed in a batch: who is put down for it then. */
const writtenBy =
  (update_source: string): Check =>
  async (start) => {
    const { send, get } = await start();
    const made = (await send('POST', '/inventory-items', { ...newInventoryItem, update_source: WRITER }))
      .body;
    expect(made.inventory_item.update_source).toBe(update_source);
    const { id } = made.inventory_item;
    await send('PUT', '/batch-inventory-items', [
      { ...newInventoryItem, id, stock: 1, update_source: WRITER },
    ]);
    expect((await get(`/inventory-items/${id}`)).body.inventory_item).toMatchObject({
      stock: 1,
      update_source,
    });
  };

/** Batches of which one line fails, and of which none does. */
const partlyFailed =
  (status: 'success' | 'error'): Check =>
  async (start) => {
    const it = await start();
    const { send, first } = it;
    const shipments = ['1', '99'].map((order_id) => ({ order_id, tracking_number: 'T' }));
    const items = [
      { ...firstItem(it), stock: 77 },
      { ...newInventoryItem, id: 1 },
    ];
    const move = (...ids: number[]) => ({ order_id_list: ids, destination_folder_id: folderAt(first, 1) });
    const sent = [
      await send('POST', '/batch-shipments', shipments),
      await send('PUT', '/batch-inventory-items', items),
      await send('POST', '/move-orders', move(1, 99)),
    ];
    expect(sent.map((seen) => [seen.status, seen.body.status, seen.body.message])).toEqual([
      [200, status, '1 Shipments Added'],
      [200, status, '1 Inventory Items Updated'],
      [200, status, '1 Orders Moved'],
    ]);
    expect(sent[0]?.body.results).toMatchObject([{ status: 'success' }, { status: 'error' }]);
    expect(first.inventory()[0]?.stock).toBe(77);
    expect(first.order('1')).toMatchObject({
      folder_id: folderAt(first, 1),
      order_shipments: [{ tracking_number: 'T' }],
    });
    expect((await send('POST', '/move-orders', move(2))).body.status).toBe('success');
  };

const secondCode =
  (status: number): Check =>
  async (start) => {
    const { send } = await start();
    expect((await send('POST', '/inventory-items', newInventoryItem)).status).toBe(201);
    const again = await send('POST', '/inventory-items', newInventoryItem);
    expect([again.status, again.body.status]).toEqual([status, status === 201 ? 'success' : 'error']);
  };

const moveAll =
  (status: number, lines: readonly object[], moved: readonly string[]): Check =>
  async (start) => {
    const { send, first } = await start();
    const to = folderAt(first, 1);
    const seen = await send('POST', '/move-orders', { order_id_list: [1, 9, 2], destination_folder_id: to });
    expect(seen.status).toBe(status);
    expect(seen.body.results ?? []).toMatchObject(lines);
    const there = first.orders().filter(({ folder_id }) => folder_id === to);
    expect(there.map(({ id }) => id)).toEqual(moved);
  };

const moveWhereItIs =
  (message: RegExp, rules: object, entries: number): Check =>
  async (start) => {
    const { send, sandbox, first } = await start();
    const here = folderAt(first, 0);
    const { body } = await send('POST', '/move-orders', { order_id_list: [1], destination_folder_id: here });
    expect(body.results).toEqual([
      { order_id: 1, message: expect.stringMatching(message), original_folder_id: here },
    ]);
    expect(sandbox.counters().rulesFired).toEqual(rules);
    expect(first.history('1')).toHaveLength(entries);
  };

const moveMany =
  (status: number): Check =>
  async (start) => {
    const { send, first } = await start();
    const body = { order_id_list: many(() => 1), destination_folder_id: folderAt(first, 1) };
    expect((await send('POST', '/move-orders', body)).status).toBe(status);
    expect(first.order('1')?.folder_id).toBe(folderAt(first, status === 200 ? 1 : 0));
  };

const one = { order_id: 1, original_folder_id: expect.any(Number) };
const two = { order_id: 2, original_folder_id: expect.any(Number) };

export const batchPositions: Positions<
  | 'batchShipmentItems'
  | 'batchShipmentIds'
  | 'batchShipmentMaximum'
  | 'duplicateCode'
  | 'inventoryWriter'
  | 'partlyFailedBatch'
  | 'batchInventoryMatch'
  | 'batchInventoryIncomplete'
  | 'batchInventoryUnknown'
  | 'batchInventoryResults'
  | 'batchInventoryMaximum'
  | 'moveUnknownOrder'
  | 'moveToSameFolder'
  | 'moveMaximum'
> = {
  batchShipmentItems: {
    ignored: shippedInBatch(() => ({ order_items: '' })),
    honoured: shippedInBatch(() => ({ order_items: [{ id: '10', code: 'MUG', quantity: 1 }] })),
  },
  batchShipmentIds: {
    left_out: async (start) => {
      const { send } = await start();
      const { body } = await send('POST', '/batch-shipments', [{ ...newShipment, order_id: 1 }]);
      expect(body.results).toEqual([{ status: 'success', order_id: 1, message: 'Shipment Added' }]);
    },
    given: async (start) => {
      await withResult({ shipment_id: expect.any(String) })(start);
      await shippedInBatch(({ first }) => ({
        result: { shipment_id: first.order('1')?.order_shipments[0]?.id },
      }))(start);
    },
  },
  batchShipmentMaximum: {
    none: replies('POST', '/batch-shipments', manyShipments, 200, { message: '101 Shipments Added' }),
    refused: replies('POST', '/batch-shipments', manyShipments, 400, { status: 'error' }),
  },
  duplicateCode: { refused: secondCode(400), allowed: secondCode(201) },
  inventoryWriter: {
    kept: writtenBy(WRITER),
    cut: writtenBy('somebody with a name of forty ch'),
    ignored: writtenBy('API'),
  },
  partlyFailedBatch: { success: partlyFailed('success'), error: partlyFailed('error') },
  batchInventoryMatch: { id: unchangedStock(byCode), id_or_code: batchLine(byCode, { stock: 4321 }) },
  batchInventoryIncomplete: {
    blanked: batchLine(stockOnly, { stock: 4321, name: '', code: '', price: 0 }),
    refused: unchangedStock(stockOnly),
  },
  batchInventoryUnknown: {
    ignored: unchangedStock(() => ({ ...newInventoryItem, id: 1 })),
    created: batchLine(() => ({ ...newInventoryItem, id: 1 }), {}, 81),
  },
  batchInventoryResults: {
    none: async (start) => {
      const { send } = await start();
      const { body } = await send('PUT', '/batch-inventory-items', [{ ...newInventoryItem, id: 1 }]);
      expect(body).toEqual({
        status: 'success',
        message: '0 Inventory Items Updated',
        execution_time: expect.any(String),
      });
    },
    per_item: async (start) => {
      const it = await start();
      const lines = [firstItem(it), { ...newInventoryItem, id: 1 }];
      const { body } = await it.send('PUT', '/batch-inventory-items', lines);
      expect(body.message).toBe('1 Inventory Items Updated');
      expect(body.results).toEqual([
        { status: 'success', id: lines[0]?.id, message: 'Inventory Item Updated' },
        { status: 'error', id: 1, message: 'Inventory Item Not Found' },
      ]);
    },
  },
  batchInventoryMaximum: {
    none: replies('PUT', '/batch-inventory-items', manyItems, 200, { status: 'success' }),
    refused: replies('PUT', '/batch-inventory-items', manyItems, 400, { status: 'error' }),
  },
  moveUnknownOrder: {
    left_out: moveAll(200, [one, two], ['1', '2']),
    told: moveAll(200, [one, { order_id: 9, message: 'Order Not Found' }, two], ['1', '2']),
    refused: moveAll(404, [], []),
  },
  moveToSameFolder: {
    moved_again: moveWhereItIs(/^Order Moved to /, { folder_changed: 1 }, 1),
    unchanged: moveWhereItIs(/^Order Already in /, {}, 0),
  },
  moveMaximum: { none: moveMany(200), refused: moveMany(400) },
};
