import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cacheKey, type Resource } from '../../../src/orderdesk/cache-key.js';
import type { OrderQuery } from '../../../src/orderdesk/port.js';
import { orderParameters } from '../../../src/orderdesk/query.js';
import { storeEntry } from './records.js';

const filter = fc.string({ minLength: 1, maxLength: 12 }).filter((value) => value.trim() !== '');
const second = fc.integer({ min: 0, max: 4_000_000_000 }).map((s) => new Date(s * 1000));

const fields = {
  folderIds: fc.array(fc.nat().map(String), { minLength: 1, maxLength: 4 }),
  sourceId: filter,
  sourceName: filter,
  addedFrom: second,
  addedTo: second,
  modifiedFrom: second,
  modifiedTo: second,
  email: filter,
  customerId: filter,
  address: fc
    .record(
      {
        of: fc.constantFrom('shipping', 'customer'),
        firstName: filter,
        lastName: filter,
        company: filter,
        phone: filter,
        address1: filter,
      },
      { requiredKeys: ['of', 'lastName'] },
    )
    .map((address): NonNullable<OrderQuery['address']> => address),
  sortBy: fc.constantFrom('date_added', 'date_updated', 'order_total'),
  sort: fc.constantFrom('asc', 'desc'),
  history: fc.constant(true),
  limit: fc.integer({ min: 1, max: 500 }),
  offset: fc.integer({ min: 1, max: 10_000 }),
};
const query: fc.Arbitrary<OrderQuery> = fc.record(fields, { requiredKeys: ['limit'] });

const keyOf = (asked: OrderQuery) => cacheKey(storeEntry(), 'orders', [orderParameters(asked).toString()]);

describe('a cache key', () => {
  it('is the same for the same search', () => {
    fc.assert(
      fc.property(query, (asked) => {
        expect(keyOf(structuredClone(asked))).toBe(keyOf(asked));
      }),
    );
  });

  it('differs whenever any one argument of a search differs, is added or is left out', () => {
    const names = fc.constantFrom(...(Object.keys(fields) as (keyof typeof fields)[]));
    const change = names.chain((name) =>
      fc.record({ name: fc.constant(name), value: fields[name] as fc.Arbitrary<unknown> }),
    );
    fc.assert(
      fc.property(query, change, (asked, { name, value }) => {
        fc.pre(JSON.stringify(asked[name]) !== JSON.stringify(value));
        expect(keyOf({ ...asked, [name]: value })).not.toBe(keyOf(asked));
      }),
      { numRuns: 500 },
    );
  });

  it('differs by tenant, row, Order Desk store, resource and each argument', () => {
    const resources: Resource[] = ['store', 'order', 'orders'];
    const keys = [
      ...resources.map((resource) => cacheKey(storeEntry(), resource, ['1'])),
      cacheKey(storeEntry({ tenant: 'tenant-b' }), 'order', ['1']),
      cacheKey(storeEntry({ row: 'row-b' }), 'order', ['1']),
      cacheKey(storeEntry({ orderDeskId: '12' }), 'order', ['1']),
      cacheKey(storeEntry(), 'order', ['1', '']),
      cacheKey(storeEntry(), 'order', ['', '1']),
      cacheKey(storeEntry(), 'order', ['1,']),
      cacheKey(storeEntry(), 'order', []),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('shows nothing of what was asked for', () => {
    const key = keyOf({ limit: 20, email: 'wilhelmina@shop.example' });
    expect(key).toMatch(/^od:tenant-a:row-a:orders:[\w-]{43}$/);
  });
});
