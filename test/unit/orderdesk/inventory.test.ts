import { describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../../src/cache/memory.js';
import type { UpstreamCall } from '../../../src/orderdesk/call.js';
import { createStoreGateway } from '../../../src/orderdesk/gateway.js';
import { parseInventoryPage } from '../../../src/orderdesk/parse/inventory.js';
import type { JsonRecord } from '../../../src/orderdesk/parse/json.js';
import type { InventoryQuery } from '../../../src/orderdesk/port.js';
import { inventoryParameters } from '../../../src/orderdesk/query.js';
import { storeEntry, thrownBy } from './records.js';

const inventoryRecord = (change: Record<string, unknown> = {}) => ({
  id: 57838910,
  name: 'Bubble Gum',
  code: 'bubblegum',
  price: 2,
  cost: 1.4,
  weight: 0.2,
  stock: 20,
  update_source: 'Manual',
  location: '',
  manufacturer_sku: null,
  metadata: [],
  variation_list: [],
  date_added: '2026-03-30 23:31:47',
  date_updated: '0000-00-00 00:00:00',
  ...change,
});

describe('an inventory list', () => {
  const view = (change: Record<string, unknown>) =>
    parseInventoryPage({ inventory_items: [inventoryRecord(change)] }).items[0]?.view;

  it.each(['01900000-0000-7000-8000-000000000001', '01900000-0000-7000'])(
    'does not show the mark of a change that wrote an item: %s',
    (id) => {
      expect(view({ update_source: `orderdesk-mcp ${id}` })?.updateSource).toBe('orderdesk-mcp');
      expect(view({ update_source: `other-mcp ${id}` })?.updateSource).toBe(`other-mcp ${id}`);
    },
  );

  it('is read item by item, with the record as it came', () => {
    const record = inventoryRecord();
    // What Order Desk counts under a filter is wrong, and so is not read.
    const page = parseInventoryPage({ total_records: '0', records_returned: 1, inventory_items: [record] });
    expect(page).toEqual({
      items: [
        {
          view: {
            id: '57838910',
            name: 'Bubble Gum',
            code: 'bubblegum',
            price: '2',
            cost: '1.4',
            weight: '0.2',
            stock: '20',
            location: null,
            manufacturerSku: null,
            variations: {},
            updateSource: 'Manual',
            addedAt: '2026-03-30T23:31:47Z',
            updatedAt: null,
          },
          raw: record,
        },
      ],
      unreadable: 0,
    });
    expect(page.items[0]?.raw).toBe(record);
  });

  it.each([
    [{ stock: '12' }, { stock: '12' }],
    [{ stock: -3 }, { stock: '-3' }],
    [{ stock: '2.50' }, { stock: '2.50' }],
    [{ stock: 0 }, { stock: '0' }],
    [{ stock: '' }, { stock: null }],
    [{ stock: null }, { stock: null }],
    [{ stock: undefined }, { stock: null }],
    [{ stock: 'unlimited' }, { stock: null }],
    [{ stock: '20 pcs' }, { stock: null }],
    [{ stock: ' 7 ' }, { stock: '7' }],
    [{ id: '7' }, { id: '7' }],
    [
      { price: '19.90', cost: '' },
      { price: '19.90', cost: null },
    ],
    [{ variation_list: { Size: 'L', Count: 2 } }, { variations: { Size: 'L', Count: '2' } }],
    [
      { code: '', location: 'Bin 12', manufacturer_sku: 55 },
      { code: null, location: 'Bin 12', manufacturerSku: '55' },
    ],
  ])('takes what Order Desk may write as well: %j', (change, expected) => {
    expect(view(change)).toMatchObject(expected);
  });

  it('does without a record that makes no sense, and counts it', () => {
    const wrong = [inventoryRecord({ stock: ['many'] }), inventoryRecord({ id: null }), 'none', null];
    const page = parseInventoryPage({ inventory_items: [...wrong, inventoryRecord()] });
    expect(page.items.map(({ view: { id } }) => id)).toEqual(['57838910']);
    expect(page.unreadable).toBe(4);
    expect(parseInventoryPage({ inventory_items: wrong })).toEqual({ items: [], unreadable: 4 });
    expect(parseInventoryPage({ inventory_items: [] })).toEqual({ items: [], unreadable: 0 });
  });

  it.each([
    [{}, 'inventory_items'],
    [{ inventory_items: 'none' }, 'inventory_items'],
    [{ inventory_items: { status: 'none' } }, 'inventory_items'],
  ])('is refused where it is no list: %#', (page: JsonRecord, field) => {
    expect(thrownBy(() => parseInventoryPage(page))).toMatchObject({ code: 'upstream_malformed', field });
  });
});

describe('a search of the inventory as Order Desk takes it', () => {
  it.each<[InventoryQuery, string]>([
    [{}, 'limit=500&offset=0'],
    [{ limit: 20, offset: 40 }, 'limit=20&offset=40'],
    [{ codes: ['A&B', 'C D'] }, 'code=A%26B%2CC+D&limit=500&offset=0'],
  ])('%j', (query, expected) => {
    expect(inventoryParameters(query).toString()).toBe(expected);
  });

  it.each<[InventoryQuery, string]>([
    [{ codes: [] }, 'code'],
    [{ codes: ['A', ''] }, 'code'],
    [{ codes: ['A,B'] }, 'code'],
    [{ codes: Array.from({ length: 101 }, (_, index) => `C${index}`) }, 'code'],
    [{ limit: 501 }, 'limit'],
    [{ offset: -1 }, 'offset'],
  ])('is refused where Order Desk would find something else: %#', (query, field) => {
    expect(thrownBy(() => inventoryParameters(query))).toMatchObject({ code: 'invalid_argument', field });
  });
});

describe('the gateway, asked for the inventory', () => {
  const shop = storeEntry();
  const ctx = () => ({ signal: new AbortController().signal });

  function subject() {
    const calls: UpstreamCall[] = [];
    const cacheEvents: string[] = [];
    let time = Date.parse('2026-02-01T00:00:00Z');
    const gateway = createStoreGateway({
      send: async (call) => {
        calls.push(call);
        return { body: { inventory_items: [inventoryRecord()] }, tookMs: 0, tokensRemaining: undefined };
      },
      cache: createMemoryCache({ now: () => time }),
      now: () => time,
      observeCache: (operation, resource) => cacheEvents.push(`${operation} ${resource}`),
    });
    return { gateway, calls, cacheEvents, pass: (ms: number) => (time += ms) };
  }

  it('asks with the priority of its caller and answers again for a minute, each search for itself', async () => {
    const { gateway, calls, cacheEvents, pass } = subject();
    await gateway.listInventory(shop, {}, { ...ctx(), priority: 'background' });
    await gateway.listInventory(shop, { codes: ['bubblegum'] }, ctx());
    pass(59_999);
    const again = await gateway.listInventory(shop, {}, ctx());
    expect(again.items[0]?.view.code).toBe('bubblegum');
    expect(calls).toMatchObject([
      { method: 'GET', route: '/inventory-items', priority: 'background' },
      { method: 'GET', route: '/inventory-items' },
    ]);
    expect(cacheEvents.at(-1)).toBe('hit inventory');
    pass(1);
    await gateway.listInventory(shop, {}, ctx());
    expect(calls).toHaveLength(3);
  });

  it('asks anew once the inventory was written, and not for a written order', async () => {
    const { gateway, calls } = subject();
    await gateway.listInventory(shop, {}, ctx());
    await gateway.withRaised(shop, [{ kind: 'order', id: '5' }], async () => {});
    await gateway.listInventory(shop, {}, ctx());
    expect(calls).toHaveLength(1);
    await gateway.withRaised(shop, [{ kind: 'inventory' }], async () => {});
    await gateway.listInventory(shop, {}, ctx());
    expect(calls).toHaveLength(2);
  });
});
