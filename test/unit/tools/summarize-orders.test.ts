import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Order, OrderQuery, StoreGateway } from '../../../src/orderdesk/port.js';
import type { StoreView } from '../../../src/orderdesk/views.js';
import { GROUPINGS } from '../../../src/orders/summary.js';
import { summarizeOrdersTool } from '../../../src/tools/summarize-orders.js';
import { aStoreView, type Behaviour, gatewayOf, InMemoryStore } from './support/gateway.js';
import { anAddress, anItem, anOrder, aShipment, aView } from './support/orders.js';
import { type Answer, aCall, aStoreEntry, call, directoryOf, toolDeps } from './support/ports.js';

const FOLDERS = [
  { id: '1', name: 'New' },
  { id: '2', name: 'Closed' },
  { id: '3', name: 'Cancelled' },
];
const aStore = (change: Partial<StoreView> = {}) => aStoreView({ folders: FOLDERS, ...change });

const JANUARY = { added_from: '2026-01-01', added_to: '2026-01-31' };
const at = (minute: number): string =>
  new Date(Date.parse('2026-01-10T00:00:00Z') + minute * 60_000).toISOString();
const totals = (order: string, quantity = 2) => ({ ...aView().totals, order, quantity });

/** An Order Desk that never gives more than `largest` orders at once. */
function paged(gateway: StoreGateway, largest: number): StoreGateway {
  return {
    ...gateway,
    listOrders: (entry, query, ctx) =>
      gateway.listOrders(entry, { ...query, limit: Math.min(query.limit, largest) }, ctx),
  };
}

function setUp(orders: readonly Order[], view = aStore(), behaviour?: Behaviour, largest = 500) {
  const store = new InMemoryStore(behaviour);
  store.put(...orders);
  return { store, tool: summarizeOrdersTool(toolDeps(paged(gatewayOf(store, view), largest)), 'named') };
}

const someOrders = (count: number): Order[] =>
  Array.from({ length: count }, (_, index) =>
    anOrder({ id: String(index + 1), addedAt: at(index), totals: totals('10.10') }),
  );

const keysOf = ({ data }: Answer): (string | null)[] => data.groups.map((row: { key: string }) => row.key);

describe('summarize_orders', () => {
  it('answers with totals, what they cover and what was left out', async () => {
    const orders = [
      ...someOrders(3),
      anOrder({ id: '90', addedAt: at(5), folderId: '3', totals: totals('99') }),
      anOrder({ id: '91', addedAt: '2026-02-20T00:00:00Z' }),
    ];
    const { data } = await call(setUp(orders).tool, JANUARY);
    expect(data).toEqual({
      store: 'main',
      time_zone: 'America/Los_Angeles',
      assumed_currency: 'USD',
      coverage: {
        scanned: 4,
        total: 4,
        total_exact: true,
        complete: true,
        from: '2026-01-01T08:00:00Z',
        to: '2026-02-01T08:00:00Z',
      },
      totals: {
        orders: 3,
        units: '6',
        revenue: '30.30',
        average: '10.10',
        shipping: '33.51',
        tax: '3.60',
        discount: '5.10',
        refunds: '0.00',
      },
      left_out: { folders: [{ name: 'Cancelled', by: 'name' }], orders: 1, revenue: '99.00' },
      trimmed_by: null,
      remarks: [expect.stringContaining('a guess by their names')],
    });
  });

  it('shows the largest groups, and the rest in one', async () => {
    const orders = ['Shopify', 'Etsy', 'Etsy', 'eBay'].map((sourceName, index) =>
      anOrder({ id: String(index), addedAt: at(index), sourceName, totals: totals('10') }),
    );
    const { data } = await call(setUp(orders).tool, { ...JANUARY, group_by: 'source', top: 1 });
    expect(data.groups).toMatchObject([{ key: 'Etsy', orders: 2, units: '4', revenue: '20.00' }]);
    expect(data.other).toMatchObject({ groups: 2, orders: 2, revenue: '20.00', average: '10.00' });
    const all = await call(setUp(orders).tool, { ...JANUARY, group_by: 'source' });
    expect(keysOf(all)).toEqual(['Etsy', 'Shopify', 'eBay']);
    expect(all.data).not.toHaveProperty('other');
  });

  it('names folders, and says so where none means canceled', async () => {
    const view = aStore({ folders: FOLDERS.slice(0, 2) });
    const { data } = await call(setUp(someOrders(2), view).tool, { ...JANUARY, group_by: 'folder' });
    expect(data.groups).toMatchObject([{ key: 'New', orders: 2 }]);
    expect(data.left_out).toEqual({ folders: [], orders: 0, revenue: '0.00' });
    expect(data.remarks).toEqual([
      expect.stringContaining('No folder of this store is known to mean canceled'),
    ]);
  });

  it('says that the currency is unknown where nothing tells it', async () => {
    const { data } = await call(setUp([], aStore({ locale: null })).tool, JANUARY);
    expect(data.assumed_currency).toBeNull();
    expect(data.remarks).toContainEqual(expect.stringContaining('The currency is unknown'));
  });

  it('passes the filters on, and reads behind those who wait for one answer', async () => {
    const { store } = setUp([]);
    const asked: { query: OrderQuery; priority: unknown }[] = [];
    const gateway: StoreGateway = {
      ...gatewayOf(store, aStore()),
      async listOrders(_entry, query, { priority }) {
        asked.push({ query, priority });
        return store.list(query);
      },
    };
    const tool = summarizeOrdersTool(toolDeps(gateway), 'named');
    await call(tool, { ...JANUARY, folder: 'new', source_name: 'Etsy', last_name: 'Example' });
    expect(asked[0]).toMatchObject({
      priority: 'background',
      query: {
        folderIds: ['1'],
        sourceName: 'Etsy',
        addedFrom: new Date('2026-01-01T08:00:00Z'),
        addedTo: new Date('2026-02-01T08:00:00Z'),
        address: { of: 'shipping', lastName: 'Example' },
      },
    });
  });

  it.each([
    [{}, 'added_from: is required.'],
    [{ added_from: '2026-01-01' }, 'added_to: is required.'],
    [{ added_from: 20260101, added_to: '2026-01-01' }, 'added_from: must be a date such as'],
    [{ added_from: '2025-01-01', added_to: '2026-01-02' }, 'added_from'],
    [{ added_from: '2026-01-02', added_to: '2026-01-01' }, 'added_from'],
    [{ ...JANUARY, group_by: 'hour' }, 'group_by'],
    [{ ...JANUARY, top: 367 }, 'top'],
    [{ ...JANUARY, shipped: 'maybe' }, 'shipped'],
    [{ ...JANUARY, payment_status: 'Paid' }, 'payment_status'],
    [{ ...JANUARY, sku: 'A' }, 'sku'],
  ])('refuses %j by name', async (args, field) => {
    const { tool, store } = setUp(someOrders(1));
    await expect(call(tool, args)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(field),
    });
    expect(store.queries).toEqual([]);
  });

  it('takes a leap year whole', async () => {
    const year = { added_from: '2024-01-01', added_to: '2024-12-31' };
    expect((await call(setUp([]).tool, year)).data.coverage.complete).toBe(true);
  });
});

describe('a summary that has to stop', () => {
  /** The time that is left is for the answer: nothing more is begun after the first page. */
  const hurried = () => ({ ...aCall(), deadlineAt: performance.now() + 1_000 });

  it('says so, and its numbers are those of the range that it names', async () => {
    const orders = someOrders(450);
    const { tool } = setUp(orders);
    const { data } = await call(tool, { ...JANUARY, group_by: 'source' }, hurried());
    const { scanned, from, to } = data.coverage;
    expect(data.coverage).toMatchObject({ total: 450, complete: false, to: '2026-02-01T08:00:00Z' });
    const inRange = orders.filter(
      ({ view }) => Date.parse(view.addedAt) >= Date.parse(from) && Date.parse(view.addedAt) < Date.parse(to),
    );
    expect(scanned).toBe(inRange.length);
    expect(scanned).toBeGreaterThan(0);
    expect(scanned).toBeLessThan(450);
    expect(data.totals.orders).toBe(scanned);
    expect(data.groups[0].orders).toBe(scanned);
    expect(data.remarks).toContainEqual(expect.stringContaining('ask again with coverage.from as added_to'));
  });

  it('and the rest, asked for as it says, are the whole', async () => {
    const { tool } = setUp(someOrders(450));
    let [orders, to, rounds, complete] = [0, JANUARY.added_to, 0, false];
    while (!complete && rounds < 20) {
      const { data } = await call(tool, { ...JANUARY, added_to: to }, hurried());
      orders += data.totals.orders;
      ({ from: to, complete } = data.coverage);
      rounds += 1;
    }
    expect({ orders, complete }).toEqual({ orders: 450, complete: true });
    expect(rounds).toBeGreaterThan(1);
  });

  it('ends at once when its caller is gone', async () => {
    const { tool, store } = setUp(someOrders(450));
    const caller = new AbortController();
    store.beforeAnswer = () => caller.abort();
    await expect(call(tool, JANUARY, { ...aCall(), signal: caller.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(store.queries).toHaveLength(1);
  });
});

describe('the days of a store', () => {
  /** Clocks change on the second day; each order is the last second before a midnight or the first after it. */
  it.each([
    {
      zone: 'America/Los_Angeles',
      range: ['2026-03-07', '2026-03-09'],
      before: ['2026-03-07T07:59:59Z', '2026-03-10T07:00:00Z'],
      days: {
        '2026-03-09': ['2026-03-09T07:00:00Z', '2026-03-10T06:59:59Z'],
        '2026-03-08': ['2026-03-08T08:00:00Z', '2026-03-09T06:59:59Z'],
        '2026-03-07': ['2026-03-07T08:00:00Z', '2026-03-08T07:59:59Z'],
      },
    },
    {
      zone: 'America/Los_Angeles',
      range: ['2026-10-31', '2026-11-02'],
      before: ['2026-10-31T06:59:59Z', '2026-11-03T08:00:00Z'],
      days: {
        '2026-11-02': ['2026-11-02T08:00:00Z', '2026-11-03T07:59:59Z'],
        '2026-11-01': ['2026-11-01T07:00:00Z', '2026-11-02T07:59:59Z'],
        '2026-10-31': ['2026-10-31T07:00:00Z', '2026-11-01T06:59:59Z'],
      },
    },
    {
      zone: 'Europe/London',
      range: ['2026-03-28', '2026-03-30'],
      before: ['2026-03-27T23:59:59Z', '2026-03-30T23:00:00Z'],
      days: {
        '2026-03-30': ['2026-03-29T23:00:00Z', '2026-03-30T22:59:59Z'],
        '2026-03-29': ['2026-03-29T00:00:00Z', '2026-03-29T22:59:59Z'],
        '2026-03-28': ['2026-03-28T00:00:00Z', '2026-03-28T23:59:59Z'],
      },
    },
    {
      zone: 'Europe/London',
      range: ['2026-10-24', '2026-10-26'],
      before: ['2026-10-23T22:59:59Z', '2026-10-27T00:00:00Z'],
      days: {
        '2026-10-26': ['2026-10-26T00:00:00Z', '2026-10-26T23:59:59Z'],
        '2026-10-25': ['2026-10-24T23:00:00Z', '2026-10-25T23:59:59Z'],
        '2026-10-24': ['2026-10-23T23:00:00Z', '2026-10-24T22:59:59Z'],
      },
    },
    {
      zone: 'Australia/Sydney',
      range: ['2026-10-03', '2026-10-05'],
      before: ['2026-10-02T13:59:59Z', '2026-10-05T13:00:00Z'],
      days: {
        '2026-10-05': ['2026-10-04T13:00:00Z', '2026-10-05T12:59:59Z'],
        '2026-10-04': ['2026-10-03T14:00:00Z', '2026-10-04T12:59:59Z'],
        '2026-10-03': ['2026-10-02T14:00:00Z', '2026-10-03T13:59:59Z'],
      },
    },
    {
      zone: 'Australia/Sydney',
      range: ['2026-04-04', '2026-04-06'],
      before: ['2026-04-03T12:59:59Z', '2026-04-06T14:00:00Z'],
      days: {
        '2026-04-06': ['2026-04-05T14:00:00Z', '2026-04-06T13:59:59Z'],
        '2026-04-05': ['2026-04-04T13:00:00Z', '2026-04-05T13:59:59Z'],
        '2026-04-04': ['2026-04-03T13:00:00Z', '2026-04-04T12:59:59Z'],
      },
    },
    {
      zone: 'UTC',
      range: ['2026-03-07', '2026-03-09'],
      before: ['2026-03-06T23:59:59Z', '2026-03-10T00:00:00Z'],
      days: {
        '2026-03-09': ['2026-03-09T00:00:00Z', '2026-03-09T23:59:59Z'],
        '2026-03-08': ['2026-03-08T00:00:00Z', '2026-03-08T23:59:59Z'],
        '2026-03-07': ['2026-03-07T00:00:00Z', '2026-03-07T23:59:59Z'],
      },
    },
  ])('are those of its own clocks: $zone, $range.0', async ({ zone, range, before, days }) => {
    const dates = [...before, ...Object.values(days).flat()];
    const orders = dates.map((addedAt, index) => anOrder({ id: String(index), addedAt }));
    const [added_from, added_to] = range;
    const answer = await call(setUp(orders, aStore({ timeZone: zone })).tool, {
      added_from,
      added_to,
      group_by: 'day',
    });
    expect(
      answer.data.groups.map(({ key, orders: count }: { key: string; orders: number }) => [key, count]),
    ).toEqual(Object.keys(days).map((day) => [day, 2]));
    expect(answer.data.coverage).toMatchObject({ scanned: 6, total: 6, complete: true });
  });
});

describe('against a count by hand', () => {
  const person = fc.record({
    minute: fc.integer({ min: 0, max: 60 * 24 * 9 }),
    cents: fc.integer({ min: 0, max: 20_000 }),
    units: fc.integer({ min: 0, max: 5 }),
    folder: fc.constantFrom('1', '2', '3'),
    source: fc.constantFrom('Shopify', 'Etsy', null),
    country: fc.constantFrom('US', 'AU', null),
    state: fc.constantFrom('WA', 'OR', null),
    payment: fc.constantFrom('Captured', 'Pending', null),
    method: fc.constantFrom('Ground', null),
    lines: fc.array(
      fc.record({
        code: fc.constantFrom('A', 'B', null),
        cents: fc.integer({ min: 0, max: 900 }),
        count: fc.nat(3),
      }),
      { maxLength: 3 },
    ),
  });
  type Person = typeof person extends fc.Arbitrary<infer P> ? P : never;

  /** Nine days with a change of clocks inside, for each zone. */
  const worlds = [
    ['America/Los_Angeles', '2026-03-04T00:00:00Z'],
    ['Europe/London', '2026-10-21T00:00:00Z'],
    ['Australia/Sydney', '2026-04-01T00:00:00Z'],
    ['UTC', '2026-12-28T00:00:00Z'],
  ] as const;

  const text = (cents: number): string =>
    `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;

  function keyOf(grouping: string, each: Person, addedAt: string, zone: string): string | null {
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date(addedAt));
    switch (grouping) {
      case 'day':
        return day;
      case 'month':
        return day.slice(0, 7);
      case 'week':
        return weekOf(day);
      case 'source':
        return each.source;
      case 'folder':
        return FOLDERS.find(({ id }) => id === each.folder)?.name ?? null;
      case 'country':
        return each.country;
      case 'state':
        return each.state === null || each.country === null ? each.state : `${each.state}, ${each.country}`;
      case 'payment_status':
        return each.payment;
      default:
        return each.method;
    }
  }

  /** Counted from the Monday of the week of 4 January, which is always in week 1. */
  function weekOf(day: string): string {
    const ms = Date.parse(day);
    const firstMonday = (year: number) => {
      const fourth = Date.UTC(year, 0, 4);
      return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * 86_400_000;
    };
    const own = Number(day.slice(0, 4));
    const year = ms >= firstMonday(own + 1) ? own + 1 : ms < firstMonday(own) ? own - 1 : own;
    const week = Math.floor((ms - firstMonday(year)) / (7 * 86_400_000)) + 1;
    return `${year}-W${String(week).padStart(2, '0')}`;
  }

  it('is equal, for every grouping, zone, page size and way of Order Desk', async () => {
    const behaviour = fc.record({
      endIncluded: fc.boolean(),
      ties: fc.constantFrom('stable', 'shuffled') as fc.Arbitrary<Behaviour['ties']>,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(person, { maxLength: 40 }),
        fc.constantFrom(...worlds),
        fc.constantFrom(...GROUPINGS),
        fc.integer({ min: 2, max: 50 }),
        behaviour,
        fc.tuple(fc.nat(9 * 24), fc.nat(9 * 24)).filter(([a, b]) => a !== b),
        async (people, [zone, start], grouping, largest, behaves, hours) => {
          const added = (minute: number) => new Date(Date.parse(start) + minute * 60_000).toISOString();
          const orders = people.map((each, index) =>
            anOrder({
              id: String(index + 1),
              addedAt: added(each.minute),
              sourceName: each.source,
              folderId: each.folder,
              paymentStatus: each.payment,
              shippingMethod: each.method,
              shipping: anAddress({ country: each.country, state: each.state }),
              customer: anAddress({ country: null, state: null }),
              totals: totals(text(each.cents), each.units),
              items: each.lines.map(({ code, cents, count }) =>
                anItem({ code, price: text(cents), quantity: count }),
              ),
            }),
          );
          const [from, to] = [Math.min(...hours) * 60, Math.max(...hours) * 60];
          const { tool } = setUp(orders, aStore({ timeZone: zone }), behaves, largest);
          const { data } = await call(tool, {
            added_from: added(from),
            added_to: added(to),
            group_by: grouping,
            top: 100,
          });

          const inRange = people.filter(({ minute }) => minute >= from && minute < to);
          const counted = inRange.filter(({ folder }) => folder !== '3');
          const expected = new Map<string | null, { orders: number; units: number; cents: number }>();
          const count = (key: string | null, units: number, cents: number) => {
            const sum = expected.get(key) ?? { orders: 0, units: 0, cents: 0 };
            expected.set(key, { orders: sum.orders + 1, units: sum.units + units, cents: sum.cents + cents });
          };
          for (const each of counted) {
            if (grouping === 'sku') {
              for (const line of each.lines) count(line.code, line.count, line.count * line.cents);
            } else count(keyOf(grouping, each, added(each.minute), zone), each.units, each.cents);
          }
          const shown = new Map(
            data.groups.map(
              (row: {
                key: string;
                orders?: number;
                units: string;
                revenue?: string;
                item_total?: string;
              }) => [row.key, { orders: row.orders, units: row.units, money: row.revenue ?? row.item_total }],
            ),
          );
          const wanted = [...expected].map(([key, sum]) => [
            key,
            {
              orders: grouping === 'sku' ? undefined : sum.orders,
              units: String(sum.units),
              money: text(sum.cents),
            },
          ]);
          expect(shown).toEqual(new Map(wanted as [string | null, unknown][]));
          expect(data).not.toHaveProperty('other');
          expect(data.coverage).toMatchObject({
            scanned: inRange.length,
            total: inRange.length,
            complete: true,
          });
          expect(data.totals).toMatchObject({
            orders: counted.length,
            revenue: text(counted.reduce((sum, { cents }) => sum + cents, 0)),
          });
          expect(data.left_out.orders).toBe(inRange.length - counted.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('an answer', () => {
  it('never passes 20,000 characters, never cuts JSON, holds to its schema and loses nothing', async () => {
    const word = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.string({ unit: 'binary', minLength: 100, maxLength: 400 }),
    );
    const validate = new AjvJsonSchemaValidator().getValidator(setUp([]).tool.outputSchema ?? {});
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { maxLength: 150 }),
        fc.constantFrom('source', 'sku', 'state', undefined),
        fc.integer({ min: 1, max: 100 }),
        fc.array(word, { maxLength: 40 }),
        async (words, grouping, top, names) => {
          const orders = words.map((each, index) =>
            anOrder({
              id: String(index),
              addedAt: at(index),
              sourceName: each,
              items: [anItem({ code: each })],
              shipping: anAddress({ state: each }),
              totals: totals('123456789012.345678'),
            }),
          );
          const folders = names.map((name, index) => ({ id: `c${index}`, name: `${name} void` }));
          const { tool } = setUp(orders, aStore({ folders: [...FOLDERS, ...folders] }));
          const answer = await call(tool, { ...JANUARY, top, ...(grouping ? { group_by: grouping } : {}) });
          const { data, text: block } = answer;
          expect(block.length).toBeLessThanOrEqual(20_000);
          expect(JSON.parse(block.split('\n').slice(1, -1).join('\n'))).toEqual(data);
          expect(validate(data)).toMatchObject({ valid: true });
          expect(data.totals.orders).toBe(words.length);
          if (grouping === undefined) return;
          const rows = [...data.groups, ...(data.other === undefined ? [] : [data.other])];
          const units = rows.reduce((sum: number, row: { units: string }) => sum + Number(row.units), 0);
          expect(units).toBe(words.length * 2);
          expect(data.trimmed_by).toBe(
            data.groups.length < Math.min(top, data.groups.length + (data.other?.groups ?? 0))
              ? 'size'
              : null,
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is full of groups where they are many and wide, and no larger than it may be', async () => {
    const wide = '99999999999.99999999999';
    const figures = { ...totals(wide), shipping: wide, tax: wide, discount: wide, refund: wide };
    const orders = Array.from({ length: 300 }, (_, index) =>
      anOrder({
        id: String(index),
        addedAt: at(index),
        sourceName: `${index} ${'"'.repeat(48)}`,
        totals: figures,
      }),
    );
    const { data, text: block } = await call(setUp(orders).tool, {
      ...JANUARY,
      group_by: 'source',
      top: 100,
    });
    expect(data).toMatchObject({ trimmed_by: 'size', other: { groups: 300 - data.groups.length } });
    expect(data.groups.length).toBeGreaterThan(40);
    expect(block.length).toBeLessThanOrEqual(20_000);
    expect(block.length).toBeGreaterThan(18_500);
  });

  it('names at most twenty folders that were left out, and counts the others', async () => {
    const folders = Array.from({ length: 60 }, (_, index) => ({ id: `${index}`, name: `void ${index}` }));
    const { data } = await call(setUp([], aStore({ folders })).tool, JANUARY);
    expect(data.left_out.folders).toHaveLength(20);
    expect(data.left_out).toMatchObject({ more_folders: 40 });
    expect(data.left_out.folders.at(-1)).toEqual({ name: 'void 19', by: 'name' });
  });

  it('shows nothing of a customer to a masked key, however it is grouped', async () => {
    const mark = (field: string) => `zq${field}`;
    const address = anAddress({
      firstName: mark('First'),
      lastName: mark('Last'),
      company: mark('Company'),
      lines: [mark('Street')],
      phone: mark('Phone'),
    });
    const note = { at: null, by: mark('By'), text: mark('Note') };
    const orders = [
      anOrder({
        addedAt: at(1),
        email: mark('Mail'),
        customerId: `${mark('Id')}@example.com`,
        shipping: address,
        customer: address,
        checkoutData: { gift: mark('Gift') },
        notes: [note],
        metadata: { contact: mark('Meta') },
      }),
    ];
    const store = new InMemoryStore();
    store.put(...orders);
    const masker = { of: async () => (kind: string, value: string) => `${kind}-${value.length}` };
    const tool = summarizeOrdersTool(toolDeps(gatewayOf(store, aStore()), { masker }), 'named');
    for (const group_by of GROUPINGS) {
      const { text: block, data } = await call(tool, { ...JANUARY, group_by });
      expect(data.groups).toHaveLength(1);
      expect(block).not.toContain('zq');
    }
  });

  it('marks what was written outside', () => {
    expect(setUp([]).tool.outputSchema).toMatchObject({
      properties: {
        groups: { items: { properties: { key: { description: 'untrusted text' } } } },
        left_out: { properties: { folders: { description: 'Untrusted text' } } },
      },
    });
  });
});

describe('the groups of a period', () => {
  const onDays = (count: number): Order[] =>
    Array.from({ length: count }, (_, day) =>
      anOrder({ id: String(day), addedAt: at(day * 24 * 60), totals: totals('10') }),
    );
  const YEAR = { added_from: '2026-01-01', added_to: '2026-12-31' };

  it('are all days of a month, unless fewer are asked for', async () => {
    const { tool } = setUp(onDays(31));
    const all = (await call(tool, { ...YEAR, group_by: 'day' })).data;
    expect(all.groups).toHaveLength(31);
    expect(all).not.toHaveProperty('other');
    const few = (await call(tool, { ...YEAR, group_by: 'day', top: 30 })).data;
    expect(few.groups).toHaveLength(30);
    expect(few.other).toMatchObject({ groups: 1, orders: 1 });
  });

  it('are at most 100, while other groups are 20, and the answer says what to do about the rest', async () => {
    const orders = onDays(120).map(({ view }, index) => anOrder({ ...view, sourceName: `S${index}` }));
    const { tool } = setUp(orders);
    for (const [group_by, shown] of [
      ['day', 100],
      ['source', 20],
      ['sku', 1],
    ] as const) {
      const { data } = await call(tool, { ...YEAR, group_by });
      expect([group_by, data.groups.length, data.trimmed_by]).toEqual([group_by, shown, null]);
      const remark = expect.stringMatching(/summed in other.* raise top where trimmed_by is null/);
      if (group_by === 'sku') expect(data.remarks).not.toContainEqual(remark);
      else expect(data.remarks).toContainEqual(remark);
    }
  });

  it('are as many of a whole year as fit', async () => {
    const { data, text: block } = await call(setUp(onDays(350)).tool, {
      ...YEAR,
      group_by: 'day',
      top: 366,
    });
    expect(data).toMatchObject({ trimmed_by: 'size', other: { groups: 350 - data.groups.length } });
    expect(data.remarks).toContainEqual(expect.stringContaining('shorten the range'));
    expect(data.groups.length).toBeGreaterThan(100);
    expect(block.length).toBeLessThanOrEqual(20_000);
  });
});

describe('a summary of what was shipped or paid', () => {
  const each = (id: string, change: Parameters<typeof anOrder>[0]) =>
    anOrder({
      id,
      addedAt: at(Number(id)),
      totals: totals('10'),
      paymentStatus: 'Captured',
      shipments: [],
      ...change,
    });
  const orders = [
    each('1', { sourceName: 'Etsy' }),
    each('2', { sourceName: 'Etsy', shipments: [aShipment({ items: [] })] }),
    each('3', { sourceName: 'eBay', paymentStatus: 'Pending' }),
    each('4', { sourceName: 'eBay', folderId: '3' }),
    each('5', { shipments: [aShipment({ items: [] })], folderId: '3' }),
    each('6', { totals: totals('9'.repeat(40)), shipments: [aShipment({ items: [] })] }),
  ];

  it('counts the orders that match, of all that it read', async () => {
    const { data } = await call(setUp(orders).tool, { ...JANUARY, shipped: 'no', group_by: 'source' });
    expect(data).toMatchObject({
      coverage: { scanned: 6, total: 6, complete: true },
      totals: { orders: 2, revenue: '20.00' },
      left_out: { orders: 1, revenue: '10.00' },
      groups: [
        { key: 'Etsy', orders: 1 },
        { key: 'eBay', orders: 1 },
      ],
    });
    expect(data).not.toHaveProperty('unreadable');
  });

  it('is the same for a masked key', async () => {
    const store = new InMemoryStore();
    store.put(...orders);
    const masker = { of: async () => (kind: string) => `${kind}-0000` };
    const tool = summarizeOrdersTool(toolDeps(gatewayOf(store, aStore()), { masker }), 'named');
    const args = { ...JANUARY, shipped: 'no', payment_status: 'Captured', group_by: 'source' };
    const { data } = await call(tool, args);
    expect(data).toEqual((await call(setUp(orders).tool, args)).data);
    expect(data.totals.orders).toBe(1);
  });

  it('by both where both are given, in any case', async () => {
    const { data } = await call(setUp(orders).tool, {
      ...JANUARY,
      shipped: 'no',
      payment_status: 'PENDING',
    });
    expect(data).toMatchObject({ totals: { orders: 1 }, left_out: { orders: 0 }, coverage: { scanned: 6 } });
  });
});

describe('canceled orders', () => {
  const orders = ['1', '3', '3'].map((folderId, index) =>
    anOrder({ id: String(index), addedAt: at(index), folderId, totals: totals('10') }),
  );

  it('count where their folder is asked for, and the answer says so', async () => {
    const { data } = await call(setUp(orders).tool, { ...JANUARY, folder: ['Cancelled', 'New'] });
    expect(data.totals).toMatchObject({ orders: 3, revenue: '30.00' });
    expect(data.left_out).toEqual({ folders: [], orders: 0, revenue: '0.00' });
    expect(data.remarks).toEqual([expect.stringContaining('their orders are counted all the same')]);
    const open = await call(setUp(orders).tool, { ...JANUARY, folder: 'New' });
    expect(open.data).toMatchObject({ totals: { orders: 1 }, left_out: { folders: [] } });
    expect(open.data).not.toHaveProperty('remarks');
  });

  it('are those of the folders that the owner calls so, whatever their names say', async () => {
    const store = new InMemoryStore();
    store.put(...orders);
    const entry = aStoreEntry({ folderStates: { 1: 'canceled', 3: 'open' } });
    const directory = directoryOf(entry);
    const tool = summarizeOrdersTool(toolDeps(gatewayOf(store, aStore()), { directory }), 'named');
    const { data } = await call(tool, JANUARY);
    expect(data.totals).toMatchObject({ orders: 2 });
    expect(data.left_out).toEqual({
      folders: [{ name: 'New', by: 'owner' }],
      orders: 1,
      revenue: '10.00',
    });
    expect(data).not.toHaveProperty('remarks');
  });
});

describe('what cannot be read', () => {
  it('is counted apart: orders that count nowhere, and items that are missing in their group alone', async () => {
    const orders = [
      anOrder({ id: '1', addedAt: at(1), totals: totals('10'), items: [anItem({ quantity: 1e300 })] }),
      anOrder({ id: '2', addedAt: at(2), totals: totals('9'.repeat(40)) }),
    ];
    const { tool } = setUp(orders);
    const bySku = (await call(tool, { ...JANUARY, group_by: 'sku' })).data;
    expect(bySku).toMatchObject({ unreadable: { orders: 1, items: 1 }, groups: [] });
    const plain = (await call(tool, JANUARY)).data;
    expect(plain.unreadable).toEqual({ orders: 1, items: 0 });
    expect(plain.totals).toEqual(bySku.totals);
    expect(plain.totals).toMatchObject({ orders: 1, revenue: '10.00' });
    expect(plain.remarks).toContainEqual(expect.stringMatching(/^unreadable counts orders and items/));
  });
});
