import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { open } from './client.js';
import { type Given, given, newOrder } from './writing.js';

let api: Given;
beforeAll(async () => {
  api = await given();
});
afterAll(() => api.sandbox.close());

const leaf = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0 || 0),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(1.1, 1e3, 0.1 + 0.2),
);
// PHP has no empty map: an empty list stands for it, so a map here has a member.
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(
      fc.string({ minLength: 1 }).map((name) => `k${name}`),
      tie('any'),
      { minKeys: 1, maxKeys: 3 },
    ),
  ),
})).any;
const unknowns = (prefix: string, count: number) =>
  fc
    .array(value, { minLength: count, maxLength: count })
    .map((values) => Object.fromEntries(values.map((it, n) => [`${prefix}_${n}`, it])));

describe('an order that is fetched and put back', () => {
  it('is as it was but for date_updated, with 20 unknown fields of any JSON type', async () => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(
        unknowns('top', 12),
        unknowns('address', 2),
        unknowns('item', 3),
        unknowns('note', 1),
        unknowns('meta', 2),
        async (top, address, item, note, meta) => {
          number += 1;
          const sent = {
            ...newOrder,
            ...top,
            source_id: `P-${number}`,
            shipping: { ...newOrder.shipping, ...address },
            order_metadata: meta,
            order_items: [{ ...newOrder.order_items[0], ...item, variation_list: meta }],
            order_notes: [{ username: 'Rep', content: 'Call', ...note }],
          };
          fc.pre(JSON.stringify(meta).length <= 2000);
          const { id } = (await api.send('POST', '/orders', sent)).body.order;
          const shipment = { tracking_number: `T-${number}`, ...top };
          await api.send('POST', `/orders/${id}/shipments`, shipment);
          const before = (await api.get(`/orders/${id}`)).body.order;
          expect(before).toMatchObject(top);
          expect(before.shipping).toMatchObject(address);
          expect(before.order_items[0]).toMatchObject({ ...item, variation_list: meta });
          expect(before.order_shipments[0]).toMatchObject(top);

          await api.send('PUT', `/orders/${id}`, before);
          const { date_updated: _one, ...first } = before;
          const { date_updated: _two, ...second } = (await api.get(`/orders/${id}`)).body.order;
          expect(second).toEqual(first);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('has lists where empty maps were sent, at any depth', async () => {
    const sent = { ...newOrder, source_id: 'E-1', order_metadata: {}, extra: { deep: [{}, { a: {} }] } };
    const { order } = (await api.send('POST', '/orders', sent)).body;
    expect(order).toMatchObject({ order_metadata: [], extra: { deep: [[], { a: [] }] } });
  });

  it('is as it was for every made-up order, oddities included', async () => {
    const { get, first, sandbox } = await open();
    const headers = { 'ORDERDESK-STORE-ID': first.id, 'ORDERDESK-API-KEY': first.apiKey };
    for (const before of first.orders()) {
      const { order } = (await get(`/orders/${before.id}`)).body;
      const body = JSON.stringify(order);
      const put = await get(`/orders/${before.id}`, { method: 'PUT', headers, body });
      expect(put.body.order).toEqual({ ...before, date_updated: '2026-06-30 12:00:00' });
    }
    expect(sandbox.counters().rulesFired).toEqual({});
    await sandbox.close();
  });
});
