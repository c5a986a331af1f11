/** What a scan gives when it ends before its range does: all that it read, where to go on, and why it stopped. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError, type ErrorCode } from '../../../src/errors.js';
import type { OrderQuery } from '../../../src/orderdesk/port.js';
import type { OrderSource } from '../../../src/tools/order-source.js';
import { scanOrders } from '../../../src/tools/scan.js';
import { deferred } from '../../support/deferred.js';
import { InMemoryStore } from './support/gateway.js';
import { at, orderAt, scanDeps, sourceOf } from './support/scan.js';

const everything = {
  filters: { addedFrom: at(0), addedTo: at(10_000) },
  sort: 'desc' as const,
  maxOrders: 100_000,
};
const goOn = () => 'go_on' as const;

function storeOf(count: number): InMemoryStore {
  const store = new InMemoryStore();
  store.put(...Array.from({ length: count }, (_, index) => orderAt(index + 1, index)));
  return store;
}

/** Answers `pages` requests, then does as told with each further one. */
function sourceThatThen(
  pages: number,
  then: (query: OrderQuery, signal: AbortSignal | undefined) => Promise<never>,
): OrderSource {
  const store = storeOf(1000);
  return {
    largest: 500,
    list: async (query, signal) => (store.queries.length < pages ? store.list(query) : then(query, signal)),
  };
}

const never = () => new Promise<never>(() => {});

describe('a scan that Order Desk fails in the middle', () => {
  const FAILURES: readonly ErrorCode[] = [
    'upstream_rate_limited',
    'upstream_unavailable',
    'upstream_timeout',
    'upstream_malformed',
    'upstream_rejected',
    'upstream_credentials_refused',
    'rate_budget_exhausted',
    'store_busy',
    'storage_unavailable',
  ];

  it.each(FAILURES)('keeps what it read when the next page ends with %s, and says so', async (code) => {
    const source = sourceThatThen(1, async () => {
      throw new AppError(code, undefined, { retryAfterS: 7 });
    });
    const scan = await scanOrders(scanDeps(source), everything, goOn);
    expect(scan.coverage).toEqual({
      scanned: 99,
      total: 1000,
      complete: false,
      from: '2026-01-01T00:15:01Z',
      to: '2026-01-01T02:46:40Z',
    });
    expect(scan.after).toEqual({ second: at(901).getTime(), id: '902', seen: 1 });
    expect([scan.stoppedBy, scan.retryAfterS]).toEqual([code, 7]);
  });

  it.each(FAILURES)('fails with %s when nothing was read', async (code) => {
    const source = sourceThatThen(0, async () => {
      throw new AppError(code);
    });
    await expect(scanOrders(scanDeps(source), everything, goOn)).rejects.toMatchObject({ code });
  });

  it('fails when the listing contradicts itself: what was read may lack orders then', async () => {
    const store = storeOf(1000);
    const source: OrderSource = {
      largest: 500,
      async list(query) {
        const page = store.list(query);
        return store.queries.length === 1 ? page : { ...page, orders: page.orders.toReversed() };
      },
    };
    await expect(scanOrders(scanDeps(source), everything, goOn)).rejects.toMatchObject({
      code: 'upstream_malformed',
    });
  });

  it.each([new TypeError('a fault of ours'), new AppError('internal')])('fails with %s', async (thrown) => {
    const source = sourceThatThen(1, () => Promise.reject(thrown));
    await expect(scanOrders(scanDeps(source), everything, goOn)).rejects.toBe(thrown);
  });
});

describe('a scan tells why it stopped', () => {
  it('nothing stopped it when everything was read', async () => {
    const scan = await scanOrders(scanDeps(sourceOf(storeOf(3), 500)), everything, goOn);
    expect([scan.stoppedBy, scan.retryAfterS]).toEqual([undefined, undefined]);
  });

  it('cap: it may look at no more', async () => {
    const request = { ...everything, maxOrders: 10 };
    const scan = await scanOrders(scanDeps(sourceOf(storeOf(30), 500)), request, goOn);
    expect([scan.coverage.scanned, scan.stoppedBy]).toEqual([10, 'cap']);
  });

  it('enough: its reader asked for no more', async () => {
    const scan = await scanOrders(scanDeps(sourceOf(storeOf(30), 500)), everything, ({ view }) =>
      view.id === '20' ? 'enough' : 'go_on',
    );
    expect([scan.coverage.scanned, scan.stoppedBy]).toEqual([11, 'enough']);
  });

  it('time: the rest of it is for the answer', async () => {
    const store = storeOf(1000);
    let clock = 0;
    store.beforeAnswer = () => {
      clock += 4_000;
    };
    const deps = { ...scanDeps(sourceOf(store, 500), { deadlineAt: 10_000 }), now: () => clock };
    expect(await scanOrders(deps, everything, goOn)).toMatchObject({
      coverage: { scanned: 298 },
      stoppedBy: 'time',
    });
  });
});

describe('a scan of a server that shuts down', () => {
  it('ends at once with what it read, without the page it waits for', async () => {
    const draining = new AbortController();
    const waiting = deferred<void>();
    const source = sourceThatThen(1, () => {
      waiting.resolve();
      return never();
    });
    const scan = scanOrders(scanDeps(source, { draining: draining.signal }), everything, goOn);
    await waiting.promise;
    draining.abort();
    expect(await scan).toMatchObject({
      coverage: { scanned: 99, complete: false },
      after: { id: '902' },
      stoppedBy: 'shutdown',
    });
  });

  it('asks for nothing more when it began while a page was looked at', async () => {
    const draining = new AbortController();
    const store = storeOf(1000);
    const scan = await scanOrders(
      scanDeps(sourceOf(store, 500), { draining: draining.signal }),
      everything,
      () => {
        draining.abort();
        return 'go_on';
      },
    );
    expect([scan.stoppedBy, store.queries.length]).toEqual(['shutdown', 1]);
  });

  it('says when to ask again where nothing was read', async () => {
    const draining = new AbortController();
    const waiting = deferred<void>();
    const source = sourceThatThen(0, () => {
      waiting.resolve();
      return never();
    });
    const deps = scanDeps(source, { draining: draining.signal });
    const scan = scanOrders(deps, everything, goOn);
    await waiting.promise;
    draining.abort();
    const refused = { code: 'shutting_down', retryAfterS: 1 };
    await expect(scan).rejects.toMatchObject(refused);
    await expect(scanOrders(deps, everything, goOn)).rejects.toMatchObject(refused);
  });
});

describe('what a scan that is over left behind', () => {
  afterEach(() => vi.useRealTimers());

  /** A second of 5,000 orders after one of a single order; each request for it takes a second. */
  function crowded() {
    const store = new InMemoryStore();
    store.put(orderAt(1, 10), ...Array.from({ length: 5_000 }, (_, index) => orderAt(index + 2, 5)));
    const signals = new Set<AbortSignal | undefined>();
    const source: OrderSource = {
      largest: 500,
      async list(query, signal) {
        signals.add(signal);
        const page = store.list(query);
        if (store.queries.length > 1) await new Promise((resolve) => setTimeout(resolve, 1_000));
        return page;
      },
    };
    return { store, source, signals };
  }

  it.each(['time', 'shutdown', 'cancelled'])(
    'is ended with it, also in the middle of a crowded second (%s)',
    async (why) => {
      vi.useFakeTimers();
      const { store, source, signals } = crowded();
      const [caller, draining] = [new AbortController(), new AbortController()];
      const deps = scanDeps(source, {
        signal: caller.signal,
        draining: draining.signal,
        ...(why === 'time' ? { deadlineAt: 6_500 } : {}),
      });
      const scan = scanOrders(deps, everything, goOn).catch((error: AppError) => error.code);
      await vi.advanceTimersByTimeAsync(3_500);
      if (why === 'shutdown') draining.abort();
      if (why === 'cancelled') caller.abort();
      const end = await scan;
      if (why === 'cancelled') expect(end).toBe('cancelled');
      else expect(end).toMatchObject({ coverage: { scanned: 1, complete: false }, stoppedBy: why });
      const asked = store.queries.length;
      expect(asked).toBeGreaterThan(3);
      expect([...signals].map((signal) => signal?.aborted)).toEqual([true]);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(store.queries).toHaveLength(asked);
    },
  );

  it('holds no listener of the call or of the server', async () => {
    const [signal, draining] = [new AbortController().signal, new AbortController().signal];
    const count = { added: 0, removed: 0 };
    for (const each of [signal, draining]) {
      const [add, remove] = [each.addEventListener.bind(each), each.removeEventListener.bind(each)];
      vi.spyOn(each, 'addEventListener').mockImplementation((...args: Parameters<typeof add>) => {
        count.added += 1;
        add(...args);
      });
      vi.spyOn(each, 'removeEventListener').mockImplementation((...args: Parameters<typeof remove>) => {
        count.removed += 1;
        remove(...args);
      });
    }
    await scanOrders(scanDeps(sourceOf(storeOf(1000), 500), { signal, draining }), everything, goOn);
    expect(count.added).toBeGreaterThan(0);
    expect(count.removed).toBe(count.added);
  });
});
