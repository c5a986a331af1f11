import { afterEach, describe, expect, it } from 'vitest';
import { defaultSwitches, type Sandbox, type SandboxSwitches } from '../../../src/sandbox/index.js';
import { batchPositions } from './positions/batches.js';
import type { Positions } from './positions/check.js';
import { ordersPositions } from './positions/orders.js';
import { reading } from './positions/reading.js';
import { folderAt, given, newInventoryItem, newOrder, newShipment } from './writing.js';

const running: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

/** A switch that is not in it, or lacks a position, does not compile. */
const POSITIONS: Positions<keyof SandboxSwitches> = { ...reading, ...ordersPositions, ...batchPositions };

const CASES = Object.entries(POSITIONS).flatMap(([name, positions]) =>
  Object.entries(positions).map(([position, check]) => ({ name, position, check })),
);

/** @param position its text: the keys of a table are text, also where the position is a number */
function turned(name: string, position: string): Partial<SandboxSwitches> {
  const isNumber = Object.entries(defaultSwitches).some(([n, v]) => n === name && typeof v === 'number');
  return { [name]: isNumber ? Number(position) : position } as Partial<SandboxSwitches>;
}

async function begun(switches: Partial<SandboxSwitches>, options?: Parameters<typeof given>[1]) {
  const opened = await given(switches, options);
  running.push(opened.sandbox);
  return opened;
}

describe('every open question is a switch', () => {
  it.each(CASES)('$name: $position', ({ name, position, check }) =>
    check((options) => begun(turned(name, position), options)),
  );

  it('has a default among its positions', () => {
    for (const [name, value] of Object.entries(defaultSwitches)) {
      expect(CASES.some((one) => one.name === name && one.position === String(value))).toBe(true);
    }
  });
});

/** Not one is where it is by default. */
const OTHER: SandboxSwitches = {
  textFilters: 'contains',
  textCase: 'significant',
  sourceIdFilter: 'contains',
  endDate: 'inclusive',
  bareEndDate: 'end_of_day',
  zonedDates: 'zone_applied',
  malformedDate: 'error',
  sortableFields: 'documented',
  unknownOrderBy: 'error',
  ties: 'shuffled',
  excessLimit: 'error',
  historyOnSingleOrder: 'ignored',
  inventoryPaging: 'honoured',
  inventoryCodeFilter: 'contains',
  inventoryFilteredTotal: 'exact',
  badCredentials: 403,
  unknownId: 200,
  unknownMethod: 404,
  bodyOnGet: 'tolerated',
  emptyFolders: 'map',
  storeIdType: 'number',
  itemPriceType: 'string',
  orderTiming: 'message',
  bucketScope: 'account',
  retryAfterHeader: 'Retry-After',
  invalidRequest: 200,
  errorsMember: 'listed',
  unknownFolder: 200,
  requiredName: 'full_or_company',
  duplicateOrders: 'source_id',
  duplicateOrderStatus: 409,
  createdOrderRules: 'none',
  editRules: 'fired',
  putValidation: 'strict',
  absentOrderItems: 'kept',
  missingOrderItems: 'kept',
  putFolderRules: 'silent',
  computedTotals: 'as_sent',
  sourceIdOnPut: 'changed',
  dateAddedOnPut: 'settable',
  cardOnPut: 'blanked',
  overlongData: 'truncated_silently',
  historyCap: 'dropped',
  historyDate: 'kept',
  itemPut: 'merged',
  dateShipped: 'honoured',
  batchShipmentItems: 'honoured',
  batchShipmentIds: 'given',
  batchShipmentMaximum: 'refused',
  duplicateCode: 'allowed',
  inventoryWriter: 'ignored',
  partlyFailedBatch: 'error',
  batchInventoryMatch: 'id_or_code',
  batchInventoryIncomplete: 'refused',
  batchInventoryUnknown: 'created',
  batchInventoryResults: 'per_item',
  batchInventoryMaximum: 'refused',
  moveUnknownOrder: 'told',
  moveToSameFolder: 'unchanged',
  moveMaximum: 'refused',
};

describe('all switches at once', () => {
  it('are turned', () => {
    const defaults = new Map(Object.entries(defaultSwitches));
    expect(Object.entries(OTHER).filter(([name, position]) => defaults.get(name) === position)).toEqual([]);
  });

  it('leave an API that does its work from end to end', async () => {
    const { get, send, first, ids } = await begun(OTHER);
    const works = async (method: string, path: string, body?: unknown) => {
      const seen = await send(method, path, body);
      expect([method, path, seen.body]).toMatchObject([method, path, { status: 'success' }]);
      return seen.body;
    };
    const { order } = await works('POST', '/orders', newOrder);
    const path = `/orders/${order.id}`;
    await works('POST', `${path}/order-items`, { name: 'Card', price: 1.5 });
    const { order_items } = await works('GET', `${path}/order-items`);
    const item = order_items[1];
    await works('PUT', `${path}/order-items/${item.id}`, { ...item, quantity: 2 });
    expect((await works('GET', `${path}/order-items/${item.id}`)).order_item.quantity).toBe(2);
    expect((await works('GET', path)).order.order_total).toBe(13);
    await works('DELETE', `${path}/order-items/${item.id}`);

    await works('POST', `${path}/shipments`, newShipment);
    const [shipment] = (await works('GET', `${path}/shipments`)).shipments;
    await works('PUT', `${path}/shipments/${shipment.id}`, { ...shipment, cost: '3.10' });
    expect((await works('GET', `${path}/shipments/${shipment.id}`)).shipment.cost).toBe('3.10');
    const batch = [{ order_id: order.id, tracking_number: 'T-2' }];
    const [line] = (await works('POST', '/batch-shipments', batch)).results;
    await works('DELETE', `${path}/shipments/${line.shipment_id}`);

    await works('POST', `${path}/order-history`, { note: 'Seen' });
    const move = { order_id_list: [order.id], destination_folder_id: folderAt(first, 1) };
    expect((await works('POST', '/move-orders', move)).results).toHaveLength(1);
    const fetched = (await works('GET', path)).order;
    expect(fetched).toMatchObject({ folder_id: folderAt(first, 1), order_shipments: [{ cost: '3.10' }] });
    const put = (await works('PUT', path, { ...fetched, email: 'new@example.com' })).order;
    expect(put).toEqual({ ...fetched, email: 'new@example.com', date_updated: put.date_updated });
    expect(first.history(order.id).map(({ note }) => note)).toContain('Seen');
    await works('DELETE', path);
    expect(await ids('limit=500')).toHaveLength(3);

    const cup = (await works('POST', '/inventory-items', newInventoryItem)).inventory_item;
    await works('PUT', `/inventory-items/${cup.id}`, { ...cup, stock: 8 });
    await works('PUT', '/batch-inventory-items', [{ ...cup, stock: 9 }]);
    expect((await works('GET', `/inventory-items/${cup.id}`)).inventory_item.stock).toBe(9);
    await works('DELETE', `/inventory-items/${cup.id}`);
    expect((await works('GET', '/inventory-items?limit=500')).records_returned).toBe(80);
    await works('GET', '/store');
    await works('GET', '/test');
    expect((await get(path)).body.status).toBe('error');
  });
});
