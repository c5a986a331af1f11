import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { describe, expect, it } from 'vitest';
import { SECTIONS } from '../../../src/orders/detail.js';
import { aStoreView, gatewayOf, InMemoryStore } from './support/gateway.js';
import { anItem, anOrder, aShipment } from './support/orders.js';
import { call, toolDeps, toolNamed } from './support/ports.js';

function setUp(...orders: ReturnType<typeof anOrder>[]) {
  const store = new InMemoryStore();
  store.put(...orders);
  return { store, tool: toolNamed('get_order', toolDeps(gatewayOf(store))) };
}

const rich = anOrder(
  {
    shipments: [aShipment({ items: [{ id: '47986', code: null, quantity: 1 }] })],
    notes: [
      { at: '2026-01-08T00:00:00Z', by: 'Rep', text: 'older' },
      { at: '2026-01-09T00:00:00Z', by: 'Rep', text: 'newer' },
    ],
    history: [{ at: '2026-01-09T00:00:00Z', by: 'API', text: 'Moved' }],
    checkoutData: { 'Gift message': 'Happy birthday' },
    metadata: { shopify_order_id: 7 },
    discounts: [{ name: 'Spring', code: 'MN234', amount: '1.70' }],
    items: [anItem({ metadata: { print_url: 'https://example.com/a.png' } })],
  },
  { order_history: [] },
);

describe('get_order', () => {
  it('reads one order with the sections that are usually wanted', async () => {
    const { tool } = setUp(rich);
    const { data } = await call(tool, { order_id: '26211' });
    expect(data.order).toMatchObject({
      id: '26211',
      folder: 'New',
      folder_id: '1',
      shipped: 'partly',
      checkout_data: { 'Gift message': 'Happy birthday' },
      ship_to: { name: 'Ada Example', lines: ['1 Sample Street'], city: 'Springfield' },
      payment: { status: 'Approved', totals: { order: '22.17', discount: '1.7' } },
      discounts: [{ name: 'Spring', code: 'MN234', amount: '1.70' }],
      items: [{ id: '47986', code: 'SHIRT-BLACK', quantity: 2 }],
      shipments: [{ tracking_number: '1Z0000000000000001', items: [{ id: '47986', quantity: 1 }] }],
    });
    for (const absent of ['notes', 'history', 'metadata']) expect(data.order).not.toHaveProperty(absent);
    expect(data.order.items[0]).not.toHaveProperty('metadata');
    expect(data.version).toMatch(/^[0-9a-f]{32}-[0-9a-f]+$/);
    expect(data).not.toHaveProperty('omitted');
  });

  it('returns the sections that were asked for, newest notes first', async () => {
    const { tool } = setUp(rich);
    const { data } = await call(tool, {
      order_id: '26211',
      include: ['notes', 'history', 'metadata', 'items'],
    });
    expect(data.order.notes.map((note: { text: string }) => note.text)).toEqual(['newer', 'older']);
    expect(data.order.history).toEqual([{ at: '2026-01-09T00:00:00Z', by: 'API', text: 'Moved' }]);
    expect(data.order.metadata).toEqual({ shopify_order_id: 7 });
    expect(data.order.items[0].metadata).toEqual({ print_url: 'https://example.com/a.png' });
    expect(data.order).not.toHaveProperty('ship_to');
    const bare = await call(tool, { order_id: '26211', include: [] });
    expect(bare.data.order).not.toHaveProperty('items');
  });

  it('says so when Order Desk sent no history', async () => {
    const { tool } = setUp(anOrder());
    const { data } = await call(tool, { order_id: '26211', include: ['history'] });
    expect(data.remarks).toEqual(['Order Desk did not send the history of this order.']);
  });

  it('finds an order by exactly the number of the shop', async () => {
    const { tool } = setUp(
      anOrder({ id: '1', sourceId: '100' }),
      anOrder({ id: '2', sourceId: '1001' }),
      anOrder({ id: '3', sourceId: '2100' }),
    );
    expect((await call(tool, { source_id: '100' })).data.order.id).toBe('1');
  });

  it('finds it even among many numbers that contain it', async () => {
    const { tool } = setUp(
      ...Array.from({ length: 120 }, (_, index) =>
        anOrder({ id: String(index + 1), sourceId: `100${index}` }),
      ),
      anOrder({ id: '999', sourceId: '100' }),
    );
    expect((await call(tool, { source_id: '100' })).data.order.id).toBe('999');
  });

  it('lists several orders with one number and chooses none', async () => {
    const { tool } = setUp(
      anOrder({ id: '1', sourceId: '100' }),
      anOrder({ id: '2', sourceId: '100', folderId: '2' }),
    );
    const { data } = await call(tool, { source_id: '100' });
    expect(data).toMatchObject({
      order: null,
      version: null,
      matches: [
        { id: '1', folder: 'New' },
        { id: '2', folder: 'Closed' },
      ],
      remarks: [expect.stringContaining('2 orders have this number')],
    });
  });

  it('says how many of several do not fit, and where all are listed', async () => {
    const long = 'x'.repeat(200);
    const many = Array.from({ length: 100 }, (_, index) =>
      anOrder({ id: String(index + 1), sourceId: '100', sourceName: long, paymentStatus: long }),
    );
    const { data, text } = await call(setUp(...many).tool, { source_id: '100' });
    expect(text.length).toBeLessThanOrEqual(20_000);
    expect(data.matches.length).toBeLessThan(100);
    expect(data.remarks).toEqual([
      `100 orders have this number. Call again with the order_id of one. Only ${data.matches.length} of them are shown: list_orders with this source_id lists all.`,
    ]);
  });

  it('does not call an order missing among more candidates than it looks through', async () => {
    const others = Array.from({ length: 501 }, (_, index) =>
      anOrder({ id: String(index + 1), sourceId: `100-${index}` }),
    );
    const { tool } = setUp(...others, anOrder({ id: '999', sourceId: '100' }));
    await expect(call(tool, { source_id: '100' })).rejects.toMatchObject({
      code: 'invalid_argument',
      field: 'source_id',
      hint: expect.stringContaining('list_orders'),
    });
  });

  it('joins items and shipments', async () => {
    const { tool } = setUp(rich);
    const { data } = await call(tool, { order_id: '26211', include: ['items', 'shipments'] });
    expect(data.order.items).toMatchObject([{ quantity: 2, shipped_units: 1, shipped_in: ['437'] }]);
    expect(data.order.shipments[0].items).toEqual([{ id: '47986', code: 'SHIRT-BLACK', quantity: 1 }]);
  });

  it('answers every unknown id alike, in its own words', async () => {
    const { tool } = setUp(rich);
    const failure = (args: object) =>
      call(tool, args).then(
        () => undefined,
        (error: unknown) =>
          error instanceof Error ? JSON.stringify({ ...error, text: error.message }) : undefined,
      );
    const one = await failure({ order_id: '1' });
    expect(one).toContain('"code":"not_found"');
    expect(one).toContain('No order with that id in this store.');
    expect(await failure({ order_id: '987654321' })).toBe(one);
    expect(await failure({ source_id: 'A' })).toBe(await failure({ source_id: 'B-2' }));
    expect(await failure({ source_id: 'A' })).toContain('often with # or a prefix');
    expect(one).not.toContain('prefix');
  });

  it.each([
    [{}, 'order_id: give either order_id or source_id, and not both.'],
    [{ order_id: '1', source_id: '2' }, 'order_id: give either order_id or source_id, and not both.'],
    [{ order_id: 'A-1' }, expect.stringMatching(/^order_id: must be the digits .* source_id\.$/)],
    [{ order_id: '../1' }, expect.stringMatching(/^order_id: must be the digits/)],
    [{ order_id: 26211 }, 'order_id: must be text, in quotes, such as "12345".'],
    [
      { order_id: '1', include: ['labels'] },
      expect.stringMatching(/^include\.0: must be one of items, shipments, /),
    ],
  ])('refuses %j', async (args, message) => {
    const { tool } = setUp(rich);
    await expect(call(tool, args)).rejects.toMatchObject({ code: 'invalid_argument', message });
  });
});

describe('a large order', () => {
  const large = anOrder(
    {
      items: Array.from({ length: 400 }, (_, index) => anItem({ id: String(index) })),
      notes: Array.from({ length: 100 }, (_, index) => ({
        at: new Date(Date.parse('2026-01-01T00:00:00Z') + index * 1000).toISOString(),
        by: 'Rep',
        text: `${index} ${'\u0007'.repeat(900)}`,
      })),
      checkoutData: Object.fromEntries(
        Array.from({ length: 90 }, (_, index) => [`k${index}`, 'v'.repeat(500)]),
      ),
      metadata: { blob: { deep: 'x'.repeat(30_000) } },
    },
    { order_history: [] },
  );

  it('loses whole entries, counts them and says how to see more', async () => {
    const { tool } = setUp(large);
    const { data, text } = await call(tool, { order_id: '26211', include: [...SECTIONS] });
    expect(text.length).toBeLessThanOrEqual(20_000);
    expect(text.length).toBeGreaterThan(15_000);
    expect(data.order.items.length + data.omitted.items).toBe(400);
    expect(data.order.notes.length + data.omitted.notes).toBe(100);
    expect(Object.keys(data.order.checkout_data).length + data.omitted.checkout_data).toBe(90);
    expect(data.order.items.length).toBeGreaterThan(20);
    expect(data.remarks).toEqual([expect.stringContaining('include')]);
  });

  it('shows more of a section that is asked for alone, the newest notes first', async () => {
    const { tool } = setUp(large);
    const all = await call(tool, { order_id: '26211', include: [...SECTIONS] });
    const alone = await call(tool, { order_id: '26211', include: ['items'] });
    expect(alone.data.order.items.length).toBeGreaterThan(all.data.order.items.length);
    const notes = await call(tool, { order_id: '26211', include: ['notes'] });
    expect(notes.data.order.notes[0].text).toMatch(/^99 /);
  });
});

describe('the output schema', () => {
  it('holds for every answer', async () => {
    const { tool } = setUp(
      rich,
      anOrder({ id: '1', sourceId: '100' }),
      anOrder({ id: '2', sourceId: '100' }),
    );
    const validate = new AjvJsonSchemaValidator().getValidator(tool.outputSchema ?? {});
    for (const args of [
      { order_id: '26211' },
      { order_id: '26211', include: [...SECTIONS] },
      { order_id: '26211', include: [] },
      { source_id: '100' },
    ]) {
      expect(validate((await call(tool, args)).data)).toMatchObject({ valid: true });
    }
    expect(validate({ order: null })).toMatchObject({ valid: false });
  });

  it('knows the zone when the store does not', async () => {
    const store = new InMemoryStore();
    store.put(rich);
    const tool = toolNamed('get_order', toolDeps(gatewayOf(store, aStoreView({ timeZone: 'Mars/Olympus' }))));
    const { data } = await call(tool, { order_id: '26211' });
    expect(data).toMatchObject({ time_zone: 'UTC', remarks: [expect.stringContaining('UTC')] });
  });
});
