import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Order } from '../../../src/orderdesk/port.js';
import { type OrderKey, orderKey } from '../../../src/orders/keyset.js';
import { type Place, readPage } from '../../../src/tools/order-pages.js';
import type { OrderFilters, OrderSource } from '../../../src/tools/order-source.js';
import { type Behaviour, InMemoryStore } from './support/gateway.js';
import { anOrder } from './support/orders.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const at = (second: number): Date => new Date(START + second * 1000);
const orderAt = (id: number, second: number, updated = second): Order =>
  anOrder({ id: String(id), addedAt: at(second).toISOString(), updatedAt: at(updated).toISOString() });

interface Listing {
  readonly ids: string[];
  readonly total: number | undefined;
  readonly exact: boolean | undefined;
  readonly pages: number;
}

/** Reads a list to its end, as a client that follows the places would. */
async function readAll(
  source: OrderSource,
  filters: OrderFilters,
  sort: 'asc' | 'desc',
  pageSize: (page: number) => number,
  betweenPages: () => void = () => {},
): Promise<Listing> {
  const ids: string[] = [];
  let after: Place | undefined;
  let first: { count: number; exact: boolean } | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await readPage(source, { filters, sort, limit: pageSize(pages), after });
    first ??= page.total;
    ids.push(...page.orders.map(({ view }) => view.id));
    const last = page.orders.at(-1);
    if (!page.more || last === undefined) {
      return { ids, total: first?.count, exact: first?.exact, pages };
    }
    const key: OrderKey = orderKey(last.view);
    const here = page.orders.filter(({ view }) => orderKey(view).second === key.second).length;
    after = { ...key, seen: here + (after?.second === key.second ? after.seen : 0) };
    betweenPages();
    if (pages > 2000) throw new Error('the list does not end');
  }
}

const sourceOf = (store: InMemoryStore, largest: number): OrderSource => ({
  largest,
  list: async (query) => store.list(query),
});

type Change = {
  /** `swap`: one leaves and another comes at once, in its second. */
  readonly kind: 'insert' | 'leave' | 'return' | 'swap';
  readonly pick: number;
  readonly second: number;
};

/** Inserts orders and moves orders out of the folder that is listed, and back. */
function play(store: InMemoryStore, ids: { next: number }, change: Change, left: Map<string, Order>): void {
  if (change.kind === 'insert') {
    store.put(orderAt(ids.next, change.second));
    ids.next += 1;
  } else {
    const from = change.kind === 'return' ? left : store.orders;
    const to = change.kind === 'return' ? store.orders : left;
    const order = [...from.values()][change.pick % Math.max(1, from.size)];
    if (order === undefined) return;
    from.delete(order.view.id);
    to.set(order.view.id, order);
    if (change.kind !== 'swap') return;
    store.put(anOrder({ id: String(ids.next), addedAt: order.view.addedAt }));
    ids.next += 1;
  }
}

/** Few seconds and many orders, so that equal dates, page ends and range ends meet often. */
const SECONDS = 8;
const second = fc.integer({ min: 0, max: SECONDS });
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('insert', 'leave', 'return', 'swap'),
  pick: fc.nat(200),
  second,
});
const range = fc.record({
  from: fc.option(second, { nil: undefined }),
  to: fc.option(second, { nil: undefined }),
});
const boundsOf = ({ from, to }: { from: number | undefined; to: number | undefined }): OrderFilters => ({
  ...(from === undefined ? {} : { addedFrom: at(from) }),
  ...(to === undefined ? {} : { addedTo: at(to) }),
});
const inRange = (order: Order, { addedFrom, addedTo }: OrderFilters): boolean => {
  const added = Date.parse(order.view.addedAt);
  return (
    (addedFrom === undefined || added >= addedFrom.getTime()) &&
    (addedTo === undefined || added < addedTo.getTime())
  );
};

/** Equal dates in any order, as long as one answer holds a second; in a kept order, where it takes several. */
const world = fc.oneof(
  fc.record({
    largest: fc.constant(60),
    ties: fc.constant('shuffled' as const),
    endIncluded: fc.boolean(),
  }),
  fc.record({
    largest: fc.integer({ min: 6, max: 12 }),
    ties: fc.constant('stable' as const),
    endIncluded: fc.boolean(),
  }),
);
const seconds = fc.array(second, { maxLength: 50 });
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 });
const sort = fc.constantFrom('asc' as const, 'desc' as const);

interface Busy {
  readonly world: fc.Arbitrary<Behaviour & { readonly largest: number }>;
  readonly seconds: fc.Arbitrary<number[]>;
  readonly change: fc.Arbitrary<Change>;
}
const ANYWHERE: Busy = { world, seconds, change };
/** All in one second that takes several answers, of which the count hardly ever changes. */
const CROWDED: Busy = {
  world: fc.record({
    largest: fc.integer({ min: 3, max: 6 }),
    ties: fc.constant('stable' as const),
    endIncluded: fc.boolean(),
  }),
  seconds: fc.array(fc.constant(3), { minLength: 8, maxLength: 24 }),
  change: fc.record({
    kind: fc.constant('swap' as const),
    pick: fc.nat(200),
    second: fc.constant(3),
  }),
};

describe('pages by key', () => {
  it('give a quiet store exactly once, sorted, with an exact total', async () => {
    await fc.assert(
      fc.asyncProperty(
        world,
        seconds,
        range,
        sort,
        sizes,
        async (behaviour, added, bounds, direction, limits) => {
          const store = new InMemoryStore(behaviour);
          store.put(...added.map((each, index) => orderAt(index + 1, each)));
          const filters = boundsOf(bounds);
          const expected = [...store.orders.values()].filter((order) => inRange(order, filters));
          const listing = await readAll(
            sourceOf(store, behaviour.largest),
            filters,
            direction,
            (page) => limits[page % limits.length] ?? 1,
          );
          expect(listing.ids.toSorted()).toEqual(expected.map(({ view }) => view.id).toSorted());
          const dates = listing.ids.map((id) => store.orders.get(id)?.view.addedAt ?? '');
          const sorted = dates.toSorted();
          expect(dates).toEqual(direction === 'asc' ? sorted : sorted.toReversed());
          expect({ total: listing.total, exact: listing.exact }).toEqual({
            total: expected.length,
            exact: true,
          });
        },
      ),
      { numRuns: 400 },
    );
  });

  const busyStore = (when: 'pages' | 'requests', { world, seconds, change } = ANYWHERE) =>
    fc.asyncProperty(
      world,
      seconds,
      range,
      sort,
      sizes,
      fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { maxLength: 30 }),
      async (behaviour, added, bounds, direction, limits, changes) => {
        const store = new InMemoryStore(behaviour);
        store.put(...added.map((each, index) => orderAt(index + 1, each)));
        const filters = boundsOf(bounds);
        const matching = () => [...store.orders.values()].filter((order) => inRange(order, filters));
        const ever = new Set(matching().map(({ view }) => view.id));
        const throughout = new Set(ever);
        const queue = [...changes];
        const ids = { next: added.length + 1 };
        const left = new Map<string, Order>();
        const disturb = () => {
          const next = queue.shift();
          if (next === undefined) return;
          for (const each of next) play(store, ids, each, left);
          const now = new Set(matching().map(({ view }) => view.id));
          for (const id of now) ever.add(id);
          for (const id of throughout) if (!now.has(id)) throughout.delete(id);
        };
        if (when === 'requests') store.beforeAnswer = disturb;
        const listing = await readAll(
          sourceOf(store, behaviour.largest),
          filters,
          direction,
          (page) => limits[page % limits.length] ?? 1,
          when === 'pages' ? disturb : () => {},
        );
        const seen = new Set(listing.ids);
        expect(seen.size).toBe(listing.ids.length);
        expect([...throughout].filter((id) => !seen.has(id))).toEqual([]);
        expect([...seen].filter((id) => !ever.has(id))).toEqual([]);
      },
    );

  it('never repeat an order nor skip one that matches throughout, whatever comes and goes between pages', async () => {
    await fc.assert(busyStore('pages'), { numRuns: 600 });
  });

  it('nor whatever comes and goes between the requests of a page', async () => {
    await fc.assert(busyStore('requests'), { numRuns: 600 });
  });

  it('nor in a crowded second where orders take the places of others', async () => {
    await fc.assert(busyStore('requests', CROWDED), { numRuns: 300 });
  });

  it('cost one request each while dates differ', async () => {
    const store = new InMemoryStore();
    store.put(...Array.from({ length: 100 }, (_, index) => orderAt(index + 1, index)));
    const { pages } = await readAll(sourceOf(store, 500), {}, 'desc', () => 20);
    expect({ pages, requests: store.queries.length }).toEqual({ pages: 5, requests: 5 });
  });

  for (const endIncluded of [false, true]) {
    it(`read 1,200 orders of one second, ends ${endIncluded ? 'included' : 'excluded'}`, async () => {
      const store = new InMemoryStore({ endIncluded, ties: 'stable' });
      store.put(
        ...Array.from({ length: 1200 }, (_, index) => orderAt(index + 1, 3)),
        orderAt(5000, 2),
        orderAt(5001, 4),
      );
      const { ids, total } = await readAll(sourceOf(store, 500), {}, 'desc', () => 100);
      expect({ read: ids.length, distinct: new Set(ids).size, total }).toEqual({
        read: 1202,
        distinct: 1202,
        total: 1202,
      });
      expect([ids.at(0), ids.at(-1)]).toEqual(['5001', '5000']);
    });
  }

  it('put a crowded second together even when its order changes from answer to answer', async () => {
    const store = new InMemoryStore({ endIncluded: false, ties: 'shuffled' });
    store.put(...Array.from({ length: 700 }, (_, index) => orderAt(index + 1, 3)));
    const { ids } = await readAll(sourceOf(store, 500), {}, 'asc', () => 100);
    expect(new Set(ids).size).toBe(700);
  });

  it('read a crowded second anew when an order leaves it half way', async () => {
    const store = new InMemoryStore();
    store.put(...Array.from({ length: 9 }, (_, index) => orderAt(index + 1, 3)));
    store.beforeAnswer = () => {
      if (store.queries.length === 3) store.orders.delete('2');
    };
    const { ids } = await readAll(sourceOf(store, 6), {}, 'asc', () => 9);
    expect(ids.filter((id) => id !== '2')).toEqual(['1', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('read a crowded second anew when one order leaves it half way and another comes', async () => {
    const store = new InMemoryStore();
    store.put(...Array.from({ length: 12 }, (_, index) => orderAt(index + 1, 5)));
    store.beforeAnswer = () => {
      if (store.queries.length !== 4) return;
      store.orders.delete('1');
      store.put(orderAt(99, 5));
    };
    const { ids } = await readAll(sourceOf(store, 5), {}, 'asc', () => 100);
    expect(ids.filter((id) => id !== '1').map(Number)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99]);
  });

  it('read a crowded second an order at a time where no two fit into an answer', async () => {
    const store = new InMemoryStore();
    store.put(...Array.from({ length: 6 }, (_, index) => orderAt(index + 1, 5)));
    const { ids } = await readAll(sourceOf(store, 1), {}, 'asc', () => 100);
    expect(ids).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('refuse to guess when a second cannot be read whole', async () => {
    const store = new InMemoryStore();
    store.put(...Array.from({ length: 20 }, (_, index) => orderAt(index + 1, 3)));
    const source: OrderSource = {
      largest: 10,
      list: async (query) => store.list({ ...query, offset: 0 }),
    };
    await expect(
      readPage(source, { filters: {}, sort: 'asc', limit: 5, after: undefined }),
    ).rejects.toMatchObject({ code: 'upstream_malformed' });
  });

  it('refuse an answer that is not sorted as asked', async () => {
    const store = new InMemoryStore();
    store.put(...Array.from({ length: 20 }, (_, index) => orderAt(index + 1, index)));
    const source: OrderSource = {
      largest: 500,
      list: async (query) => store.list({ ...query, sort: 'asc' }),
    };
    await expect(
      readPage(source, { filters: {}, sort: 'desc', limit: 5, after: undefined }),
    ).rejects.toMatchObject({ code: 'upstream_malformed' });
  });

  const modifiedRange: fc.Arbitrary<Behaviour> = fc.record({
    endIncluded: fc.boolean(),
    ties: fc.constantFrom('stable' as const, 'shuffled' as const),
  });

  it('leave out what was modified at the very end of the range, and do not count it', async () => {
    await fc.assert(
      fc.asyncProperty(
        modifiedRange,
        fc.array(second, { maxLength: 30 }),
        second,
        async (behaviour, updates, end) => {
          const store = new InMemoryStore(behaviour);
          store.put(...updates.map((updated, index) => orderAt(index + 1, index, updated)));
          const filters = { modifiedTo: at(end) };
          const { ids, total, exact } = await readAll(sourceOf(store, 500), filters, 'desc', () => 4);
          const expected = updates.filter((updated) => updated < end).length;
          expect({ read: ids.length, total, exact }).toEqual({
            read: expected,
            total: expected,
            exact: true,
          });
        },
      ),
      { numRuns: 150 },
    );
  });
});
