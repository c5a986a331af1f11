/** Items of an order, added, changed and removed before a sandbox: what goes out, what is found afterwards, the way back. */
import { afterEach, describe, expect, it } from 'vitest';
import { itemAdd } from '../../../src/changes/kinds/item-add.js';
import { itemRemove } from '../../../src/changes/kinds/item-remove.js';
import { itemUpdate } from '../../../src/changes/kinds/item-update.js';
import type { SandboxSwitches } from '../../../src/sandbox/index.js';
import { intentFor, openPartsRoom, type PartsRoom } from '../../support/changes/kinds-parts-room.js';

const ORDER = '5001';
const SHIRT = '500101';
const rooms: PartsRoom[] = [];

afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

async function opened(switches: Partial<SandboxSwitches> = {}): Promise<PartsRoom> {
  const room = await openPartsRoom(1, switches);
  rooms.push(room);
  return room;
}

const item = (room: PartsRoom, id: string) => room.order().order_items.find((one) => one.id === id);
const GET = `GET /orders/${ORDER}`;
const madeValue = (
  fields: readonly { readonly path: readonly string[]; readonly after?: unknown }[],
  name: string,
) => fields.find(({ path }) => path[2] === name)?.after;

describe('an item that is added', () => {
  const intent = {
    orderId: ORDER,
    item: { name: 'Red Sock', price: '3.50', quantity: 4, metadata: { image: 'sock.png' } },
  };

  it('is there once, with our mark, and is found by it afterwards: two requests', async () => {
    const room = await opened();
    const { lines, requests } = await room.run(itemAdd, intent);
    expect(requests).toEqual([`POST /orders/${ORDER}/order-items`, GET]);
    expect(requests).toHaveLength(itemAdd.calls(intent));
    const made = room.order().order_items.at(-1);
    expect(made).toMatchObject({ name: 'Red Sock', price: 3.5, quantity: 4, delivery_type: 'ship' });
    expect(made?.metadata).toEqual({ image: 'sock.png', odm_change: room.changeId });
    expect(lines[0]).toMatchObject({ outcome: 'applied', target: { kind: 'order', id: ORDER } });
    expect(new Set(lines[0]?.fields.map(({ path }) => path[1]))).toEqual(new Set([`#${made?.id}`]));
    expect(madeValue(lines[0]?.fields ?? [], 'metadata')).toEqual({ image: 'sock.png' });
  });

  it('is previewed with the order as it is, which it must have', async () => {
    const room = await opened();
    const plan = await room.preview(itemAdd, intent);
    expect(plan.seen).toEqual([plan.version]);
    expect(plan.lines[0]?.fields.map(({ path }) => path.join('/'))).toContain('order_items/#new/name');
    await expect(room.preview(itemAdd, { ...intent, orderId: '77' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('is refused by the name of what nobody may set', async () => {
    const room = await opened();
    await expect(room.preview(itemAdd, { ...intent, item: { name: 'A', id: '5' } })).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'item.id',
    });
  });

  it('is looked for by its mark when its answer was lost', async () => {
    const room = await opened();
    room.sandbox.fail({ kind: 'reset_after', match: { method: 'POST' } });
    const { plan, outcomes } = await room.run(itemAdd, intent);
    expect(outcomes).toEqual(['unknown']);
    const [verdict] = await room.look(itemAdd, plan);
    expect(verdict?.found).toBe('applied');
    expect(verdict?.line?.fields[0]?.path[1]).toBe(`#${room.order().order_items.at(-1)?.id}`);
    expect(room.order().order_items).toHaveLength(3);
  });

  it.each([
    ['like it without a mark', {}, 'unclear'],
    ['like it with the mark of another change', { metadata: { odm_change: 'another' } }, 'not_applied'],
    ['of another quantity', { quantity: 5 }, 'not_applied'],
    ['of another name', { name: 'Red Socks' }, 'not_applied'],
  ] as const)('beside an item %s is %j: %s', async (_what, change, found) => {
    const room = await opened();
    room.sandbox.fail({ kind: 'reset', match: { method: 'POST' } });
    const { plan } = await room.run(itemAdd, intent);
    const store = room.sandbox.store('612');
    const [shirt] = room.order().order_items;
    if (shirt === undefined) throw new Error('The order has items.');
    store.changeOrder(ORDER, { order_items: [{ ...shirt, ...intent.item, price: 3.5, id: '9', ...change }] });
    expect(await room.look(itemAdd, plan)).toEqual([{ index: 0, found }]);
    store.removeOrder(ORDER);
    expect(await room.look(itemAdd, plan)).toEqual([{ index: 0, found: 'unclear' }]);
  });

  it('is taken back by its id, while nobody has changed it', async () => {
    const room = await opened();
    const back = room.inverse(itemAdd, await room.run(itemAdd, intent));
    const removal = intentFor(itemRemove, back);
    const made = room.order().order_items.at(-1);
    if (made === undefined) throw new Error('The item is there.');
    const others = room.order().order_items.slice(0, -1);
    const store = room.sandbox.store('612');
    store.changeOrder(ORDER, { order_items: [...others, { ...made, quantity: 9 }] });
    await expect(room.run(itemRemove, removal)).rejects.toMatchObject({
      code: 'cannot_undo',
      message: expect.stringContaining('quantity'),
    });
    store.changeOrder(ORDER, { order_items: [...others, made], email: 'other@shop.example' });
    await room.run(itemRemove, removal);
    expect(room.order().order_items).toEqual(others);
    expect((await room.run(itemRemove, removal)).lines[0]?.outcome).toBe('already');
  });

  it.each([
    ['another item like it is there', [{}], 'applied', 'which'],
    ['no item like it is there', [], 'unknown', 'does not show'],
  ] as const)('without its mark in the answer has no way back: %s', async (_what, items, outcome, said) => {
    const room = await opened();
    const plan = await room.preview(itemAdd, intent);
    const [step] = plan.steps;
    const [shirt] = room.order().order_items;
    if (step === undefined || shirt === undefined) throw new Error('There is a step, and an item.');
    const like = items.map((change) => ({ ...shirt, ...intent.item, price: 3.5, metadata: [], ...change }));
    room.sandbox.store('612').changeOrder(ORDER, { order_items: [shirt, ...like] });
    const run = await room.read(itemAdd, step, { status: 'success' });
    expect(run).toMatchObject([{ outcome, message: expect.stringContaining(said) }]);
    expect(run[0]?.fields[0]?.path[1]).toBe('#new');
  });

  it('has no way back where its id could not be read', async () => {
    const room = await opened();
    room.sandbox.fail({ kind: 'status', status: 500, match: { method: 'GET' }, times: 3 });
    const run = await room.run(itemAdd, intent);
    expect(run.lines[0]).toMatchObject({ outcome: 'applied', message: expect.stringContaining('id') });
    expect(() => room.inverse(itemAdd, run)).toThrow(expect.objectContaining({ code: 'cannot_undo' }));
  });

  it.each([[{ unknownId: 200 }], [{ unknownId: 404 }]] as const)(
    'fails for an order that is gone: %j',
    async (switches) => {
      const room = await opened(switches);
      const { lines } = await room.run(itemAdd, { ...intent, orderId: '77' });
      expect(lines[0]?.outcome).toBe('failed');
    },
  );
});

describe.each([['replaced'], ['merged']] as const)(
  'an item that is changed, where a PUT has it %s',
  (itemPut) => {
    const patch = { quantity: 3, category_code: null, variation_list: { Size: 'M' } };
    const intent = { orderId: ORDER, itemId: SHIRT, patch };

    it('keeps all that was not named: two requests', async () => {
      const room = await opened({ itemPut });
      const before = item(room, SHIRT);
      const { lines, requests } = await room.run(itemUpdate, intent);
      expect(requests).toEqual([GET, `PUT /orders/${ORDER}/order-items/${SHIRT}`]);
      expect(requests).toHaveLength(itemUpdate.calls(intent));
      expect(item(room, SHIRT)).toEqual({
        ...before,
        quantity: 3,
        category_code: '',
        variation_list: { Size: 'M' },
      });
      expect(lines[0]?.fields).toContainEqual({
        path: ['order_items', `#${SHIRT}`, 'quantity'],
        before: 2,
        after: 3,
      });
    });

    it('is put back by its fields alone', async () => {
      const room = await opened({ itemPut });
      const before = item(room, SHIRT);
      const back = room.inverse(itemUpdate, await room.run(itemUpdate, intent));
      const restore = intentFor(itemUpdate, back);
      await room.run(itemUpdate, { orderId: ORDER, itemId: SHIRT, patch: { name: 'White Shirt' } });
      await room.run(itemUpdate, restore);
      expect(item(room, SHIRT)).toEqual({ ...before, name: 'White Shirt' });
      await room.run(itemUpdate, { orderId: ORDER, itemId: SHIRT, patch: { quantity: 8 } });
      await expect(room.run(itemUpdate, restore)).rejects.toMatchObject({ code: 'cannot_undo' });
      await room.run(itemRemove, { orderId: ORDER, itemId: SHIRT });
      await expect(room.run(itemUpdate, restore)).rejects.toMatchObject({ code: 'cannot_undo' });
    });
  },
);

describe('an item that is to be changed', () => {
  const intent = { orderId: ORDER, itemId: SHIRT, patch: { quantity: 3 } };

  it('is so already: nothing is sent', async () => {
    const room = await opened();
    const { lines, requests } = await room.run(itemUpdate, {
      ...intent,
      patch: { quantity: 2, price: '5.50' },
    });
    expect(requests).toEqual([GET]);
    expect(lines).toEqual([{ target: { kind: 'order', id: ORDER }, outcome: 'already', fields: [] }]);
  });

  it('is not sent for another version of the order, nor for an item that it has not', async () => {
    const room = await opened();
    const { version } = await room.preview(itemUpdate, intent);
    await expect(
      room.run(itemUpdate, { ...intent, itemId: '4', expectedVersion: version }),
    ).rejects.toMatchObject({ code: 'not_found' });
    room.sandbox.store('612').changeOrder(ORDER, { email: 'other@shop.example' });
    await expect(room.run(itemUpdate, { ...intent, expectedVersion: version })).rejects.toMatchObject({
      code: 'version_conflict',
    });
    expect(item(room, SHIRT)?.quantity).toBe(2);
  });

  it.each([
    ['reset_after', {}, 'applied'],
    ['reset', {}, 'not_applied'],
    ['reset_after', { quantity: 5 }, 'unclear'],
    ['reset_after', { quantity: 2 }, 'unclear'],
    ['reset', { name: 'Other' }, 'unclear'],
    ['reset_after', { name: 'Other' }, 'applied'],
  ] as const)('with a lost answer (%s), and %j by somebody else: %s', async (kind, change, found) => {
    const room = await opened();
    room.sandbox.fail({ kind, match: { method: 'PUT' } });
    const { plan } = await room.run(itemUpdate, intent);
    const items = room.order().order_items.map((one) => (one.id === SHIRT ? { ...one, ...change } : one));
    if (Object.keys(change).length > 0) room.sandbox.store('612').changeOrder(ORDER, { order_items: items });
    expect(await room.look(itemUpdate, plan)).toEqual([{ index: 0, found }]);
  });

  it('is unclear where the item or its order is gone since', async () => {
    const room = await opened();
    room.sandbox.fail({ kind: 'reset_after', match: { method: 'PUT' } });
    const { plan } = await room.run(itemUpdate, intent);
    room.sandbox.store('612').changeOrder(ORDER, { order_items: [] });
    expect(await room.look(itemUpdate, plan)).toEqual([{ index: 0, found: 'unclear' }]);
    room.sandbox.store('612').removeOrder(ORDER);
    expect(await room.look(itemUpdate, plan)).toEqual([{ index: 0, found: 'unclear' }]);
  });
});

describe('an item that is removed', () => {
  const intent = { orderId: ORDER, itemId: SHIRT };

  it('goes alone, and its record is kept: two requests', async () => {
    const room = await opened();
    const before = item(room, SHIRT);
    const { plan, requests } = await room.run(itemRemove, intent);
    expect(requests).toEqual([GET, `DELETE /orders/${ORDER}/order-items/${SHIRT}`]);
    expect(room.order().order_items.map(({ id }) => id)).toEqual(['500102']);
    expect(Object.values(plan.records ?? {})).toEqual([before]);
  });

  it('comes back with all that it was, fields unknown here included, under a new id and a new mark', async () => {
    const room = await opened();
    const before = item(room, SHIRT);
    const back = room.inverse(itemRemove, await room.run(itemRemove, intent));
    expect(back.remarks.join(' ')).toContain('new id');
    room.nextChange();
    await room.run(itemAdd, intentFor(itemAdd, back));
    const made = room.order().order_items.at(-1);
    expect(made?.id).not.toBe(SHIRT);
    expect(made).toEqual({ ...before, id: made?.id, metadata: { odm_change: room.changeId } });
  });

  it.each([
    ['reset_after', 'applied'],
    ['reset', 'not_applied'],
  ] as const)('with a lost answer (%s) is looked for: %s', async (kind, found) => {
    const room = await opened();
    room.sandbox.fail({ kind, match: { method: 'DELETE' } });
    const { plan } = await room.run(itemRemove, intent);
    expect(await room.look(itemRemove, plan)).toEqual([{ index: 0, found }]);
  });

  it('is refused for another version and for an item that is not there', async () => {
    const room = await opened();
    await expect(room.run(itemRemove, { orderId: ORDER, itemId: '4' })).rejects.toMatchObject({
      code: 'not_found',
    });
    const { version } = await room.preview(itemRemove, intent);
    room.sandbox.store('612').changeOrder(ORDER, { email: 'other@shop.example' });
    await expect(room.run(itemRemove, { ...intent, expectedVersion: version })).rejects.toMatchObject({
      code: 'version_conflict',
    });
  });
});
