import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ToolDefinition } from '../../../src/mcp/catalogue.js';
import type { CallContext as GatewayCall, Order, StoreGateway } from '../../../src/orderdesk/port.js';
import { listOrdersTool } from '../../../src/tools/list-orders.js';
import { gatewayOf, InMemoryStore } from './support/gateway.js';
import { anAddress, anItem, anOrder, aShipment, aView } from './support/orders.js';
import { type Answer, aCall, call, toolDeps } from './support/ports.js';
import { type Change, orderAt, SomebodyElse } from './support/scan.js';

const RANGE = { added_from: '2026-01-01T00:00:00Z', added_to: '2026-01-02T00:00:00Z' };

const toolOf = (store: InMemoryStore, gateway: StoreGateway = gatewayOf(store)) =>
  listOrdersTool(toolDeps(gateway), 'named');

/** Follows the cursors of a list to its end. */
async function pagesOf(
  store: InMemoryStore,
  args: object,
  limits: readonly number[],
): Promise<Answer['data'][]> {
  const tool = toolOf(store);
  const pages: Answer['data'][] = [];
  for (;;) {
    const { data } = await call(tool, {
      ...args,
      limit: limits[pages.length % limits.length],
      ...(pages.length === 0 ? {} : { cursor: pages.at(-1).next_cursor }),
    });
    pages.push(data);
    if (data.next_cursor === null) return pages;
    if (pages.length > 300) throw new Error('the list does not end');
  }
}

const idsOf = (pages: Answer['data'][]): string[] =>
  pages.flatMap(({ rows }) => rows.map((row: { id: string }) => row.id));

/** An order by what the filters look at, in plain numbers: what the oracle computes with. */
interface Plan {
  readonly second: number;
  readonly sku: 'A-1' | 'B-2';
  readonly cents: number;
  readonly status: 'Captured' | 'Pending';
  readonly sent: boolean;
  readonly name: 'Ada' | 'Bob';
}

const plan: fc.Arbitrary<Plan> = fc.record({
  second: fc.integer({ min: 0, max: 12 }),
  sku: fc.constantFrom('A-1', 'B-2'),
  cents: fc.integer({ min: 0, max: 1200 }),
  status: fc.constantFrom('Captured', 'Pending'),
  sent: fc.boolean(),
  name: fc.constantFrom('Ada', 'Bob'),
});

const planned = (id: number, { second, sku, cents, status, sent, name }: Plan): Order =>
  orderAt(id, second, {
    email: null,
    items: [anItem({ code: sku })],
    totals: { ...aView().totals, order: (cents / 100).toFixed(2) },
    paymentStatus: status,
    shipments: sent ? [aShipment({ trackingNumber: `1Z ${id}` })] : [],
    shipping: { ...aView().shipping, firstName: name },
    customer: { ...aView().customer, firstName: name },
  });

const filters = fc.record(
  {
    sku: fc.constantFrom('a-1', 'B-2', 'none'),
    min: fc.integer({ min: 0, max: 1200 }),
    width: fc.integer({ min: 0, max: 1200 }),
    payment_status: fc.constantFrom('captured', 'Pending'),
    shipped: fc.constantFrom('no', 'yes'),
    text: fc.constantFrom('ada', 'BOB EX', 'nobody'),
  },
  { requiredKeys: ['sku'] },
);
type Filters = typeof filters extends fc.Arbitrary<infer F> ? F : never;

const argumentsOf = ({ min, width, ...rest }: Filters): object => ({
  ...RANGE,
  ...rest,
  ...(min === undefined ? {} : { min_total: (min / 100).toString() }),
  ...(width === undefined ? {} : { max_total: (((min ?? 0) + width) / 100).toFixed(3) }),
});

const expects = (each: Plan, wanted: Filters): boolean =>
  each.sku.toLowerCase() === wanted.sku.toLowerCase() &&
  each.cents >= (wanted.min ?? 0) &&
  (wanted.width === undefined || each.cents <= (wanted.min ?? 0) + wanted.width) &&
  (wanted.payment_status === undefined ||
    each.status.toLowerCase() === wanted.payment_status.toLowerCase()) &&
  (wanted.shipped === undefined || each.sent === (wanted.shipped === 'yes')) &&
  (wanted.text === undefined || `${each.name} Example`.toLowerCase().includes(wanted.text.toLowerCase()));

const limits = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
const sort = fc.constantFrom('asc', 'desc');
const behaviour = fc.record({
  endIncluded: fc.boolean(),
  ties: fc.constantFrom('stable' as const, 'shuffled' as const),
});

describe('the scan filters of list_orders', () => {
  it('give what a look at every order gives, in pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        behaviour,
        fc.array(plan, { maxLength: 40 }),
        filters,
        sort,
        limits,
        async (how, plans, wanted, direction, sizes) => {
          const store = new InMemoryStore(how);
          plans.forEach((each, index) => {
            store.put(planned(index + 1, each));
          });
          const pages = await pagesOf(store, { ...argumentsOf(wanted), sort: direction }, sizes);
          const expected = plans.flatMap((each, index) => (expects(each, wanted) ? [String(index + 1)] : []));
          expect(idsOf(pages).toSorted()).toEqual(expected.toSorted());
          const dates = idsOf(pages).map((id) => store.orders.get(id)?.view.addedAt ?? '');
          expect(dates).toEqual(direction === 'asc' ? dates.toSorted() : dates.toSorted().toReversed());
          expect(pages.at(-1)).toMatchObject({
            scanned: plans.length,
            complete: true,
          });
          for (const page of pages) {
            expect(page).toMatchObject({ total: null, total_exact: false, in_range: plans.length });
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('never repeat an order nor skip one that matches throughout', async () => {
    const changes: fc.Arbitrary<Change[]> = fc.array(
      fc.record({
        kind: fc.constantFrom('insert', 'leave', 'return'),
        pick: fc.nat(200),
        second: fc.integer({ min: 0, max: 12 }),
      }),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(
        behaviour,
        fc.array(plan, { maxLength: 40 }),
        sort,
        limits,
        changes,
        async (how, plans, direction, sizes, queue) => {
          const store = new InMemoryStore(how);
          plans.forEach((each, index) => {
            store.put(planned(index + 1, each));
          });
          const others = new SomebodyElse(
            store,
            ({ view }) => view.items.some(({ code }) => code === 'A-1'),
            queue,
            (id, second) =>
              planned(id, { second, sku: 'A-1', cents: 0, status: 'Pending', sent: false, name: 'Ada' }),
          );
          store.beforeAnswer = () => others.step();
          const ids = idsOf(await pagesOf(store, { ...RANGE, sku: 'A-1', sort: direction }, sizes));
          const seen = new Set(ids);
          expect(seen.size).toBe(ids.length);
          expect([...others.throughout].filter((id) => !seen.has(id))).toEqual([]);
          expect(ids.filter((id) => !others.ever.has(id))).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('find one order by its tracking number among those that Order Desk finds by the other filters', async () => {
    const store = new InMemoryStore();
    store.put(
      ...Array.from({ length: 300 }, (_, index) =>
        orderAt(index + 1, index, {
          folderId: index % 2 === 0 ? '1' : '2',
          shipments: [aShipment({ trackingNumber: `1Z99 ${index}` })],
        }),
      ),
    );
    const { data } = await call(toolOf(store), { ...RANGE, folder: 'Closed', tracking_number: '1z99101' });
    expect(data).toMatchObject({
      rows: [{ id: '102' }],
      returned: 1,
      total: null,
      in_range: 150,
      scanned: 150,
      complete: true,
      next_cursor: null,
    });
  });

  it('look at 5,000 orders a page and go on from there', async () => {
    const store = new InMemoryStore();
    store.put(
      ...Array.from({ length: 6000 }, (_, index) =>
        orderAt(index + 1, index, { paymentStatus: index === 500 ? 'Pending' : 'Captured' }),
      ),
    );
    const pages = await pagesOf(store, { ...RANGE, payment_status: 'Pending' }, [20]);
    expect(pages).toMatchObject([
      {
        returned: 0,
        in_range: 6000,
        scanned: 5000,
        complete: false,
        remarks: [
          'Reading stopped at the most orders that one call reads.',
          expect.stringContaining('go on with next_cursor'),
        ],
      },
      { rows: [{ id: '501' }], in_range: 6000, scanned: 6000, complete: true },
    ]);
    expect(pages[1]).not.toHaveProperty('remarks');
  });

  it('say how far the rows came, not the reading, when the answer is full', async () => {
    const store = new InMemoryStore();
    const notes = [{ at: null, by: null, text: 'x'.repeat(1500) }];
    store.put(...Array.from({ length: 90 }, (_, index) => orderAt(index + 1, index, { notes })));
    const pages = await pagesOf(store, { ...RANGE, sku: 'SHIRT-BLACK', fields: ['notes'] }, [100]);
    expect(pages[0].trimmed_by).toBe('size');
    expect(pages[0].scanned).toBe(pages[0].returned);
    expect(pages[0].complete).toBe(false);
    expect(idsOf(pages)).toEqual(Array.from({ length: 90 }, (_, index) => String(90 - index)));
  });

  it('read no further once the answer is full', async () => {
    const store = new InMemoryStore();
    const notes = [{ at: null, by: null, text: 'x'.repeat(1500) }];
    store.put(...Array.from({ length: 400 }, (_, index) => orderAt(index + 1, index, { notes })));
    const { data } = await call(toolOf(store), {
      ...RANGE,
      sku: 'SHIRT-BLACK',
      fields: ['notes'],
      limit: 100,
    });
    expect(data).toMatchObject({ in_range: 400, trimmed_by: 'size', complete: false });
    expect(store.queries).toHaveLength(1);
  });

  it('read at background priority and tell how far they are', async () => {
    const store = new InMemoryStore();
    store.put(...Array.from({ length: 250 }, (_, index) => orderAt(index + 1, index)));
    const asked: GatewayCall[] = [];
    const told: [number, number | undefined][] = [];
    const gateway: StoreGateway = {
      ...gatewayOf(store),
      listOrders: async (_entry, query, ctx) => {
        asked.push(ctx);
        return store.list(query);
      },
    };
    const ctx = {
      ...aCall(),
      progress: async (progress: number, total?: number) => void told.push([progress, total]),
    };
    await call(toolOf(store, gateway), { ...RANGE, sku: 'none' }, ctx);
    expect(asked.map(({ priority }) => priority)).toEqual(['background', 'background']);
    expect(told).toEqual([
      [0, undefined],
      [99, 250],
      [250, 250],
    ]);
    await call(toolOf(store, gateway), RANGE, ctx);
    expect(asked.at(-1)?.priority).toBeUndefined();
  });

  it('see no more of an order than the key does, nor what stands in its place, and say so', async () => {
    const store = new InMemoryStore();
    const address = anAddress({ firstName: 'Zoe', lastName: 'Smith', company: 'Zenith', lines: ['Quay 9'] });
    const note = { at: null, by: 'Zed', text: 'call Zara' };
    store.put(
      orderAt(1, 1, {
        email: 'zoe@example.com',
        customerId: 'zoe-id@example.com',
        shipping: address,
        customer: { ...address, phone: '555-777' },
        notes: [note],
        checkoutData: { gift: 'for Zuri' },
        items: [anItem({ name: 'Kettle' })],
      }),
    );
    const masker = { of: async () => (kind: string) => `${kind}-0000` };
    const masked = listOrdersTool(toolDeps(gatewayOf(store), { masker }), 'named');
    const found = async (tool: ToolDefinition, text: string) => (await call(tool, { ...RANGE, text })).data;
    for (const text of ['zoe@', 'zoe-id', 'Zoe', 'Smith', 'Zenith', 'Quay', '777', 'Zara', 'Zuri']) {
      expect([text, (await found(toolOf(store), text)).returned]).toEqual([text, 1]);
      expect([text, (await found(masked, text)).returned]).toEqual([text, 0]);
    }
    for (const text of ['mail-0000', 'name-', 'street', '[masked]', 'phone']) {
      expect([text, (await found(masked, text)).returned]).toEqual([text, 0]);
    }
    const data = await found(masked, 'kettle');
    expect(data.rows).toMatchObject([{ id: '1', name: 'name-0000' }]);
    expect(data.remarks).toEqual([
      expect.stringMatching(/text was not looked for in names, .* The filters email, .* still work\.$/),
    ]);
    expect(await found(toolOf(store), 'kettle')).not.toHaveProperty('remarks');
    expect((await call(masked, { ...RANGE, sku: 'none' })).data).not.toHaveProperty('remarks');
  });

  it('find by code and tracking number what a masked key is not shown, as by e-mail', async () => {
    const store = new InMemoryStore();
    const jane = anAddress({ firstName: 'Jane', lastName: 'Doe' });
    const items = [anItem({ code: 'MUG-JANE-DOE' })];
    const shipments = [aShipment({ trackingNumber: 'JANE DOE 1' })];
    store.put(orderAt(1, 1, { shipping: jane, customer: jane, items, shipments }), orderAt(2, 2));
    const masker = { of: async () => (kind: string) => `${kind}-0` };
    const masked = listOrdersTool(toolDeps(gatewayOf(store), { masker }), 'named');
    for (const filter of [{ sku: 'mug-jane-doe' }, { tracking_number: 'janedoe1' }]) {
      const { data, text } = await call(masked, { ...RANGE, ...filter, fields: ['items', 'shipments'] });
      expect(data.rows).toMatchObject([{ id: '1', items: [{ code: 'code-0' }], tracking: ['[masked]'] }]);
      expect(text).not.toMatch(/jane/i);
      const withText = async (sought: string) =>
        (await call(masked, { ...RANGE, ...filter, text: sought })).data.returned;
      expect([await withText('jane'), await withText('masked'), await withText('shirt')]).toEqual([0, 0, 1]);
    }
  });

  it('give a cursor that is good for the same filters only', async () => {
    const store = new InMemoryStore();
    store.put(...Array.from({ length: 9 }, (_, index) => orderAt(index + 1, index)));
    const tool = toolOf(store);
    const { data } = await call(tool, { ...RANGE, sku: 'SHIRT-BLACK', limit: 3 });
    await expect(
      call(tool, { ...RANGE, sku: 'SHIRT-WHITE', cursor: data.next_cursor }),
    ).rejects.toMatchObject({ code: 'invalid_cursor' });
  });

  it.each([
    [{ sku: 'A' }, 'added_from: is required here.'],
    [{ shipped: 'no', added_from: '2026-01-01' }, 'added_to: is required here.'],
    [
      { text: 'A', added_from: '2024-01-01', added_to: '2026-01-01' },
      'added_from: must be at most 366 days before added_to.',
    ],
    [{ ...RANGE, sku: 'A', sort_by: 'order_total' }, 'sort_by: must be date_added with scan filters.'],
    [{ ...RANGE, min_total: 'much' }, 'min_total: must be a decimal as text, such as "49.90".'],
    [{ ...RANGE, min_total: 5 }, 'min_total: must be a decimal as text, such as "49.90".'],
    [{ ...RANGE, min_total: '10', max_total: '9.99' }, 'min_total: must not be above max_total.'],
    [
      { ...RANGE, payment_status: 'Paid' },
      expect.stringMatching(/^payment_status: must be one of Approved,/),
    ],
    [{ ...RANGE, shipped: 'maybe' }, 'shipped: must be one of no, partly, yes, not_needed.'],
  ])('refuse %j', async (args, message) => {
    const store = new InMemoryStore();
    await expect(call(toolOf(store), args)).rejects.toMatchObject({ code: 'invalid_argument', message });
    expect(store.queries).toEqual([]);
  });

  it('say what to do about amounts that leave none between them', async () => {
    const args = { ...RANGE, min_total: '10', max_total: '9.99' };
    await expect(call(toolOf(new InMemoryStore()), args)).rejects.toMatchObject({
      field: 'min_total',
      hint: 'No amount is between them: exchange the two, or leave one out.',
    });
  });

  it('take a leap year by its days', async () => {
    const store = new InMemoryStore();
    store.put(anOrder({ addedAt: '2024-12-31T12:00:00Z' }), orderAt(1, 1));
    const range = { added_from: '2024-01-01', added_to: '2024-12-31' };
    expect((await call(toolOf(store), { ...range, sku: 'SHIRT-BLACK' })).data).toMatchObject({
      returned: 1,
      scanned: 1,
    });
  });
});
