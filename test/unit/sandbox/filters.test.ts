import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localClock } from '../../../src/sandbox/dates.js';
import { defaultSwitches, generateStoreData, type OrderRecord } from '../../../src/sandbox/index.js';
import { listOrders } from '../../../src/sandbox/reads.js';
import { createRecords } from '../../../src/sandbox/records.js';
import { createOrderRenderer } from '../../../src/sandbox/render.js';

const now = Date.UTC(2026, 5, 30, 12);
const data = generateStoreData({ storeId: '10001', seed: 3, anchor: new Date(now), orderCount: 150 });
const records = createRecords(data, () => now);
const timeZone = 'America/Los_Angeles';

interface Page {
  readonly total_records: number;
  readonly records_returned: number;
  readonly offset: number;
  readonly limit: number;
  readonly orders: readonly OrderRecord[];
}

const renderer = createOrderRenderer(defaultSwitches);
const local = localClock(timeZone);

function list(query: Record<string, string>): Page {
  const answer = listOrders(
    {
      profile: {
        id: '10001',
        name: '',
        apiKey: '',
        smtpPassword: '',
        timeZone,
        country: 'US',
        locale: 'en_US',
      },
      records,
      renderer,
      local,
      switches: defaultSwitches,
      requestNumber: 1,
      now: () => now,
      fireRules: () => undefined,
    },
    [],
    new Map(Object.entries(query)),
    undefined,
  );
  if (!answer.ok) throw new Error(answer.message);
  return JSON.parse(`{${answer.members.join(',')}}`);
}

/** The wall clock of Los Angeles at an instant, found the slow way. */
const wallClock = new Intl.DateTimeFormat('sv-SE', {
  timeZone,
  dateStyle: 'short',
  timeStyle: 'medium',
});

/** What the filters mean, order by order, with nothing shared with the code under test. */
function expected(query: Record<string, string>): string[] {
  const same = (a: string, b: string) => a.toLocaleLowerCase('en') === b.toLocaleLowerCase('en');
  const instant = (text: string) =>
    Date.parse(`${text.replace(' ', 'T')}${text.length === 10 ? 'T00:00:00' : ''}Z`);
  const local = (text: string) => wallClock.format(instant(text));
  const midnight = (text: string) => (text.length === 10 ? `${text} 00:00:00` : text);
  const rules: Record<string, (o: OrderRecord, value: string) => boolean> = {
    folder_id: (o, v) => v.split(',').includes(String(o.folder_id)),
    folder_name: (o, v) => data.folders.some((f) => f.name === v && f.id === o.folder_id),
    source_id: (o, v) => same(o.source_id, v),
    source_name: (o, v) => same(o.source_name, v),
    email: (o, v) => same(o.email, v),
    customer_id: (o, v) => same(o.customer_id, v),
    customer_last_name: (o, v) => same(o.customer.last_name, v),
    shipping_first_name: (o, v) => same(o.shipping.first_name, v),
    shipping_company: (o, v) => same(o.shipping.company, v),
    shipping_phone: (o, v) => same(o.shipping.phone, v),
    customer_address1: (o, v) => same(o.customer.address1, v),
    search_start_date: (o, v) => instant(o.date_added) >= instant(v),
    search_end_date: (o, v) => instant(o.date_added) < instant(v),
    search_start_date_local: (o, v) => local(o.date_added) >= midnight(v),
    search_end_date_local: (o, v) => local(o.date_added) < midnight(v),
    modified_start_date: (o, v) => instant(o.date_updated) >= instant(v),
    modified_end_date: (o, v) => instant(o.date_updated) < instant(v),
  };
  return data.orders
    .filter((o) =>
      Object.entries(query).every(([name, value]) => value === '' || (rules[name]?.(o, value) ?? true)),
    )
    .sort((a, b) => instant(b.date_added) - instant(a.date_added) || Number(b.id) - Number(a.id))
    .map((o) => o.id);
}

const order = fc.constantFrom(...data.orders);
const from = (read: (o: OrderRecord) => string) =>
  fc.option(fc.oneof(order.map(read), fc.constant('nothing like it')), { nil: '' });
const date = (read: (o: OrderRecord) => string) =>
  fc.option(
    fc.oneof(
      order.map(read),
      order.map((o) => read(o).slice(0, 10)),
    ),
    { nil: '', freq: 2 },
  );

/** Queries of which one filter or a few are set, to values that occur and values that do not. */
const query = fc
  .record({
    folder_id: fc.oneof(
      from((o) => String(o.folder_id)),
      fc.array(order, { minLength: 1, maxLength: 3 }).map((list) => list.map((o) => o.folder_id).join(',')),
    ),
    folder_name: fc.constantFrom('', 'Closed', 'closed', ...data.folders.map((f) => f.name)),
    source_id: from((o) => o.source_id),
    source_name: from((o) => o.source_name.toUpperCase()),
    email: from((o) => o.email),
    customer_id: from((o) => o.customer_id),
    customer_last_name: from((o) => o.customer.last_name),
    shipping_first_name: from((o) => o.shipping.first_name),
    shipping_company: from((o) => o.shipping.company),
    shipping_phone: from((o) => o.shipping.phone),
    customer_address1: from((o) => o.customer.address1),
    search_start_date: date((o) => o.date_added),
    search_end_date: date((o) => o.date_added),
    search_start_date_local: date((o) => o.date_added),
    search_end_date_local: date((o) => o.date_added),
    modified_start_date: date((o) => o.date_updated),
    modified_end_date: date((o) => o.date_updated),
    status: fc.constant('shipped'),
  })
  .chain((all) =>
    fc
      .subarray(Object.keys(all), { minLength: 0, maxLength: 3 })
      .map((names) => Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)))),
  );

describe('listing orders', () => {
  it('finds exactly the orders that hold against every filter, newest first', () => {
    let found = 0;
    fc.assert(
      fc.property(query, (filters) => {
        const page = list({ ...filters, limit: '500' });
        const ids = expected(filters);
        found += ids.length > 0 && ids.length < data.orders.length ? 1 : 0;
        expect(page.orders.map((o) => o.id)).toEqual(ids);
        expect(page.total_records).toBe(ids.length);
      }),
      { numRuns: 250 },
    );
    // The property would hold emptily if the filters never split the store; about one in four does.
    expect(found).toBeGreaterThan(15);
  });

  it('gives the same orders in pages of any size', () => {
    fc.assert(
      fc.property(query, fc.integer({ min: 7, max: 200 }), (filters, limit) => {
        const ids: string[] = [];
        for (let offset = 0; ; offset += limit) {
          const page = list({ ...filters, limit: String(limit), offset: String(offset) });
          expect(page).toMatchObject({ limit, offset, records_returned: page.orders.length });
          if (page.orders.length === 0) break;
          ids.push(...page.orders.map((o) => o.id));
        }
        expect(ids).toEqual(expected(filters));
      }),
      { numRuns: 40 },
    );
  });

  it('sorts by a field in both directions', () => {
    const totals = (direction: string) =>
      list({ order_by: 'order_total', order: direction, limit: '500' }).orders.map((o) => o.order_total);
    const ascending = [...data.orders.map((o) => o.order_total)].sort((a, b) => a - b);
    expect(totals('ASC')).toEqual(ascending);
    expect(totals('desc')).toEqual([...ascending].reverse());
    const names = list({ order_by: 'shipping_last_name', order: 'ASC', limit: '500' }).orders.map((o) =>
      o.shipping.last_name.toLowerCase(),
    );
    expect(names).toEqual([...names].sort());
    expect(list({ order: 'ASC', limit: '500' }).orders.map((o) => o.id)).toEqual(expected({}).reverse());
  });

  it('returns 50 orders unless told, at most 500, and takes nonsense for nothing', () => {
    expect(list({})).toMatchObject({ limit: 50, offset: 0, records_returned: 50, total_records: 150 });
    expect(list({ limit: '501' }).limit).toBe(500);
    expect(list({ limit: 'many', offset: '-3' })).toMatchObject({ limit: 50, offset: 0 });
    expect(list({ limit: '0' }).limit).toBe(50);
    expect(list({ offset: '10000' })).toMatchObject({ records_returned: 0, total_records: 150, orders: [] });
  });

  it('ignores parameters that do not exist, as if nothing had been asked', () => {
    expect(list({ search: 'x', status: 'open', page: '2', sort: 'id' }).total_records).toBe(150);
  });

  it('adds the history when asked for', () => {
    const { orders } = list({ get_order_history: '1', limit: '3' });
    expect(orders.map((o) => Object.hasOwn(o, 'order_history'))).toEqual([true, true, true]);
    expect(Object.hasOwn(list({ limit: '1' }).orders[0] ?? {}, 'order_history')).toBe(false);
  });
});
