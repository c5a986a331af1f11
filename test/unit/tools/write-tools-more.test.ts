/** What the arguments of the tools beyond the default ones become. */
import { describe, expect, it } from 'vitest';
import { anAnswer, fakeEngine } from './support/changes.js';
import { aStoreView, gatewayOf, InMemoryStore } from './support/gateway.js';
import { call, toolDeps, toolNamed } from './support/ports.js';

const VERSION = '0123456789abcdef0123456789abcdef';

function asked(name: string) {
  const engine = fakeEngine(anAnswer());
  const tool = toolNamed(name, toolDeps(gatewayOf(new InMemoryStore(), aStoreView()), { changes: engine }));
  return { engine, tool };
}

describe('the tools beyond the default ones', () => {
  it.each<readonly [string, string, string, object, object]>([
    [
      'add_order_item',
      'items',
      'item_add',
      { order_id: '1', item: { name: 'Gum' } },
      { orderId: '1', item: { name: 'Gum' } },
    ],
    [
      'update_order_item',
      'items',
      'item_update',
      { order_id: '1', item_id: '2', changes: { quantity: 3 }, expected_version: VERSION },
      { orderId: '1', itemId: '2', patch: { quantity: 3 }, expectedVersion: VERSION },
    ],
    [
      'remove_order_item',
      'items',
      'item_remove',
      { order_id: '1', item_id: '2', expected_version: VERSION },
      { orderId: '1', itemId: '2', expectedVersion: VERSION },
    ],
    [
      'update_shipment',
      'shipments',
      'shipment_update',
      { order_id: '1', shipment_id: '2', changes: { cost: '4.20' } },
      { orderId: '1', shipmentId: '2', patch: { cost: '4.20' } },
    ],
    [
      'delete_shipment',
      'shipments',
      'shipments_delete',
      { order_id: '1', shipment_id: '2' },
      { shipments: [{ orderId: '1', shipmentId: '2' }] },
    ],
    [
      'create_inventory_item',
      'inventory_admin',
      'inventory_create',
      { item: { name: 'Gum', code: 'GUM' } },
      { item: { name: 'Gum', code: 'GUM' } },
    ],
    ['delete_inventory_item', 'inventory_admin', 'inventory_delete', { code: 'GUM' }, { code: 'GUM' }],
    ['delete_inventory_item', 'inventory_admin', 'inventory_delete', { id: '7' }, { id: '7' }],
    [
      'delete_order',
      'destructive',
      'order_delete',
      { order_id: '1', expected_version: VERSION, confirmation_token: 'token-1' },
      { orderId: '1', expectedVersion: VERSION },
    ],
  ])('%s of the toolset %s asks for %s', async (name, toolset, kind, args, intent) => {
    const { engine, tool } = asked(name);
    await call(tool, args);
    expect(tool.toolset).toBe(toolset);
    expect(engine.requests).toMatchObject([{ tool: name, kind, intent }]);
  });

  it.each([
    ['delete_inventory_item', {}, 'code'],
    ['delete_inventory_item', { code: 'GUM', id: '7' }, 'code'],
    ['add_order_item', { order_id: '1', item: {} }, 'item'],
    ['update_shipment', { order_id: '1', shipment_id: 'x', changes: { cost: '1' } }, 'shipment_id'],
    [
      'add_order_item',
      { order_id: '1', item: { name: 'Gum' }, confirmation_token: 't' },
      'confirmation_token',
    ],
  ])('%s refuses %j by name', async (name, args, field) => {
    const { engine, tool } = asked(name);
    await expect(call(tool, args)).rejects.toMatchObject({ code: 'invalid_argument', field });
    expect(engine.requests).toEqual([]);
  });
});
