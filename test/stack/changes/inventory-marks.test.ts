/** What an inventory item shows of a write, on the way of a real call: by the id of the change, never by values alone. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/changes/engine.js';
import type { Intents } from '../../../src/changes/intents.js';
import { changeTypes } from '../../../src/changes/kinds/index.js';
import type { ChangeAnswer } from '../../../src/changes/port.js';
import type { InventoryRecord } from '../../../src/sandbox/index.js';
import { EngineRoom, type Shop } from '../../support/changes/engine-room.js';

let room: EngineRoom;
let shop: Shop;
let engine: Engine;
let places = 0;
let id = 0;
let code = '';

beforeAll(async () => {
  room = await EngineRoom.open();
});
afterAll(() => room.close());
beforeEach(async () => {
  shop = await room.shop();
  engine = room.engine(shop, { types: changeTypes() });
  const item = room.upstream.inventory()[places];
  places += 1;
  id = item?.id ?? 0;
  code = item?.code ?? '';
  for (const list of [room.asked, room.slept]) list.length = 0;
});

const stored = (): InventoryRecord | undefined => room.upstream.inventory().find((each) => each.id === id);

/** A sale, or somebody else's edit. */
function edit(fields: Partial<InventoryRecord>): void {
  const { upstream } = room;
  upstream.replaceData({
    folders: upstream.folders(),
    orders: upstream.orders(),
    history: new Map(),
    inventory: upstream.inventory().map((each) => (each.id === id ? { ...each, ...fields } : each)),
  });
}

function update(line: Intents['inventory_update']['lines'][number], key: string): Promise<ChangeAnswer> {
  const intent = { lines: [line] };
  const asked = { tool: 'update_inventory', kind: 'inventory_update', intent, args: intent } as const;
  return engine.run({ ...asked, store: shop.store, dryRun: false, idempotencyKey: key }, room.ctx(shop));
}

function create(item: Readonly<Record<string, unknown>>, key: string): Promise<ChangeAnswer> {
  const asked = { tool: 'create_inventory_item', kind: 'inventory_create', intent: { item } } as const;
  const request = { ...asked, args: { item }, store: shop.store, dryRun: false, idempotencyKey: key };
  return engine.run(request, room.ctx(shop));
}

/** Long enough for the sweeper to come and look twice. */
async function settled(): Promise<void> {
  await room.leasesOver(shop, 120);
  await engine.sweep();
}

describe('an adjustment of stock whose answer was lost', () => {
  it('is not made again where as many were sold meanwhile as it added', async () => {
    edit({ stock: 10, update_source: 'orderdesk-mcp' });
    room.sandbox.fail({ kind: 'reset_after', match: { method: 'PUT' }, times: 1 });
    const unread = room.sandbox.fail({
      kind: 'status',
      status: 500,
      match: (method) => method === 'GET' && stored()?.stock === 15,
      times: Number.POSITIVE_INFINITY,
    });
    expect(await update({ code, adjustStockBy: 5 }, 'once')).toMatchObject({ outcome: 'unknown' });
    unread();
    edit({ stock: 10 });
    await settled();
    expect(await update({ code, adjustStockBy: 5 }, 'once')).toMatchObject({
      outcome: 'applied',
      lines: [{ message: expect.stringContaining('sold, or changed, since') }],
    });
    expect(stored()?.stock).toBe(10);
    expect(room.writes).toHaveLength(1);
  });

  it('is not taken for made where another write of ours came after', async () => {
    edit({ stock: 10, price: 1, update_source: 'Manual' });
    room.sandbox.fail({ kind: 'reset', match: { method: 'PUT' }, times: 1 });
    expect(await update({ code, adjustStockBy: 5 }, 'first')).toMatchObject({ outcome: 'unknown' });
    // The locks end before the sweeper comes.
    await room.leasesOver(shop, 1);
    expect(await update({ code, set: { price: 2 } }, 'second')).toMatchObject({ outcome: 'applied' });
    await settled();
    expect(await room.states(shop)).toEqual(['unknown', 'applied']);
    expect(await update({ code, adjustStockBy: 5 }, 'first')).toMatchObject({ outcome: 'unknown' });
    expect(stored()).toMatchObject({ stock: 10, price: 2 });
  });
});

describe('a new item whose answer was lost', () => {
  it('is not taken for made where another write of ours made one with its code', async () => {
    room.sandbox.fail({ kind: 'reset', match: { method: 'POST' }, times: 1 });
    const item = { name: 'Cup', code: 'CUP-NEW', stock: 3 };
    expect(await create(item, 'first')).toMatchObject({ outcome: 'unknown' });
    await room.leasesOver(shop, 1);
    expect(await create({ ...item, stock: 99 }, 'second')).toMatchObject({ outcome: 'applied' });
    await settled();
    expect(await create(item, 'first')).toMatchObject({ outcome: 'unknown' });
    expect(await room.states(shop)).toEqual(['unknown', 'applied']);
  });
});
