/** One write of each family on its way, so that a break shows early; what each promises is shown in the stack tier. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inventoryUpdate } from '../../../src/changes/kinds/inventory-update.js';
import { orderCreate } from '../../../src/changes/kinds/order-create.js';
import { orderUpdate } from '../../../src/changes/kinds/order-update.js';
import { ordersMove } from '../../../src/changes/kinds/orders-move.js';
import { shipmentsAdd } from '../../../src/changes/kinds/shipments-add.js';
import { STAGE_FOLDERS } from '../../../src/sandbox/seed/folders.js';
import { EngineRoom } from '../../support/changes/engine-room.js';
import { openRoom, type Room } from '../../support/changes/kinds-moves-room.js';
import { emailRequest } from '../../support/changes/requests.js';

describe('the engine', () => {
  let room: EngineRoom;
  beforeAll(async () => {
    room = await EngineRoom.open();
  });
  afterAll(() => room.close());

  it('carries a write out once, records it and answers it again', async () => {
    const shop = await room.shop();
    const engine = room.engine(shop);
    const orderId = room.upstream.orders()[0]?.id ?? '';
    const request = emailRequest(shop, orderId, 'new@example.com', { idempotencyKey: 'k' });
    const first = await engine.run(request, room.ctx(shop));
    expect(first).toMatchObject({ outcome: 'applied', recorded: true, apiCalls: 2 });
    expect(await engine.run(request, room.ctx(shop))).toEqual({ ...first, replayed: true, apiCalls: 0 });
    expect(room.upstream.order(orderId)?.email).toBe('new@example.com');
    expect(room.writes).toHaveLength(1);
    expect(await room.states(shop)).toEqual(['applied']);
    expect(await room.heldLocks()).toBe(0);
  });
});

describe('a kind of change', () => {
  let room: Room;
  let orderId: string;
  beforeAll(async () => {
    room = await openRoom();
    orderId = room.shop.orders()[0]?.id ?? '';
  });
  afterAll(() => room.close());
  const order = (id = orderId) => room.shop.order(id);

  it('changes what an order update names, and nothing else', async () => {
    const { date_updated: _before, ...before } = structuredClone(order()) ?? { date_updated: '' };
    const { lines } = await room.run(orderUpdate, { orderId, patch: { email: 'ada@shop.example' } });
    expect(lines).toMatchObject([{ outcome: 'applied', fields: [{ path: ['email'] }] }]);
    const { date_updated: _after, ...after } = order() ?? { date_updated: '' };
    expect(after).toEqual({ ...before, email: 'ada@shop.example' });
  });

  it('makes an order, which bears the mark of its change', async () => {
    const made = {
      email: 'new@shop.example',
      shipping: { first_name: 'Ada', last_name: 'Testwick' },
      order_items: [{ name: 'Cap', code: 'CAP', price: 3, quantity: 1 }],
    };
    const { lines } = await room.run(orderCreate, { order: made });
    const id = lines[0]?.target.id ?? '';
    expect(order(id)).toMatchObject({
      email: 'new@shop.example',
      order_metadata: { odm_change: room.around.changeId },
    });
  });

  it('moves orders', async () => {
    const folderId = String(STAGE_FOLDERS.backorder.id);
    const { lines } = await room.run(ordersMove, { orderIds: [orderId], folderId });
    expect(lines).toMatchObject([{ outcome: 'applied', target: { id: orderId } }]);
    expect(String(order()?.folder_id)).toBe(folderId);
  });

  it('adds shipments', async () => {
    const added = { orderId, trackingNumber: '1Z0000000000001000', fields: { carrier_code: 'UPS' } };
    const { lines } = await room.run(shipmentsAdd, { lines: [added] });
    expect(lines).toMatchObject([{ outcome: 'applied' }]);
    expect(order()?.order_shipments.at(-1)?.tracking_number).toBe('1Z0000000000001000');
  });

  it('sets stock', async () => {
    const [item] = room.shop.inventory();
    const code = item?.code ?? '';
    const { lines } = await room.run(inventoryUpdate, { lines: [{ code, set: { stock: 77 } }] });
    expect(lines).toMatchObject([{ outcome: 'applied', target: { kind: 'inventory' } }]);
    expect(room.shop.inventory().find((each) => each.code === code)?.stock).toBe(77);
  });
});
