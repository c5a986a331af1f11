/** What stands between a caller and a write, on the whole product: confirmation, daily cap, scope, options, versions. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watch } from '../../support/changes/stored-differences.js';
import { openToolRoom, type ToolRoom } from '../../support/changes/tool-room.js';
import { newOrder, WRITE_ROWS } from '../../support/changes/write-rows.js';
import { modern } from '../../support/mcp-messages.js';

let room: ToolRoom;

beforeAll(async () => {
  room = await openToolRoom();
  await room.call('get_store', {});
});
afterAll(() => room.close());

const note = (order_id: string, text: string) => ({ order_id, changes: { checkout_data: { note: text } } });

describe('a key that has to confirm', () => {
  const folderOf = (id: string) => room.shop.order(id)?.folder_id;
  const confirmationNeeded = { code: 'confirmation_required' };

  it('moves nothing without the token of a dry run, and with it once', async () => {
    const key = await room.newKey({ confirm: ['moves'] });
    const order = newOrder(room);
    const move = { order_ids: [order], folder: 'Shipped' };
    const untouched = watch(room.shop);
    expect((await room.call('move_orders', move, key)).error).toMatchObject(confirmationNeeded);
    const { confirmation_token } = await room.write('move_orders', { ...move, dry_run: true }, key);
    expect([...untouched()]).toEqual([]);

    const others = { ...move, order_ids: [newOrder(room)], confirmation_token };
    expect((await room.call('move_orders', others, key)).error).toMatchObject(confirmationNeeded);
    expect((await room.call('move_orders', { ...move, confirmation_token })).error).toMatchObject(
      confirmationNeeded,
    );

    expect(await room.write('move_orders', { ...move, confirmation_token }, key)).toMatchObject({
      outcome: 'applied',
    });
    const shipped = room.shop.folders().find(({ name }) => name === 'Shipped')?.id;
    expect(folderOf(order)).toBe(shipped);

    room.shop.moveOrder(order, room.shop.folders()[0]?.id ?? 0);
    const again = await room.call('move_orders', { ...move, confirmation_token }, key);
    expect(again.error).toMatchObject(confirmationNeeded);
    expect(folderOf(order)).not.toBe(shipped);
  });

  it('is told where what it previewed has changed since', async () => {
    const key = await room.newKey({ confirm: ['deletes'] });
    const order_id = newOrder(room);
    const remove = { order_id, item_id: `${order_id}1` };
    const { confirmation_token } = await room.write('remove_order_item', { ...remove, dry_run: true }, key);
    room.shop.changeOrder(order_id, { email: 'bea@example.com' });
    const { error } = await room.call('remove_order_item', { ...remove, confirmation_token }, key);
    expect(error).toMatchObject({ ...confirmationNeeded, message: expect.stringContaining('changed since') });
    expect(room.shop.order(order_id)?.order_items).toHaveLength(2);
  });

  it('confirms batches above its size alone', async () => {
    const key = await room.newKey({ confirmBatchesAbove: 1 });
    const [first, second] = [newOrder(room), newOrder(room)];
    const one = { order_ids: [first], folder: 'Shipped' };
    expect(await room.write('move_orders', one, key)).toMatchObject({ outcome: 'applied' });
    const two = { order_ids: [first, second], folder: 'Closed' };
    expect((await room.call('move_orders', two, key)).error).toMatchObject(confirmationNeeded);
    const { confirmation_token } = await room.write('move_orders', { ...two, dry_run: true }, key);
    expect(await room.write('move_orders', { ...two, confirmation_token }, key)).toMatchObject({
      counts: { applied: 2 },
    });
  });
});

describe('the daily cap of a key', () => {
  it('counts lines of a batch and undos, but neither dry runs nor replays nor what was refused', async () => {
    const key = await room.newKey({ dailyWriteCap: 4 });
    const orders = [newOrder(room), newOrder(room)];
    const update = (text: string, more = {}) => ({ ...note(orders[0] ?? '', text), ...more });

    const move = { order_ids: orders, folder: 'Shipped', idempotency_key: 'both' };
    expect(await room.write('move_orders', { ...move, dry_run: true }, key)).toMatchObject({
      outcome: 'preview',
    });
    expect(await room.write('move_orders', move, key)).toMatchObject({ counts: { applied: 2 } });
    for (let replay = 0; replay < 3; replay += 1) {
      expect(await room.write('move_orders', move, key)).toMatchObject({ replayed: true });
    }
    expect((await room.call('update_order', note('999999999', 'x'), key)).error).toMatchObject({
      code: 'not_found',
    });
    const { change_id } = await room.write('update_order', update('third'), key);
    const undo = await room.write('undo_change', { change_id }, key);
    expect(undo).toMatchObject({ outcome: 'applied' });

    const untouched = watch(room.shop);
    const { error } = await room.call('update_order', update('fifth'), key);
    expect(error).toMatchObject({ code: 'write_cap_reached' });
    expect([...untouched()]).toEqual([]);
    expect(await room.write('update_order', update('fifth', { dry_run: true }), key)).toMatchObject({
      outcome: 'preview',
    });
    expect(await room.write('move_orders', move, key)).toMatchObject({ replayed: true });
    expect(await room.write('update_order', update('of another key'))).toMatchObject({ outcome: 'applied' });
  });
});

describe('options that cannot be used', () => {
  it.each(WRITE_ROWS)('of $name are refused by name, and nothing happens', async ({ tool, args: argsOf }) => {
    const args = await argsOf(room);
    const rows = await room.rows();
    const untouched = watch(room.shop);
    room.asked();
    for (const [option, value] of [
      ['dry_run', 'yes'],
      ['dry_run', 1],
      ['idempotency_key', ''],
      ['dryrun', true],
    ] as const) {
      const { error } = await room.call(tool, { ...args, [option]: value });
      expect([option, error?.code, error?.field ?? error?.message]).toEqual([
        option,
        'invalid_argument',
        expect.stringContaining(option),
      ]);
    }
    expect(room.asked()).toEqual({});
    expect(await room.rows()).toEqual(rows);
    expect([...untouched()]).toEqual([]);
  });
});

describe('who may only read', () => {
  const writing = [...new Set(WRITE_ROWS.map(({ tool }) => tool))];

  async function toolsAt(path: string, key: string): Promise<readonly string[]> {
    const { headers, body } = modern('tools/list');
    const response = await fetch(`${room.here.url}${path}`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    });
    const { result } = JSON.parse(await response.text());
    return result.tools.map(({ name }: { name: string }) => name);
  }

  it('has no tool that writes: a key that reads, and an address that asks for it', async () => {
    const reader = await room.newKey({ readOnly: true });
    const full = await toolsAt('', room.key);
    expect(writing.filter((tool) => !full.includes(tool))).toEqual([]);
    for (const listed of [await toolsAt('', reader), await toolsAt('?readonly=true', room.key)]) {
      expect(listed).toContain('list_changes');
      expect(listed.filter((tool) => writing.includes(tool))).toEqual([]);
    }
    expect(await accessOf(reader)).toEqual(['read']);
    expect(await accessOf(room.key)).toEqual(['write']);
  });

  it('calls none of them either', async () => {
    const reader = await room.newKey({ readOnly: true });
    const untouched = watch(room.shop);
    for (const tool of writing) {
      expect([tool, JSON.parse((await room.call(tool, {}, reader)).text).error?.code]).toEqual([
        tool,
        -32602,
      ]);
    }
    expect([...untouched()]).toEqual([]);
  });

  async function accessOf(key: string): Promise<readonly string[]> {
    const { result } = await room.call('list_stores', {}, key);
    const { stores } = JSON.parse(JSON.stringify(result?.structuredContent));
    return stores.map(({ access }: { access: string }) => access);
  }
});

describe('a version that is not the one that was expected', () => {
  it('is a conflict that tells the version of now and where they differ, and nothing is written', async () => {
    const order_id = newOrder(room);
    const { version } = await room.write('update_order', note(order_id, 'mine'));
    room.shop.changeOrder(order_id, { email: 'somebody@example.com' });
    const untouched = watch(room.shop);
    const reply = await room.call('update_order', { ...note(order_id, 'late'), expected_version: version });
    expect(reply.error?.code).toBe('version_conflict');
    expect([...untouched()]).toEqual([]);

    const { result } = await room.call('get_order', { order_id });
    const now = JSON.parse(JSON.stringify(result?.structuredContent));
    expect(reply.text).toContain(now.version);
    expect(reply.error?.message).toContain('changed in customer since');
    const again = { ...note(order_id, 'late'), expected_version: now.version };
    expect(await room.write('update_order', again)).toMatchObject({ outcome: 'applied' });
    expect(room.shop.order(order_id)).toMatchObject({
      email: 'somebody@example.com',
      checkout_data: { note: 'late' },
    });
  });
});
