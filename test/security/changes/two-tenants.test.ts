/** Two tenants that keep the same store of Order Desk: each has a ledger of its own, and no way into the other's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AN_ORDER } from '../../support/changes/an-order.js';
import { ALL_TOOLSETS, openWritingShop, type WritingShop } from '../../support/changes/writing-shop.js';

const STORE = { id: '965', apiKey: 'sandbox-key-965', name: 'Shared', timeZone: 'UTC', orderCount: 3 };
const BACK = { id: '966', apiKey: 'sandbox-key-966', name: 'Back', timeZone: 'UTC', orderCount: 3 };

let shop: WritingShop;
const keys = { first: '', second: '', sibling: '', back: '' };
const made = { first: [] as string[], second: [] as string[] };
let order_id: string;
beforeAll(async () => {
  shop = await openWritingShop({ stores: [STORE, BACK] });
  await shop.addTenant('first', [STORE.id, BACK.id]);
  await shop.addTenant('second', [STORE.id, BACK.id]);
  keys.first = await shop.addKey('first', { toolsets: ALL_TOOLSETS, stores: [STORE.name] });
  keys.second = await shop.addKey('second', { toolsets: ALL_TOOLSETS, stores: [STORE.name] });
  keys.sibling = await shop.addKey('first', { toolsets: ALL_TOOLSETS, stores: [STORE.name] });
  keys.back = await shop.addKey('first', { toolsets: ALL_TOOLSETS, stores: [BACK.name] });
  order_id = shop.sandbox.store(STORE.id).insertOrder(AN_ORDER).id;
  // By turns, so that neither's ids lie together.
  for (const number of [1, 2, 3]) {
    for (const whose of ['first', 'second'] as const) {
      const changes = { shipping_method: `${whose} ${number}` };
      const { change_id } = await shop.write(keys[whose], 'update_order', {
        order_id,
        changes,
        idempotency_key: `${number}`,
      });
      made[whose].unshift(change_id ?? '');
    }
  }
});
afterAll(() => shop?.close());

const page = z.looseObject({
  rows: z.array(z.looseObject({ id: z.string() })),
  next_cursor: z.string().nullable(),
});
async function list(key: string, args: object = {}) {
  const { result, text } = await shop.call(key, 'list_changes', { ...args });
  const { rows, next_cursor } = page.parse(result?.structuredContent);
  return { ids: rows.map(({ id }) => id), cursor: next_cursor, text };
}

describe('two tenants with the same store', () => {
  it.each(['first', 'second'] as const)('list what they did themselves: the %s', async (whose) => {
    const other = whose === 'first' ? 'second' : 'first';
    for (const args of [{}, { order_id }, { status: 'applied' }, { key: 'test' }]) {
      const { ids, text } = await list(keys[whose], args);
      expect(ids).toEqual(made[whose]);
      for (const id of made[other]) expect(text).not.toContain(id);
    }
    const [kid] = [keys[other].slice(4, 14)];
    expect((await list(keys[whose], { key: kid })).ids).toEqual([]);
  });

  it('each carried out its own call under the same idempotency key', async () => {
    expect(new Set([...made.first, ...made.second]).size).toBe(6);
    const changes = { shipping_method: 'first 1' };
    const again = await shop.write(keys.first, 'update_order', { order_id, changes, idempotency_key: '1' });
    expect(again).toMatchObject({ replayed: true, change_id: made.first.at(-1) });
  });

  it('go on with no cursor but their own, which is good for the same key and question only', async () => {
    const { ids, cursor } = await list(keys.first, { limit: 1 });
    expect(ids).toEqual(made.first.slice(0, 1));
    expect((await list(keys.first, { limit: 1, cursor })).ids).toEqual(made.first.slice(1, 2));
    for (const [key, args] of [
      [keys.second, {}],
      [keys.sibling, {}],
      [keys.back, {}],
      [keys.first, { order_id }],
      [keys.first, { status: 'applied' }],
    ] as const) {
      const refused = await shop.refusal(key, 'list_changes', { limit: 1, cursor, ...args });
      expect(refused.code).toBe('invalid_cursor');
      for (const id of made.first) expect(refused.text).not.toContain(id);
    }
  });

  it('undo nothing of the other, confirmed or not', async () => {
    const [change_id] = made.first;
    const before = shop.sandbox.store(STORE.id).order(order_id);
    const none = await shop.refusal(keys.second, 'undo_change', { change_id: crypto.randomUUID() });
    for (const args of [{}, { dry_run: true }, { idempotency_key: '1' }, { confirmation_token: 'made up' }]) {
      const refused = await shop.refusal(keys.second, 'undo_change', { change_id, ...args });
      expect(refused.text).toBe(none.text);
    }
    expect(shop.sandbox.store(STORE.id).order(order_id)).toEqual(before);
  });

  it('of one tenant, a key of another store sees nothing of it', async () => {
    expect((await list(keys.back)).ids).toEqual([]);
    expect((await list(keys.sibling)).ids).toEqual(made.first);
  });
});
