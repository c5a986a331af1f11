/** Batches on the whole product: lines that fail alone, replays, what does not fit a budget, and the size of answers. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watch } from '../../support/changes/stored-differences.js';
import { openToolRoom, sumOf, type ToolRoom } from '../../support/changes/tool-room.js';
import { newOrder } from '../../support/changes/write-rows.js';

const MOST_CHARACTERS = 20_000;

let room: ToolRoom;
afterEach(() => room.close());

describe('a batch of a budget that holds it', () => {
  beforeEach(async () => {
    room = await openToolRoom();
    await room.call('get_store', {});
    room.asked();
  });

  it('adds 93 of 100 shipments, explains the 7 others, and repeated adds none twice', async () => {
    const good = Array.from({ length: 93 }, () => newOrder(room));
    const taken = Array.from({ length: 3 }, () => newOrder(room));
    for (const [place, order_id] of taken.entries()) {
      const first = { order_id, tracking_number: `TAKEN-${place}`, carrier_code: 'DHL' };
      await room.write('add_shipments', { shipments: [first] });
    }
    const missing = ['900000001', '900000002', '900000003', '900000004'];
    const shipments = [
      ...missing.map((order_id, place) => ({
        order_id,
        tracking_number: `GONE-${place}`,
        carrier_code: 'UPS',
      })),
      ...good.map((order_id, place) => ({ order_id, tracking_number: `GOOD-${place}`, carrier_code: 'UPS' })),
      ...taken.map((order_id, place) => ({
        order_id,
        tracking_number: `TAKEN-${place}`,
        carrier_code: 'UPS',
      })),
    ];
    const call = { shipments, idempotency_key: 'parcels' };
    const rows = await room.rows();
    room.asked();

    const reply = await room.call('add_shipments', call);
    expect(textOf(reply.text).length).toBeLessThanOrEqual(MOST_CHARACTERS);
    const done = await room.write('add_shipments', call);
    expect(reply.result?.structuredContent).toMatchObject({
      outcome: 'partly',
      counts: { applied: 93, failed: 7 },
    });
    expect(done).toMatchObject({ outcome: 'partly', counts: { applied: 93, failed: 7 }, replayed: true });

    const failed = done.results.filter(({ outcome }) => outcome === 'failed');
    expect(failed.map(({ order_id }) => order_id).sort()).toEqual([...missing, ...taken].sort());
    for (const { order_id, message } of failed) {
      const reason = taken.includes(order_id ?? '') ? 'carrier_code' : 'no such order';
      expect([order_id, message]).toEqual([order_id, expect.stringContaining(reason)]);
    }
    for (const id of [...good, ...taken]) {
      expect([id, room.shop.order(id)?.order_shipments.length]).toEqual([id, 1]);
    }
    const asked = room.asked();
    expect(asked).toEqual({ 'POST /batch-shipments': 1, 'GET /orders/{id}': 7 });

    const untouched = watch(room.shop);
    const again = await room.call('add_shipments', call);
    expect(again.result?.structuredContent).toMatchObject({
      replayed: true,
      counts: { applied: 93, failed: 7 },
    });
    expect(sumOf(room.asked())).toBe(0);
    expect([...untouched()]).toEqual([]);
    expect((await room.rows()).changes).toBe(rows.changes + 1);
  });

  it('moves 500 orders in 5 calls, into an answer of few lines', async () => {
    const ids = Array.from({ length: 500 }, () => newOrder(room));
    const { text, result } = await room.call('move_orders', { order_ids: ids, folder: 'Shipped' });
    const asked = room.asked();
    expect(asked).toEqual({ 'POST /move-orders': 5 });
    expect(result?.structuredContent).toMatchObject({
      outcome: 'applied',
      counts: { applied: 500 },
      api_calls: 5,
    });
    expect(textOf(text).length).toBeLessThanOrEqual(MOST_CHARACTERS);
    const folder = room.shop.folders().find(({ name }) => name === 'Shipped')?.id;
    expect(ids.filter((id) => room.shop.order(id)?.folder_id !== folder)).toEqual([]);
  });

  it('adjusts 100 codes in 3 calls', async () => {
    const items = Array.from({ length: 100 }, (_none, place) => ({
      ...modelItem(room),
      id: 990_000 + place,
      code: `BULK-${place}`,
      stock: place,
    }));
    room.shop.replaceData({ folders: room.shop.folders(), orders: [], history: new Map(), inventory: items });
    const updates = items.map(({ code }) => ({ code, adjust_stock_by: 3 }));
    const { text, result } = await room.call('update_inventory', { updates });
    expect(room.asked()).toEqual({ 'GET /inventory-items': 2, 'PUT /batch-inventory-items': 1 });
    expect(result?.structuredContent).toMatchObject({
      outcome: 'applied',
      counts: { applied: 100 },
      api_calls: 3,
    });
    expect(textOf(text).length).toBeLessThanOrEqual(MOST_CHARACTERS);
    expect(room.shop.inventory().map(({ stock }) => stock)).toEqual(items.map(({ stock }) => stock + 3));
  });

  it('keeps the answer about the longest lines within its size, and counts what it leaves out', async () => {
    const shipments = Array.from({ length: 100 }, (_none, place) => ({
      order_id: newOrder(room),
      tracking_number: `${place}-${'9'.repeat(180)}`,
      shipment_method: 'm'.repeat(190),
      tracking_url: `https://track.example.com/${'u'.repeat(900)}`,
    }));
    const { text, result } = await room.call('add_shipments', { shipments, dry_run: true });
    expect(textOf(text).length).toBeLessThanOrEqual(MOST_CHARACTERS);
    const { counts, omitted, results } = JSON.parse(JSON.stringify(result?.structuredContent));
    expect(counts).toEqual({ would_apply: 100 });
    expect(results.length + omitted.would_apply).toBe(100);
  });
});

describe('a batch that does not fit', () => {
  const moved = (ids: readonly string[]) =>
    ids.filter((id) => room.shop.order(id)?.folder_id === folderOf(room, 'Shipped')).length;

  it('into the budget of the store: what was sent is true, the rest is not_sent', async () => {
    // A token in ten seconds: the five requests of 500 orders do not come within the time of a call.
    room = await openToolRoom({ UPSTREAM_BUDGET_BURST: '3', UPSTREAM_BUDGET_RATE: '0.1' });
    const ids = Array.from({ length: 500 }, () => newOrder(room));
    const call = { order_ids: ids, folder: 'Shipped', idempotency_key: 'all of them' };

    const first = await room.write('move_orders', call);
    const applied = first.counts?.applied ?? 0;
    expect(first).toMatchObject({ outcome: 'partly', counts: { applied, not_sent: 500 - applied } });
    expect(applied).toBeGreaterThan(0);
    expect(first.remarks?.join(' ')).toContain('the same call with the same idempotency_key goes on');
    expect(moved(ids)).toBe(applied);
  });

  it('into the time of a call: the same key goes on until all is done, and then sends no more', async () => {
    // After one slow step, no time is left for another.
    room = await openToolRoom({ UPSTREAM_DEADLINE: '15' });
    const match = { method: 'POST', path: '/move-orders' };
    room.here.sandbox.fail({ kind: 'delay', ms: 3_200, times: Number.POSITIVE_INFINITY, match });
    const ids = Array.from({ length: 300 }, () => newOrder(room));
    const call = { order_ids: ids, folder: 'Shipped', idempotency_key: 'all of them' };

    const answers = [];
    for (const done of [100, 200, 300]) {
      answers.push(await room.write('move_orders', call));
      expect(moved(ids)).toBe(done);
    }
    expect(answers.map(({ outcome }) => outcome)).toEqual(['partly', 'partly', 'applied']);
    expect(answers.map(({ counts }) => counts)).toEqual([
      { applied: 100, not_sent: 200 },
      { applied: 200, not_sent: 100 },
      { applied: 300 },
    ]);
    expect(new Set(answers.map(({ change_id }) => change_id)).size).toBe(1);

    room.asked();
    expect(await room.write('move_orders', call)).toMatchObject({ replayed: true, counts: { applied: 300 } });
    expect(room.asked()).toEqual({});
    expect((await room.rows()).changes).toBe(1);
  });
});

const folderOf = (where: ToolRoom, wanted: string): number | undefined =>
  where.shop.folders().find(({ name }) => name === wanted)?.id;

function modelItem({ shop }: ToolRoom) {
  const [item] = shop.inventory();
  if (item === undefined) throw new Error('The shop has no inventory.');
  return item;
}

/** The text that a model gets. */
const textOf = (reply: string): string => {
  const { content } = JSON.parse(reply).result;
  return content.map(({ text }: { text: string }) => text).join('\n');
};
