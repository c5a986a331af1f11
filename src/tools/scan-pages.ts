/**
 * Pages for reading many orders: they start small and grow while they stay light and quick, and shrink when an answer was
 * heavy, or too large to be read.
 */
import { AppError, cancellation } from '../errors.js';
import type { OrderPage } from '../orderdesk/port.js';
import { type ListSource, type OrderSource, recordsOf } from './order-source.js';

const FIRST_PAGE = 100;
/** What a page is to weigh at most, and may take for the next one to be larger. */
const LIGHT_BYTES = 4_000_000;
const QUICK_MS = 3_000;
/** Pages to be read after one that was cut off before they may grow again; each further time it is twice as many. */
const FIRST_HOLD = 4;
/** Orders of a page that are weighed; weighing all of them would cost as much as reading them. */
const WEIGHED = 10;

/**
 * Gives views alone: what many pages would hold beside them, such as images of labels, can go at once.
 * @param now milliseconds on a clock that never goes back
 * @param signal ends requests under way, and keeps further ones from being sent
 */
export function growingSource(source: OrderSource, now: () => number, signal: AbortSignal): ListSource {
  let size = Math.min(FIRST_PAGE, source.largest);
  /** Pages to be read before the next may be larger. */
  let hold = 0;
  let nextHold = FIRST_HOLD;

  function adapt(page: OrderPage, tookMs: number): void {
    hold -= 1;
    const fits = Math.floor(LIGHT_BYTES / Math.max(1, meanSize(page)));
    const next = Math.min(size * 2, source.largest);
    if (fits < size) size = Math.max(1, fits);
    else if (hold < 0 && tookMs < QUICK_MS && next <= fits) size = next;
  }

  function shrink(limit: number): void {
    size = Math.ceil(limit / 2);
    hold = nextHold;
    nextHold *= 2;
  }

  return {
    get largest() {
      return size;
    },
    async list(query) {
      for (;;) {
        if (signal.aborted) throw cancellation(signal);
        const limit = Math.min(query.limit, size);
        const startedAt = now();
        try {
          const page = await source.list({ ...query, limit }, signal);
          if (recordsOf(page) >= size) adapt(page, now() - startedAt);
          return { ...page, orders: page.orders.map(({ view }) => ({ view })) };
        } catch (error) {
          if (limit === 1 || !isTooLarge(error)) throw error;
          shrink(limit);
        }
      }
    },
  };
}

/** Characters of JSON that an order of the page has, about. */
function meanSize({ orders }: OrderPage): number {
  const step = Math.max(1, Math.floor(orders.length / WEIGHED));
  const weighed = orders.filter((_, index) => index % step === 0);
  const sum = weighed.reduce((total, { raw }) => total + JSON.stringify(raw).length, 0);
  return weighed.length === 0 ? 0 : sum / weighed.length;
}

/** An answer that was given up for its size says so by its cause: fewer orders at a time can be read. */
const isTooLarge = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'upstream_malformed' && error.cause instanceof RangeError;
