import { afterEach, describe, expect, it } from 'vitest';
import type { RecordedChange } from '../../../src/changes/change-type.js';
import type { Intents } from '../../../src/changes/intents.js';
import { inventoryCreate } from '../../../src/changes/kinds/inventory-create.js';
import { inventoryDelete } from '../../../src/changes/kinds/inventory-delete.js';
import { inventoryUpdate } from '../../../src/changes/kinds/inventory-update.js';
import type { InventoryRecord, SandboxSwitches } from '../../../src/sandbox/index.js';
import { openRoom, type Room } from '../../support/changes/kinds-moves-room.js';

/** Who is put down for an item that an earlier change of ours wrote. */
const EARLIER = 'orderdesk-mcp 01890000-0000-7000-8000-000000000009';

const rooms: Room[] = [];

async function room(
  switches: Partial<SandboxSwitches> = {},
  items: readonly InventoryRecord[] = stock(3),
): Promise<Room> {
  const opened = await openRoom(switches, 1);
  putItems(opened, items);
  rooms.push(opened);
  return opened;
}

afterEach(async () => {
  for (const opened of rooms.splice(0)) await opened.close();
});

const stock = (count: number): InventoryRecord[] =>
  Array.from({ length: count }, (_none, at) => item(at + 1));

function item(id: number, change: Partial<InventoryRecord> = {}): InventoryRecord {
  return {
    id,
    name: `Item ${id}`,
    code: `SKU-${id}`,
    price: 9.5,
    cost: 4.25,
    weight: 0.2,
    stock: 20,
    update_source: 'Manual',
    location: 'Shelf 1',
    manufacturer_sku: null,
    metadata: [],
    variation_list: { Size: 'L' },
    date_added: '2026-01-01 10:00:00',
    date_updated: '2026-01-01 10:00:00',
    ...change,
  };
}

const putItems = ({ shop }: Room, inventory: readonly InventoryRecord[]): void =>
  shop.replaceData({ folders: shop.folders(), orders: [], history: new Map(), inventory });

/** A sale, or somebody else's edit. */
const change = (opened: Room, id: number, fields: Partial<InventoryRecord>): void =>
  putItems(
    opened,
    opened.shop.inventory().map((record) => (record.id === id ? { ...record, ...fields } : record)),
  );

const itemAt = ({ shop }: Room, id: number): InventoryRecord | undefined =>
  shop.inventory().find((record) => record.id === id);

function undoOf(recorded: RecordedChange): Intents['inventory_update'] {
  const { kind, intent } = inventoryUpdate.inverse(recorded);
  if (kind !== 'inventory_update' || !('lines' in intent) || 'orderId' in intent) throw new Error(kind);
  return intent as Intents['inventory_update'];
}

describe('an update of inventory', () => {
  it('takes three requests for 100 codes', async () => {
    const opened = await room({ batchInventoryMaximum: 'refused' }, stock(120));
    const lines = Array.from({ length: 100 }, (_none, at) => ({ code: `SKU-${at + 1}`, adjustStockBy: -at }));
    const { lines: done } = await opened.run(inventoryUpdate, { lines });
    expect(opened.requests).toEqual([
      'GET /inventory-items',
      'PUT /batch-inventory-items',
      'GET /inventory-items',
    ]);
    expect(inventoryUpdate.calls({ lines })).toBe(3);
    expect(done[0]).toMatchObject({ outcome: 'already', fields: [] });
    expect(done.slice(1).every(({ outcome }) => outcome === 'applied')).toBe(true);
    expect(opened.shop.inventory().map(({ stock: now }) => now)).toEqual([
      ...lines.map(({ adjustStockBy }) => 20 + adjustStockBy),
      ...Array(20).fill(20),
    ]);
  });

  it('keeps all that it does not name, and says who wrote it and how long the stock was exposed', async () => {
    const opened = await room();
    const before = itemAt(opened, 2);
    const { lines, remarks, plan } = await opened.run(inventoryUpdate, {
      lines: [{ code: 'SKU-2', set: { location: 'Shelf 9', variation_list: { Colour: 'red' } } }],
    });
    expect(lines).toEqual([
      {
        target: { kind: 'inventory', id: '2', name: 'SKU-2' },
        outcome: 'applied',
        fields: [
          { path: ['location'], before: 'Shelf 1', after: 'Shelf 9' },
          { path: ['variation_list', 'Colour'], after: 'red' },
        ],
      },
    ]);
    expect({ ...itemAt(opened, 2), date_updated: '' }).toEqual({
      ...before,
      location: 'Shelf 9',
      variation_list: { Size: 'L', Colour: 'red' },
      update_source: `orderdesk-mcp ${opened.around.changeId}`,
      date_updated: '',
    });
    expect(plan.remarks).toEqual([expect.stringContaining('a sale between reading and writing is lost')]);
    expect(remarks.at(-1)).toMatch(/ it took \d{1,4} ms\.$/);
  });

  it('adds in decimals', async () => {
    const opened = await room({}, [item(1, { stock: 0.1 })]);
    await opened.run(inventoryUpdate, { lines: [{ code: 'SKU-1', adjustStockBy: 2 }] });
    expect(itemAt(opened, 1)?.stock).toBe(2.1);
  });

  it('fails single lines, and carries out the others', async () => {
    const opened = await room({ duplicateCode: 'allowed' }, [
      ...stock(3),
      item(4, { code: 'TWICE' }),
      item(5, { code: 'TWICE' }),
    ]);
    const { lines } = await opened.run(inventoryUpdate, {
      lines: [
        { code: 'NONE', adjustStockBy: 1 },
        { code: 'TWICE', adjustStockBy: 1 },
        { code: 'A,B', adjustStockBy: 1 },
        { code: 'SKU-1', adjustStockBy: 1, expectedStock: '19' },
        { code: 'SKU-2', adjustStockBy: 1, expectedStock: '20.0' },
        { id: '3', set: { stock: 7 } },
        { id: '88', set: { stock: 7 } },
      ],
    });
    expect(lines.map(({ outcome, message }) => [outcome, message])).toEqual([
      ['failed', 'Order Desk has no such inventory item in this store.'],
      ['failed', 'Several inventory items have this code: name the one that is meant by its id.'],
      ['failed', 'A code with a comma in it cannot be asked for: name the item by its id.'],
      ['failed', 'The stock is 20 now, not the one that was expected; nothing was sent for it.'],
      ['applied', undefined],
      ['applied', undefined],
      ['failed', 'Order Desk has no such inventory item in this store.'],
    ]);
    expect(opened.shop.inventory().map(({ stock: now }) => now)).toEqual([20, 21, 7, 20, 20]);
  });

  it.each([
    [
      'one code twice',
      [
        { code: 'SKU-1', adjustStockBy: 1 },
        { code: ' sku-1', adjustStockBy: 1 },
      ],
      'updates.1',
    ],
    [
      'an item by code and by id',
      [
        { code: 'SKU-1', adjustStockBy: 1 },
        { id: '1', adjustStockBy: 1 },
      ],
      'updates.1',
    ],
    ['neither code nor id', [{ adjustStockBy: 1 }], 'updates.0'],
    ['nothing to be set', [{ code: 'SKU-1' }], 'updates.0.set'],
    [
      'stock set and adjusted',
      [{ code: 'SKU-1', adjustStockBy: 1, set: { stock: 1 } }],
      'updates.0.adjust_stock_by',
    ],
    ['a half', [{ code: 'SKU-1', adjustStockBy: 0.5 }], 'updates.0.adjust_stock_by'],
    ['a field that nobody knows', [{ code: 'SKU-1', set: { colour: 'red' } }], 'updates.0.set.colour'],
    [
      'too many ids',
      Array.from({ length: 21 }, (_none, id) => ({ id: `${id + 1}`, adjustStockBy: 1 })),
      'updates',
    ],
  ])('is refused before it is sent: %s', async (_name, lines, field) => {
    const opened = await room();
    await expect(opened.run(inventoryUpdate, { lines })).rejects.toMatchObject({
      code: 'invalid_argument',
      field,
    });
    expect(opened.requests.filter((request) => request.startsWith('PUT'))).toEqual([]);
  });

  it.each<Partial<SandboxSwitches>>([
    { inventoryCodeFilter: 'contains' },
    { inventoryPaging: 'honoured' },
    { batchInventoryMatch: 'id_or_code' },
    { batchInventoryIncomplete: 'refused' },
    { batchInventoryUnknown: 'created' },
    { batchInventoryResults: 'per_item' },
    { inventoryWriter: 'cut' },
    { inventoryWriter: 'ignored' },
  ])('changes the item that is meant and no other with %o', async (switches) => {
    const opened = await room(switches, stock(30));
    const { lines } = await opened.run(inventoryUpdate, { lines: [{ code: 'SKU-2', adjustStockBy: 5 }] });
    expect(lines).toMatchObject([{ outcome: 'applied', target: { id: '2' } }]);
    expect(opened.shop.inventory().map(({ stock: now }) => now)).toEqual(
      stock(30).map(({ id }) => (id === 2 ? 25 : 20)),
    );
  });

  it('finds out that Order Desk left a line out without a word', async () => {
    const opened = await room({ duplicateCode: 'refused' });
    const { lines } = await opened.run(inventoryUpdate, {
      lines: [
        { code: 'SKU-1', set: { code: 'SKU-3' } },
        { code: 'SKU-2', set: { code: 'SKU-9' } },
      ],
    });
    expect(lines).toMatchObject([
      { outcome: 'failed', message: 'Order Desk took the request, but the item is as it was before.' },
      { outcome: 'applied', fields: [{ path: ['code'], before: 'SKU-2', after: 'SKU-9' }] },
    ]);
  });

  it.each(['none', 'per_item'] as const)(
    'goes by the items where Order Desk says error because of one of them (results: %s)',
    async (batchInventoryResults) => {
      const opened = await room({ partlyFailedBatch: 'error', batchInventoryResults });
      const lines = [
        { code: 'SKU-1', set: { code: 'SKU-3' } },
        { code: 'SKU-2', adjustStockBy: 5 },
      ];
      if (batchInventoryResults === 'per_item') {
        const { lines: done } = await opened.run(inventoryUpdate, { lines });
        expect(done.map(({ outcome }) => outcome)).toEqual(['failed', 'applied']);
      } else {
        const step = await opened.lose(inventoryUpdate, { lines });
        const verdicts = await inventoryUpdate.look(step, opened.around);
        expect(verdicts.map(({ found }) => found)).toEqual(['not_applied', 'applied']);
      }
      expect(opened.shop.inventory().map(({ stock: now }) => now)).toEqual([20, 25, 20]);
    },
  );

  it('says that it does not know where the items cannot be read afterwards', async () => {
    const opened = await room();
    const { plan } = await opened.run(inventoryUpdate, { lines: [{ code: 'SKU-1', adjustStockBy: 1 }] });
    const [step] = plan.steps;
    if (step === undefined) throw new Error('no step');
    opened.sandbox.fail({ kind: 'status', status: 400, match: { path: '/inventory-items' } });
    const { lines } = await inventoryUpdate.read(step, {}, opened.around);
    expect(lines).toMatchObject([
      { outcome: 'unknown', message: expect.stringContaining('could not be read') },
    ]);
  });
});

describe('an inventory update whose answer was lost', () => {
  const lines = [1, 2, 3, 4].map((id) => ({ code: `SKU-${id}`, set: { stock: 5, location: 'Bin' } }));

  it('is found to be applied, also where some was sold since', async () => {
    const opened = await room({}, stock(4));
    opened.sandbox.fail({ kind: 'reset_after', match: { method: 'PUT' } });
    const step = await opened.lose(inventoryUpdate, { lines });
    change(opened, 2, { stock: 4 });
    opened.requests.length = 0;
    const verdicts = await inventoryUpdate.look(step, opened.around);
    expect(opened.requests).toEqual(['GET /inventory-items']);
    expect(verdicts.map(({ found, line }) => [found, line?.message])).toEqual([
      ['applied', undefined],
      [
        'applied',
        'The item was written, and some of it is different by now: it was sold, or changed, since.',
      ],
      ['applied', undefined],
      ['applied', undefined],
    ]);
  });

  it('is found to have changed nothing, or is unclear where somebody else did', async () => {
    const opened = await room({}, stock(4));
    opened.sandbox.fail({ kind: 'reset', match: { method: 'PUT' } });
    const step = await opened.lose(inventoryUpdate, { lines });
    change(opened, 2, { stock: 19 });
    change(opened, 3, { location: 'Elsewhere' });
    putItems(
      opened,
      opened.shop.inventory().filter(({ id }) => id !== 4),
    );
    expect(
      (await inventoryUpdate.look(step, opened.around)).map(({ found, line }) => [found, line?.message]),
    ).toEqual([
      ['not_applied', undefined],
      ['unclear', expect.stringContaining('items were sold meanwhile')],
      ['unclear', expect.stringContaining('somebody else changed it')],
      ['unclear', expect.stringContaining('not there any more')],
    ]);
  });

  const WRITTEN_SINCE = 'The item is as it was before, but was written since';

  /** An adjustment of 20 by 5 whose answer was lost, and then this. */
  async function adjusted(
    fault: 'reset' | 'reset_after',
    then: Partial<InventoryRecord>,
    switches: Partial<SandboxSwitches> = {},
  ) {
    const opened = await room(switches, [item(1, { update_source: EARLIER })]);
    opened.sandbox.fail({ kind: fault, match: { method: 'PUT' } });
    const step = await opened.lose(inventoryUpdate, { lines: [{ code: 'SKU-1', adjustStockBy: 5 }] });
    change(opened, 1, then);
    const [verdict] = await inventoryUpdate.look(step, opened.around);
    return verdict;
  }

  it('is found by its id, also where our name was on the item before and as many were sold as it added', async () => {
    expect(await adjusted('reset_after', { stock: 20 })).toMatchObject({
      found: 'applied',
      line: { outcome: 'applied', message: expect.stringContaining('it was sold') },
    });
    expect(await adjusted('reset', {})).toEqual({ index: 0, found: 'not_applied' });
  });

  it.each<[string, Partial<InventoryRecord>, string]>([
    [
      'made the stock what it should be',
      { stock: 25, update_source: 'Manual' },
      'does not say that this change',
    ],
    ['is of ours and did the same', { stock: 25, update_source: EARLIER }, 'does not say that this change'],
    ['left the stock as it was', { update_source: 'Manual' }, WRITTEN_SINCE],
    ['left all but the date as it was', { date_updated: '2026-01-02 10:00:00' }, WRITTEN_SINCE],
    ['blanked the date', { date_updated: '' }, WRITTEN_SINCE],
  ])('is unclear where another write since %s', async (_name, since, message) => {
    expect(await adjusted('reset', since)).toMatchObject({
      found: 'unclear',
      line: { outcome: 'unknown', message: expect.stringContaining(message) },
    });
  });

  it('is unclear where Order Desk does not say when the item was written', async () => {
    const opened = await room({}, [item(1, { date_updated: '' })]);
    opened.sandbox.fail({ kind: 'reset', match: { method: 'PUT' } });
    const step = await opened.lose(inventoryUpdate, { lines: [{ code: 'SKU-1', adjustStockBy: 5 }] });
    expect(await inventoryUpdate.look(step, opened.around)).toMatchObject([{ found: 'unclear' }]);
  });

  it.each(['cut', 'ignored'] as const)(
    'is never taken for not made where the writer is %s and the date is another',
    async (inventoryWriter) => {
      const switches = { inventoryWriter };
      expect(await adjusted('reset_after', {}, switches)).toMatchObject({ found: 'unclear' });
      expect(await adjusted('reset_after', { stock: 20, update_source: EARLIER }, switches)).toMatchObject({
        found: 'unclear',
        line: { message: expect.stringContaining(WRITTEN_SINCE) },
      });
      expect(await adjusted('reset', {}, switches)).toEqual({ index: 0, found: 'not_applied' });
    },
  );
});

describe('an undo of an inventory update', () => {
  it('restores a hundred items in three requests, less those that changed since', async () => {
    const opened = await room({}, stock(100));
    const lines = stock(100).map(({ code }) => ({
      code,
      set: { stock: 3, code: `${code}-B`, location: 'Bin' },
    }));
    const { recorded } = await opened.run(inventoryUpdate, { lines });
    change(opened, 7, { stock: 2 });
    change(opened, 8, { name: 'New name' });
    opened.requests.length = 0;
    const undo = undoOf(recorded);
    const undone = await opened.run(inventoryUpdate, undo);
    expect(opened.requests).toHaveLength(3);
    expect(inventoryUpdate.calls(undo)).toBe(3);
    expect(undone.lines.filter(({ outcome }) => outcome === 'applied')).toHaveLength(99);
    expect(undone.lines[6]).toMatchObject({
      outcome: 'failed',
      message: 'It was changed since (stock), so that it is left as it is.',
    });
    expect(itemAt(opened, 7)).toMatchObject({ stock: 2, code: 'SKU-7-B', location: 'Bin' });
    expect(itemAt(opened, 8)).toMatchObject({
      stock: 20,
      code: 'SKU-8',
      location: 'Shelf 1',
      name: 'New name',
    });
    expect(itemAt(opened, 100)).toMatchObject({ stock: 20, code: 'SKU-100', location: 'Shelf 1' });
  });

  it('can be undone again', async () => {
    const opened = await room();
    const first = await opened.run(inventoryUpdate, { lines: [{ code: 'SKU-1', adjustStockBy: 5 }] });
    const undone = await opened.run(inventoryUpdate, undoOf(first.recorded));
    expect(itemAt(opened, 1)?.stock).toBe(20);
    await opened.run(inventoryUpdate, undoOf(undone.recorded));
    expect(itemAt(opened, 1)?.stock).toBe(25);
  });

  it('restores who wrote an item where that was changed by name', async () => {
    const opened = await room({}, [item(1, { update_source: EARLIER })]);
    const set = { update_source: 'Warehouse' };
    const { recorded } = await opened.run(inventoryUpdate, { lines: [{ code: 'SKU-1', set }] });
    expect(recorded.lines).toMatchObject([{ fields: [{ before: 'orderdesk-mcp', after: 'Warehouse' }] }]);
    expect(itemAt(opened, 1)?.update_source).toBe('Warehouse');
    expect((await opened.run(inventoryUpdate, undoOf(recorded))).lines).toMatchObject([
      { outcome: 'applied' },
    ]);
    expect(itemAt(opened, 1)?.update_source).toBe('orderdesk-mcp');
  });

  it('finds an item by its id whose code somebody changed', async () => {
    const opened = await room();
    const { recorded } = await opened.run(inventoryUpdate, { lines: [{ code: 'SKU-1', adjustStockBy: 5 }] });
    change(opened, 1, { code: 'OTHER' });
    const { lines } = await opened.run(inventoryUpdate, undoOf(recorded));
    expect(lines).toMatchObject([{ outcome: 'applied' }]);
    expect(itemAt(opened, 1)).toMatchObject({ stock: 20, code: 'OTHER' });
  });
});

describe('making an inventory item', () => {
  const made = { name: 'Cap', code: 'CAP-1', stock: 4, price: 12.5 };

  it('takes two requests and tells the id', async () => {
    const opened = await room();
    const { lines } = await opened.run(inventoryCreate, { item: made });
    expect(opened.requests).toEqual(['GET /inventory-items', 'POST /inventory-items']);
    const stored = opened.shop.inventory().find(({ code }) => code === 'CAP-1');
    expect(stored).toMatchObject({ ...made, update_source: `orderdesk-mcp ${opened.around.changeId}` });
    expect(lines[0]?.fields).toContainEqual({ path: ['update_source'], after: 'orderdesk-mcp' });
    expect(lines).toMatchObject([{ outcome: 'applied', target: { id: String(stored?.id), name: 'CAP-1' } }]);
  });

  it('is refused with the id of the item that has the code', async () => {
    const opened = await room({ duplicateCode: 'allowed' });
    await expect(opened.run(inventoryCreate, { item: { ...made, code: 'SKU-2' } })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('already: 2.'),
    });
    expect(opened.shop.inventory()).toHaveLength(3);
  });

  it('is looked for by its code and the change that wrote it', async () => {
    const opened = await room();
    const { around, sandbox } = opened;
    sandbox.fail({ kind: 'reset', match: { method: 'POST' } });
    const never = await opened.lose(inventoryCreate, { item: made });
    expect(await inventoryCreate.look(never, around)).toEqual([{ index: 0, found: 'not_applied' }]);
    sandbox.fail({ kind: 'reset_after', match: { method: 'POST' } });
    const lost = await opened.lose(inventoryCreate, { item: made });
    const id = opened.shop.inventory().find(({ code }) => code === 'CAP-1')?.id ?? 0;
    expect(await inventoryCreate.look(lost, around)).toMatchObject([
      { found: 'applied', line: { target: { id: String(id) } } },
    ]);
    change(opened, id, { update_source: 'Somebody' });
    expect(await inventoryCreate.look(lost, around)).toMatchObject([
      { found: 'unclear', line: { outcome: 'unknown' } },
    ]);
  });
});

describe('deleting an inventory item', () => {
  it.each([{ id: '2' }, { code: 'SKU-2' }])(
    'by %o keeps the record, from which it is made again',
    async (intent) => {
      const opened = await room({}, [item(1), item(2, { metadata: { shelf: [1, 2] } })]);
      putItems(opened, [item(1), Object.assign(item(2), { x_unknown: 'kept' })]);
      const { recorded, lines } = await opened.run(inventoryDelete, intent);
      expect(opened.requests).toHaveLength(2);
      expect(lines).toMatchObject([{ outcome: 'applied', target: { id: '2', name: 'SKU-2' } }]);
      expect(opened.shop.inventory().map(({ id }) => id)).toEqual([1]);
      const undo = inventoryDelete.inverse(recorded);
      if (undo.kind !== 'inventory_create') throw new Error(undo.kind);
      await opened.run(inventoryCreate, undo.intent as Intents['inventory_create']);
      const again = opened.shop.inventory().at(-1);
      expect(again).toMatchObject({ name: 'Item 2', code: 'SKU-2', stock: 20, x_unknown: 'kept' });
    },
  );

  it('is refused for an item that is not there, or not the only one', async () => {
    const opened = await room({}, [item(1, { code: 'TWICE' }), item(2, { code: 'TWICE' })]);
    const refusal = (intent: Intents['inventory_delete']) =>
      expect(opened.run(inventoryDelete, intent)).rejects;
    await refusal({ id: '9' }).toMatchObject({ code: 'not_found' });
    await refusal({ code: 'NONE' }).toMatchObject({ code: 'not_found' });
    await refusal({ code: 'TWICE' }).toMatchObject({ code: 'invalid_argument', field: 'code' });
    await refusal({}).toMatchObject({ code: 'invalid_argument' });
    expect(opened.shop.inventory()).toHaveLength(2);
  });

  it.each([
    ['reset', 'not_applied'],
    ['reset_after', 'applied'],
  ] as const)('whose answer was lost by %s is %s', async (kind, found) => {
    const opened = await room();
    opened.sandbox.fail({ kind, match: { method: 'DELETE' } });
    const step = await opened.lose(inventoryDelete, { id: '2' });
    expect(await inventoryDelete.look(step, opened.around)).toEqual([{ index: 0, found }]);
  });
});
