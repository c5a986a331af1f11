/** The shortest way through writing, on the whole product: one change, one new order, one replay, one refusal. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callTool } from '../../support/call-tool.js';
import { openToolRoom, type ToolRoom } from '../../support/changes/tool-room.js';
import { newOrder } from '../../support/changes/write-rows.js';

let room: ToolRoom;

beforeAll(async () => {
  room = await openToolRoom();
});
afterAll(() => room.close());

it('changes an order, makes one, replays the making, and refuses what it does not know', async () => {
  const order_id = newOrder(room);
  const changes = { shipping: { phone: '555 0111' } };
  expect(await room.write('update_order', { order_id, changes })).toMatchObject({ outcome: 'applied' });
  expect(room.shop.order(order_id)?.shipping).toMatchObject({ first_name: 'Ada', phone: '555 0111' });

  const order = {
    order_items: [{ code: 'TEE', name: 'T-Shirt', price: '24.00' }],
    source_id: 'PHONE-1',
    shipping: { first_name: 'Ada', last_name: 'Example' },
    idempotency_key: 'phone-1',
  };
  const made = await room.write('create_order', order);
  const again = await room.write('create_order', order);
  expect(again).toMatchObject({ replayed: true, change_id: made.change_id });
  expect(room.shop.orders().filter(({ source_id }) => source_id === 'PHONE-1')).toHaveLength(1);

  const { error } = await room.call('update_order', { order_id, changes: { order_total: '1.00' } });
  expect(error?.code).toBe('invalid_argument');
  expect((await room.rows()).changes).toBe(2);
});

it.each([
  { era: 'modern', client: 'test 0' },
  // All that such a request says of its client is the User-Agent, which for fetch is that of Node.
  { era: 'legacy', client: 'node' },
] as const)('keeps who the client says it is: $era', async ({ era, client }) => {
  const { url } = room.here;
  const { id: order_id } = room.shop.insertOrder({});
  const change = { order_id, changes: { shipping: { phone: '555 0112' } } };
  const { result } = await callTool(url, room.key, 'update_order', change, era);
  expect(result?.structuredContent).toMatchObject({ outcome: 'applied' });
  const listed = await callTool(url, room.key, 'list_changes', { order_id }, era);
  expect(listed.result?.structuredContent).toMatchObject({ rows: [{ tool: 'update_order', client }] });
});
