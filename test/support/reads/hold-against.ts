/** One question, asked of the tools and of the oracle, with both answers held against each other. */
import { expect } from 'vitest';
import type { OrderRecord, SandboxStore, SandboxSwitches } from '../../../src/sandbox/index.js';
import { WallClock } from './clock.js';
import {
  boundsOf,
  cents,
  inOrder,
  type ListArguments,
  listTest,
  scanTest,
  shippedOf,
  summaryOf,
  type Truth,
} from './oracle.js';
import type { Drawing, ListQuery, SortedQuery, SummaryQuery } from './queries.js';
import { type ReadWorld, walkOrders } from './world.js';

export const truthOf = (
  store: SandboxStore,
  { textFilters, textCase, sourceIdFilter }: SandboxSwitches,
): Truth & Drawing => ({
  orders: store.orders(),
  folders: store.folders(),
  clock: new WallClock(store.timeZone),
  switches: { textFilters, textCase, sourceIdFilter },
});

/** A range that holds no time is refused, whatever else was asked. */
function isInverted(args: ListArguments, { clock }: Truth): boolean {
  const added = boundsOf(args.added_from, args.added_to, clock);
  const modified = boundsOf(args.modified_from, args.modified_to, clock);
  return added.from >= added.to || modified.from >= modified.to;
}

const SCAN_FILTERS = [
  'sku',
  'tracking_number',
  'text',
  'min_total',
  'max_total',
  'payment_status',
  'shipped',
];

const refused = { code: 'invalid_argument' };

export async function holdListAgainst(truth: Truth, world: ReadWorld, query: ListQuery): Promise<void> {
  const { args, limits, largestPage } = query;
  world.largestPage = largestPage;
  if (isInverted(args, truth)) {
    await expect(walkOrders(world, args, limits)).rejects.toMatchObject(refused);
    return;
  }
  const listed = truth.orders.filter(listTest(args, truth));
  const expected = inOrder(listed.filter(scanTest(args)), args.sort);
  const { pages, ids } = await walkOrders(world, args, limits);
  expect(ids).toEqual(expected.map(({ id }) => id));
  expect(pages.flatMap(({ rows }) => rows)).toMatchObject(
    expected.map((order) => ({
      id: order.id,
      folder: truth.folders.find(({ id }) => id === order.folder_id)?.name,
      added: `${order.date_added.replace(' ', 'T')}Z`,
      units: order.quantity_total,
      payment_status: order.payment_status,
      shipped: shippedOf(order),
    })),
  );
  expect(pages.flatMap(({ rows }) => rows.map(({ total }: { total: string }) => cents(total)))).toEqual(
    expected.map(({ order_total }) => cents(order_total)),
  );
  const bothEnd = args.added_to !== undefined && args.modified_to !== undefined;
  const scans = SCAN_FILTERS.some((filter) => filter in args);
  const count = bothEnd ? expect.any(Number) : listed.length;
  const exact = bothEnd ? expect.any(Boolean) : true;
  for (const page of pages) {
    expect(page).toMatchObject(
      scans ? { total: null, total_exact: false, in_range: count } : { total: count, total_exact: exact },
    );
    if (page.total_exact) expect(page.total).toBe(listed.length);
  }
  expect(new Set(pages.map(({ total, in_range }) => total ?? in_range)).size).toBe(1);
  if (scans) {
    expect(pages.at(-1)).toMatchObject({ scanned: listed.length, complete: true });
    expect(pages.slice(0, -1).map(({ complete }) => complete)).not.toContain(true);
  }
}

const SORT_KEYS: Readonly<Record<SortedQuery['args']['sort_by'], (order: OrderRecord) => string | number>> = {
  date_updated: (order) => order.date_updated,
  order_total: (order) => order.order_total,
  shipping_last_name: (order) => order.shipping.last_name.toLowerCase(),
};

/** Which of the orders with equal keys come first is left open. */
export async function holdSortedAgainst(
  truth: Truth,
  world: ReadWorld,
  { args }: SortedQuery,
): Promise<void> {
  world.largestPage = 500;
  if (isInverted(args, truth)) {
    await expect(world.call('list_orders', args)).rejects.toMatchObject(refused);
    return;
  }
  const keyOf = SORT_KEYS[args.sort_by];
  const sign = args.sort === 'asc' ? 1 : -1;
  const matching = truth.orders.filter(listTest(args, truth));
  const keys = matching.map(keyOf).sort((a, b) => sign * (a < b ? -1 : a > b ? 1 : 0));
  const page = await world.call('list_orders', args);
  const ids: string[] = page.rows.map(({ id }: { id: string }) => id);
  const shown = ids.flatMap((id) => matching.filter((order) => order.id === id));
  expect(new Set(ids).size).toBe(ids.length);
  expect(shown.map(keyOf)).toEqual(keys.slice(0, args.limit));
  expect(page).toMatchObject({ returned: ids.length, next_cursor: null });
  if (page.total_exact) expect(page.total).toBe(matching.length);
}

export async function holdSummaryAgainst(
  truth: Truth,
  world: ReadWorld,
  query: SummaryQuery,
  canceled: ReadonlySet<number>,
): Promise<void> {
  const { args, largestPage } = query;
  world.largestPage = largestPage;
  if (isInverted(args, truth)) {
    await expect(world.call('summarize_orders', args)).rejects.toMatchObject(refused);
    return;
  }
  const { scanned, left_out, ...numbers } = summaryOf(args, truth, canceled);
  const answer = await world.call('summarize_orders', args);
  const { from, to } = boundsOf(args.added_from, args.added_to, truth.clock);
  const iso = (instant: number) => `${new Date(instant).toISOString().slice(0, 19)}Z`;
  expect(answer.coverage).toMatchObject({ scanned, complete: true, from: iso(from), to: iso(to) });
  expect({ totals: answer.totals, groups: answer.groups, other: answer.other }).toEqual({
    totals: numbers.totals,
    groups: 'groups' in numbers ? numbers.groups : undefined,
    other: 'other' in numbers ? numbers.other : undefined,
  });
  expect(answer.left_out).toMatchObject(left_out);
  expect(answer.trimmed_by).toBeNull();
}
