import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cache } from '../../../src/cache/port.js';
import { AppError } from '../../../src/errors.js';
import {
  type CacheKey,
  cacheKey,
  type Resource,
  readScopes,
  writeScopes,
} from '../../../src/orderdesk/cache-key.js';
import { createStoreGateway } from '../../../src/orderdesk/gateway.js';
import type { OrderQuery } from '../../../src/orderdesk/port.js';
import { orderParameters } from '../../../src/orderdesk/query.js';
import type { Touched } from '../../../src/orderdesk/touched.js';
import type { StoreEntry } from '../../../src/tenancy/stores.js';
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

const text = ({ kind, asked }: CacheKey) => `${kind}:${asked}`;
const keyOf = (asked: OrderQuery) =>
  text(cacheKey(storeEntry(), 'orders', [orderParameters(asked).toString()]));

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
    expect(new Set(keys.map(text)).size).toBe(keys.length);
  });

  it('shows nothing of what was asked for', () => {
    const key = keyOf({ limit: 20, email: 'wilhelmina@shop.example' });
    expect(key).toMatch(/^od:tenant-a:row-a:orders:[\w-]{43}$/);
  });
});

describe('the keys that a gateway asks for', () => {
  const places = fc.record({
    tenant: fc.constantFrom('tenant-a', 'tenant-b'),
    row: fc.constantFrom('row-a', 'row-b'),
    orderDeskId: fc.constantFrom('11', '12', '1'),
  });
  const ids = fc.constantFrom('1', '2', '11');
  const reads = fc.oneof(
    fc.record({ of: fc.constant('store'), at: places }),
    fc.record({ of: fc.constant('order'), at: places, id: ids, history: fc.boolean() }),
    fc.record({ of: fc.constant('orders'), at: places, asked: query }),
    // Few values, so that equal searches come together often.
    fc.record({
      of: fc.constant('orders'),
      at: places,
      asked: fc.record({ limit: fc.constantFrom(1, 11), offset: fc.constantFrom(1, 11) }),
    }),
  );
  type Read = typeof reads extends fc.Arbitrary<infer R> ? R : never;

  const looked: string[] = [];
  const cache: Cache = {
    items: 0,
    lookup: async (key) => {
      looked.push(key);
      return { value: undefined, ticket: undefined };
    },
    store: async () => 'unavailable',
    raise: async () => {},
    close: async () => {},
  };
  const gateway = createStoreGateway({
    cache,
    send: async () => {
      throw new AppError('upstream_unavailable');
    },
  });

  /** The key that the gateway really looks under. */
  async function keyAskedFor(read: Read): Promise<string> {
    const store = storeEntry(read.at);
    const ctx = { signal: new AbortController().signal };
    const asking =
      'asked' in read
        ? gateway.listOrders(store, read.asked, ctx)
        : 'id' in read
          ? gateway.getOrder(store, read.id, ctx, { history: read.history })
          : gateway.store(store, ctx);
    const thrown: unknown = await asking.catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'upstream_unavailable' });
    return looked.pop() ?? 'none';
  }

  it('are shared by two reads exactly when the two are the same in all that was asked', async () => {
    let shared = 0;
    await fc.assert(
      fc.asyncProperty(reads, fc.option(reads), async (one, another) => {
        const other = another ?? structuredClone(one);
        const areSame = canonical(one) === canonical(other);
        if (areSame) shared += 1;
        expect((await keyAskedFor(one)) === (await keyAskedFor(other))).toBe(areSame);
      }),
      { numRuns: 300 },
    );
    expect(shared).toBeGreaterThan(0);
  });
});

/** Text that is the same for reads that ask the same; the order of fields does not count. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

describe('scopes', () => {
  const proven = { verifiedAt: new Date(0) };
  const everything: Touched[] = [
    { kind: 'order', id: '5' },
    { kind: 'orders' },
    { kind: 'inventory' },
    { kind: 'settings' },
  ];
  const meet = (read: string[], written: string[]) => read.some((scope) => written.includes(scope));

  it('of a write meet those of the reads that would show it, and of no others', () => {
    const shown = (touched: Touched) =>
      everything.filter((read) => meet(readScopes(storeEntry(), read), writeScopes(storeEntry(), [touched])));
    expect(shown({ kind: 'order', id: '5' })).toEqual([{ kind: 'order', id: '5' }, { kind: 'orders' }]);
    expect(shown({ kind: 'order', id: '6' })).toEqual([{ kind: 'orders' }]);
    expect(shown({ kind: 'orders' })).toEqual([{ kind: 'orders' }]);
    expect(shown({ kind: 'inventory' })).toEqual([{ kind: 'inventory' }]);
    expect(shown({ kind: 'settings' })).toEqual([{ kind: 'settings' }]);
  });

  it('are shared by tenants of the same Order Desk store whose keys are known to work, and by nobody else', () => {
    const ours = storeEntry(proven);
    const theirs = (change: Parameters<typeof storeEntry>[0]) =>
      storeEntry({ tenant: 'tenant-b', row: 'row-b', ...change });
    const touches = (writer: StoreEntry) =>
      everything.some((one) => meet(readScopes(ours, one), writeScopes(writer, everything)));
    expect(touches(theirs(proven))).toBe(true);
    expect(touches(theirs({ verifiedAt: null }))).toBe(false);
    expect(touches(theirs({ ...proven, refusedAt: new Date(1) }))).toBe(false);
    expect(touches(theirs({ ...proven, orderDeskId: '12' }))).toBe(false);
    expect(touches(theirs({ ...proven, orderDeskId: '11:order:5' }))).toBe(false);
    expect(touches(theirs({ verifiedAt: null, orderDeskId: 'row-a' }))).toBe(false);
  });

  it('of one row meet also while replicas differ on whether it is verified', () => {
    const seen = [storeEntry(proven), storeEntry(), storeEntry({ ...proven, refusedAt: new Date(1) })];
    for (const reader of seen) {
      for (const writer of seen) {
        const [first] = everything;
        expect(first && meet(readScopes(reader, first), writeScopes(writer, [first]))).toBe(true);
      }
    }
  });
});
