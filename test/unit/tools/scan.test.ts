import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { Order, OrderQuery } from '../../../src/orderdesk/port.js';
import type { OrderSource } from '../../../src/tools/order-source.js';
import { type Coverage, type Place, type Scan, scanOrders, scanRange } from '../../../src/tools/scan.js';
import { InMemoryStore } from './support/gateway.js';
import { at, type Change, orderAt, SomebodyElse, scanDeps, sourceOf, tooLarge } from './support/scan.js';

/** Few seconds and many orders, so that equal dates, page ends and range ends meet often. */
const SECONDS = 8;
const second = fc.integer({ min: 0, max: SECONDS });
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('insert', 'leave', 'return'),
  pick: fc.nat(200),
  second,
});
const bounds = fc
  .tuple(fc.integer({ min: 0, max: SECONDS }), fc.integer({ min: 1, max: SECONDS + 1 }))
  .map(([from, width]) => ({ addedFrom: at(from), addedTo: at(from + width) }));
/** Equal dates in any order, as long as one answer holds a second; in a kept order, where it takes several. */
const world = fc.oneof(
  fc.record({
    largest: fc.constant(60),
    fits: fc.constant(60),
    ties: fc.constant('shuffled' as const),
    endIncluded: fc.boolean(),
  }),
  fc.record({
    largest: fc.integer({ min: 8, max: 40 }),
    fits: fc.integer({ min: 12, max: 40 }),
    ties: fc.constant('stable' as const),
    endIncluded: fc.boolean(),
  }),
);
const added = fc.array(second, { maxLength: 50 });
const sort = fc.constantFrom('asc' as const, 'desc' as const);
/** Of each scan in turn: what it may look at, and after how many orders its reader has enough. */
const stops = fc.array(
  fc.record({ most: fc.integer({ min: 1, max: 30 }), enough: fc.integer({ min: 1, max: 40 }) }),
  { minLength: 1, maxLength: 4 },
);

interface ScanAll {
  readonly ids: string[];
  readonly scans: (Scan & { readonly ids: string[] })[];
}

/** Scans to the end of the range, going on wherever a scan stopped. */
async function scanAll(
  source: OrderSource,
  filters: { addedFrom: Date; addedTo: Date },
  direction: 'asc' | 'desc',
  limits: readonly { most: number; enough: number }[],
): Promise<ScanAll> {
  const scans: ScanAll['scans'] = [];
  let after: Place | undefined;
  for (;;) {
    const { most, enough } = limits[scans.length % limits.length] ?? { most: 1, enough: 1 };
    const ids: string[] = [];
    const request = { filters, sort: direction, maxOrders: most, after };
    const scan = await scanOrders(scanDeps(source), request, ({ view }) => {
      ids.push(view.id);
      return ids.length === enough ? 'enough' : 'go_on';
    });
    scans.push({ ...scan, ids });
    if (scan.coverage.complete) return { ids: scans.flatMap((each) => each.ids), scans };
    after = scan.after;
    if (scans.length > 500) throw new Error('the scan does not end');
  }
}

const inside = (order: Order, from: Date | string, to: Date | string): boolean => {
  const time = Date.parse(order.view.addedAt);
  return time >= new Date(from).getTime() && time < new Date(to).getTime();
};

describe('a scan', () => {
  it('sees every order of a quiet store once, in order, and says truly what it covered', async () => {
    await fc.assert(
      fc.asyncProperty(
        world,
        added,
        bounds,
        sort,
        stops,
        async (behaviour, seconds, filters, direction, limits) => {
          const store = new InMemoryStore(behaviour);
          store.put(...seconds.map((each, index) => orderAt(index + 1, each)));
          const { ids, scans } = await scanAll(
            sourceOf(store, behaviour.largest, behaviour.fits),
            filters,
            direction,
            limits,
          );
          const orders = [...store.orders.values()];
          const expected = orders.filter((order) => inside(order, filters.addedFrom, filters.addedTo));
          expect(ids.toSorted()).toEqual(expected.map(({ view }) => view.id).toSorted());
          const dates = ids.map((id) => store.orders.get(id)?.view.addedAt ?? '');
          expect(dates).toEqual(direction === 'asc' ? dates.toSorted() : dates.toSorted().toReversed());

          const [first] = scans;
          expect(first?.coverage.total).toBe(expected.length);
          expect(first?.totalExact).toBe(true);
          for (const [index, { coverage, ids: seen }] of scans.entries()) {
            expect(coverage.scanned).toBe(seen.length);
            expect(seen.length).toBeLessThanOrEqual(limits[index % limits.length]?.most ?? 0);
          }
          const { from, to } = first?.coverage ?? { from: '', to: '' };
          const covered = orders.filter((order) => inside(order, from, to)).map(({ view }) => view.id);
          expect(covered.filter((id) => first?.ids.includes(id) !== true)).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('never repeats an order nor skips one that stays, whatever comes and goes between its requests', async () => {
    await fc.assert(
      fc.asyncProperty(
        world,
        added,
        bounds,
        sort,
        stops,
        fc.array(change, { maxLength: 30 }),
        async (behaviour, seconds, filters, direction, limits, changes) => {
          const store = new InMemoryStore(behaviour);
          store.put(...seconds.map((each, index) => orderAt(index + 1, each)));
          const others = new SomebodyElse(
            store,
            (order) => inside(order, filters.addedFrom, filters.addedTo),
            changes,
          );
          store.beforeAnswer = () => others.step();
          const { ids } = await scanAll(
            sourceOf(store, behaviour.largest, behaviour.fits),
            filters,
            direction,
            limits,
          );
          const seen = new Set(ids);
          expect(seen.size).toBe(ids.length);
          expect([...others.throughout].filter((id) => !seen.has(id))).toEqual([]);
          expect(ids.filter((id) => !others.ever.has(id))).toEqual([]);
        },
      ),
      { numRuns: 600 },
    );
  });

  const filters = { addedFrom: at(0), addedTo: at(10_000) };
  const everything = { filters, sort: 'asc' as const, maxOrders: 100_000 };
  const goOn = () => 'go_on' as const;
  const storeOf = (count: number, change = {}) => {
    const store = new InMemoryStore();
    store.put(...Array.from({ length: count }, (_, index) => orderAt(index + 1, index, change)));
    return store;
  };
  const pageSizes = (queries: readonly OrderQuery[]) =>
    queries.filter(({ sortBy }) => sortBy !== undefined).map(({ limit }) => limit);

  it('reads pages that grow from 100 to 500', async () => {
    const store = storeOf(2400);
    const { coverage } = await scanOrders(scanDeps(sourceOf(store, 500)), everything, goOn);
    expect(pageSizes(store.queries)).toEqual([100, 200, 400, 500, 500, 500, 500]);
    expect(coverage).toEqual({
      scanned: 2400,
      total: 2400,
      complete: true,
      from: '2026-01-01T00:00:00Z',
      to: '2026-01-01T02:46:40Z',
    } satisfies Coverage);
  });

  it('does not grow past 4 MB a page', async () => {
    const store = new InMemoryStore();
    const raw = { label_image: 'x'.repeat(15_000) };
    for (let index = 0; index < 900; index += 1) {
      const order = orderAt(index + 1, index);
      store.put({ ...order, raw: { ...order.raw, ...raw } });
    }
    await scanOrders(scanDeps(sourceOf(store, 500)), everything, goOn);
    expect(Math.max(...pageSizes(store.queries))).toBe(200);
  });

  it('makes a page smaller that weighed more, and larger again where orders are lighter', async () => {
    const store = new InMemoryStore();
    for (let index = 0; index < 900; index += 1) {
      const order = orderAt(index + 1, index);
      const raw = index < 150 ? { label_image: 'x'.repeat(100_000) } : {};
      store.put({ ...order, raw: { ...order.raw, ...raw } });
    }
    const { coverage } = await scanOrders(scanDeps(sourceOf(store, 500)), everything, goOn);
    expect(pageSizes(store.queries).slice(0, 5)).toEqual([100, 39, 39, 78, 156]);
    expect(coverage).toMatchObject({ scanned: 900, complete: true });
  });

  it('gives its reader views alone, not what else a record holds', async () => {
    const seen = new Set<string>();
    await scanOrders(scanDeps(sourceOf(storeOf(3), 500)), everything, (order) => {
      for (const part of Object.keys(order)) seen.add(part);
      return 'go_on';
    });
    expect([...seen]).toEqual(['view']);
  });

  it('does not grow while Order Desk takes 3 seconds for a page', async () => {
    const store = storeOf(500);
    const took = (tookMs: number): OrderSource => ({
      largest: 500,
      list: async (query) => ({ ...store.list(query), tookMs: store.queries.length < 4 ? tookMs : 100 }),
    });
    await scanOrders(scanDeps(took(3_000)), everything, goOn);
    expect(pageSizes(store.queries).slice(0, 4)).toEqual([100, 100, 100, 200]);
  });

  it('grows while its own requests wait, if Order Desk is quick', async () => {
    const store = storeOf(500);
    let clock = 0;
    const source: OrderSource = {
      largest: 500,
      async list(query) {
        clock += 5_000;
        return { ...store.list(query), tookMs: 50 };
      },
    };
    await scanOrders({ ...scanDeps(source), now: () => clock }, everything, goOn);
    expect(pageSizes(store.queries).slice(0, 3)).toEqual([100, 200, 400]);
  });

  it('halves a page that was cut off for its size, asks again, and tries a larger one after some pages', async () => {
    const store = storeOf(900);
    const { coverage } = await scanOrders(scanDeps(sourceOf(store, 500, 150)), everything, goOn);
    expect(pageSizes(store.queries)).toEqual([100, 200, 100, 100, 100, 100, 100, 200, 100, 100, 100, 100]);
    expect(coverage).toMatchObject({ scanned: 900, complete: true });
  });

  it('gives up on a single order that is too large', async () => {
    const source: OrderSource = { largest: 500, list: () => Promise.reject(tooLarge()) };
    await expect(scanOrders(scanDeps(source), everything, goOn)).rejects.toMatchObject({
      code: 'upstream_malformed',
    });
  });

  it('reads more orders of one second than a page holds', async () => {
    const store = new InMemoryStore();
    store.put(...Array.from({ length: 1300 }, (_, index) => orderAt(index + 1, 5)), orderAt(5000, 6));
    const seen = new Set<string>();
    const { coverage } = await scanOrders(scanDeps(sourceOf(store, 500)), everything, ({ view }) => {
      seen.add(view.id);
      return 'go_on';
    });
    expect([seen.size, coverage.scanned]).toEqual([1301, 1301]);
  });

  it('tells how far it is', async () => {
    const told: [number, number | undefined][] = [];
    const deps = scanDeps(sourceOf(storeOf(250), 500), {
      progress: async (progress, total) => void told.push([progress, total]),
    });
    await scanOrders(deps, everything, goOn);
    expect(told).toEqual([
      [0, undefined],
      [99, 250],
      [250, 250],
    ]);
  });

  it('stops before the orders of a second that would be more than it may look at', async () => {
    const store = new InMemoryStore();
    store.put(...[1, 1, 2, 2, 2, 3].map((each, index) => orderAt(index + 1, each)));
    const { coverage, after } = await scanOrders(
      scanDeps(sourceOf(store, 500)),
      { ...everything, maxOrders: 4 },
      goOn,
    );
    expect(coverage).toEqual({
      scanned: 2,
      total: 6,
      complete: false,
      from: '2026-01-01T00:00:00Z',
      to: '2026-01-01T00:00:02Z',
    });
    expect(after).toEqual({ second: at(1).getTime(), id: '2', seen: 2 });
  });

  it('is complete when its reader has enough with the very last order', async () => {
    const { coverage, after } = await scanOrders(
      scanDeps(sourceOf(storeOf(3), 500)),
      everything,
      ({ view }) => (view.id === '3' ? 'enough' : 'go_on'),
    );
    expect(coverage).toMatchObject({ scanned: 3, complete: true });
    expect(after).toBeUndefined();
  });

  describe('that runs out of time', () => {
    afterEach(() => vi.useRealTimers());

    it('stops 3 seconds before its deadline and says where', async () => {
      const store = storeOf(1000);
      let clock = 0;
      store.beforeAnswer = () => {
        clock += 4_000;
      };
      const deps = { ...scanDeps(sourceOf(store, 500), { deadlineAt: 10_000 }), now: () => clock };
      const { coverage, after } = await scanOrders(deps, { ...everything, sort: 'desc' }, goOn);
      expect(coverage).toMatchObject({ scanned: 298, total: 1000, complete: false });
      expect(after?.id).toBe('703');
    });

    it('does not wait for the page it is reading', async () => {
      vi.useFakeTimers();
      const store = storeOf(1000);
      const source: OrderSource = {
        largest: 500,
        list: async (query) =>
          store.queries.length === 0 ? store.list(query) : new Promise<never>(() => {}),
      };
      const scan = scanOrders(
        scanDeps(source, { deadlineAt: 10_000 }),
        { ...everything, sort: 'desc' },
        goOn,
      );
      await vi.advanceTimersByTimeAsync(7_000);
      expect((await scan).coverage).toMatchObject({ scanned: 99, complete: false });
    });

    it.each(['upstream_timeout', 'rate_budget_exhausted'] as const)(
      'keeps what it read when the next page ends with %s',
      async (code) => {
        const store = storeOf(1000);
        const source: OrderSource = {
          largest: 500,
          list: async (query) => {
            if (store.queries.length > 0) throw new AppError(code);
            return store.list(query);
          },
        };
        const { coverage } = await scanOrders(scanDeps(source), { ...everything, sort: 'desc' }, goOn);
        expect(coverage).toMatchObject({ scanned: 99, complete: false });
      },
    );

    it('fails like its source when nothing was read', async () => {
      const source: OrderSource = {
        largest: 500,
        list: () => Promise.reject(new AppError('rate_budget_exhausted')),
      };
      await expect(scanOrders(scanDeps(source), everything, goOn)).rejects.toMatchObject({
        code: 'rate_budget_exhausted',
      });
    });
  });

  it('ends by its signal, though a request hangs', async () => {
    const controller = new AbortController();
    const asked = new Promise<void>((resolve) => {
      const source: OrderSource = {
        largest: 500,
        list: () => {
          resolve();
          return new Promise<never>(() => {});
        },
      };
      running = scanOrders(scanDeps(source, { signal: controller.signal }), everything, goOn);
    });
    await asked;
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  });
  let running: Promise<unknown> | undefined;

  it('asks for nothing more once its signal has ended', async () => {
    const controller = new AbortController();
    const store = storeOf(1000);
    const deps = scanDeps(sourceOf(store, 500), { signal: controller.signal });
    const scan = scanOrders(deps, { ...everything, sort: 'desc' }, () => {
      controller.abort();
      return 'go_on';
    });
    await expect(scan).rejects.toMatchObject({ code: 'cancelled' });
    expect(store.queries).toHaveLength(1);
  });
});

describe('the range of a scan', () => {
  const from = new Date('2026-01-01T00:00:00Z');
  const days = (count: number) => new Date(from.getTime() + count * 86_400_000);

  it.each([
    [{ addedTo: from }, 'added_from', 'added_from: is required here.'],
    [{ addedFrom: from }, 'added_to', 'added_to: is required here.'],
    [
      { addedFrom: from, addedTo: days(368) },
      'added_from',
      'added_from: must be at most 366 days before added_to.',
    ],
  ])('%j is refused by name', (filters, field, message) => {
    expect(() => scanRange(filters, 366)).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        field,
        message,
        hint: expect.stringContaining('at most 366 days apart'),
      }),
    );
  });

  it('may have the hour more that clocks set back give it', () => {
    expect(() => scanRange({ addedFrom: from, addedTo: days(366 + 1 / 24) }, 366)).not.toThrow();
  });
});
