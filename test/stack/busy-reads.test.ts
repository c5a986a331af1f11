/**
 * Lists and summaries of a store in which orders come, go and move meanwhile. What matched throughout is in the answer,
 * what is in the answer matched at some time, and nothing is in it twice.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderRecord } from '../../src/sandbox/index.js';
import {
  BusyStore,
  type Change,
  changes,
  SECONDS,
  type Seed,
  secondAt,
  seeds,
  sourceOf,
} from '../support/reads/busy-store.js';
import { type ReadWorld, startReadWorld, walkOrders } from '../support/reads/world.js';

const STORE = { id: '10001', apiKey: 'key-of-10001', name: 'main', orderCount: 0 };
const RUNS = 60;

/** An order of equal seconds that is listed anew each time takes answers that hold a whole second. */
const orderDesks = [
  { switches: { endDate: 'exclusive', ties: 'by_id' }, smallest: 4 },
  { switches: { endDate: 'inclusive', ties: 'by_id' }, smallest: 4 },
  { switches: { endDate: 'exclusive', ties: 'shuffled' }, smallest: 120 },
  { switches: { endDate: 'inclusive', ties: 'shuffled' }, smallest: 120 },
] as const;

const second = fc.integer({ min: 0, max: SECONDS });
const range = fc
  .tuple(second, second)
  .filter(([a, b]) => a !== b)
  .map(([a, b]) => ({ from: secondAt(Math.min(a, b)), to: secondAt(Math.max(a, b)) }));

interface Asked {
  readonly from: string;
  readonly to: string;
  readonly folders: readonly string[] | undefined;
  readonly minTotal: string | undefined;
}

const IDS: Readonly<Record<string, number>> = { New: 1, Held: 2, Sent: 3 };

const asked: fc.Arbitrary<Asked> = fc
  .tuple(
    range,
    fc.constantFrom(undefined, ['New'], ['New', 'Sent']),
    fc.constantFrom(undefined, undefined, '50'),
  )
  .map(([{ from, to }, folders, minTotal]) => ({ from, to, folders, minTotal }));

const matchesOf =
  ({ from, to, folders, minTotal }: Asked) =>
  (order: OrderRecord): boolean =>
    order.date_added >= from &&
    order.date_added < to &&
    (folders === undefined || folders.some((name) => IDS[name] === order.folder_id)) &&
    (minTotal === undefined || order.order_total >= Number(minTotal));

const argumentsOf = ({ from, to, folders, minTotal }: Asked) => ({
  added_from: `${from.replace(' ', 'T')}Z`,
  added_to: `${to.replace(' ', 'T')}Z`,
  ...(folders === undefined ? {} : { folder: folders }),
  ...(minTotal === undefined ? {} : { min_total: minTotal }),
});

const held = fc.array(seeds, { maxLength: 90, size: 'max' });
const queue = fc.array(changes, { maxLength: 60, size: 'max' });
const limits = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 4 });
const sort = fc.constantFrom('asc' as const, 'desc' as const);

function expectWithin(ids: readonly string[], { ever, throughout }: BusyStore): void {
  const seen = new Set(ids);
  expect(seen.size).toBe(ids.length);
  expect([...throughout].filter((id) => !seen.has(id))).toEqual([]);
  expect(ids.filter((id) => !ever.has(id))).toEqual([]);
}

describe.each(orderDesks)('where Order Desk behaves as $switches', ({ switches, smallest }) => {
  let world: ReadWorld;

  beforeAll(async () => {
    world = await startReadWorld({ stores: [STORE], switches });
  });
  afterAll(() => world.close());

  const largestPage = fc.integer({ min: smallest, max: 500 });
  const busy = (orders: readonly Seed[], steps: readonly Change[], query: Asked) => {
    world.beforeListing = () => {};
    return new BusyStore(world.sandbox.store(STORE.id), orders, steps, matchesOf(query));
  };

  it('a list that others change between its pages holds what matched throughout, once', async () => {
    await fc.assert(
      fc.asyncProperty(
        held,
        queue,
        asked,
        limits,
        sort,
        largestPage,
        fc.integer({ min: 1, max: 5 }),
        async (orders, steps, query, sizes, direction, most, atOnce) => {
          const store = busy(orders, steps, query);
          world.largestPage = most;
          const { ids } = await walkOrders(world, { ...argumentsOf(query), sort: direction }, sizes, () => {
            for (let step = 0; step < atOnce; step += 1) store.step();
          });
          expectWithin(ids, store);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('so does a list that they change before each answer of Order Desk', async () => {
    await fc.assert(
      fc.asyncProperty(
        held,
        queue,
        asked,
        limits,
        sort,
        largestPage,
        async (orders, steps, query, sizes, direction, most) => {
          const store = busy(orders, steps, query);
          world.largestPage = most;
          world.beforeListing = () => store.step();
          const { ids } = await walkOrders(world, { ...argumentsOf(query), sort: direction }, sizes);
          expectWithin(ids, store);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('a summary that they change before each answer counts what matched throughout, once', async () => {
    await fc.assert(
      fc.asyncProperty(held, queue, asked, largestPage, async (orders, steps, drawn, most) => {
        const query = { ...drawn, minTotal: undefined };
        const store = busy(orders, steps, query);
        world.largestPage = most;
        world.beforeListing = () => store.step();
        const args = { ...argumentsOf(query), group_by: 'source', top: 100 };
        const { groups, other, totals, coverage } = await world.call('summarize_orders', args);
        const named: readonly { readonly key: string; readonly orders: number }[] = groups;
        const known = new Map([...store.ever].map((id) => [sourceOf(id), id]));
        expect(named.filter(({ orders: count }) => count !== 1)).toEqual([]);
        expect(coverage).toMatchObject({ scanned: totals.orders, complete: true });
        expect(totals.orders).toBe(named.length + (other?.orders ?? 0));
        expect(totals.orders).toBeGreaterThanOrEqual(store.throughout.size);
        expect(totals.orders).toBeLessThanOrEqual(store.ever.size);
        if (other === undefined)
          expectWithin(
            named.map(({ key }) => known.get(key) ?? key),
            store,
          );
      }),
      { numRuns: RUNS },
    );
  });
});
