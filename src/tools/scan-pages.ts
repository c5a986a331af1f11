/**
 * Pages for reading many orders: they start small and grow while they stay light and quick, and shrink when an answer was
 * heavy, or too large to be read.
 */
import { AppError, cancellation } from '../errors.js';
import type { OrderPage } from '../orderdesk/port.js';
import { type ListSource, type OrderSource, recordsOf } from './order-source.js';

const FIRST_PAGE = 100;
/** What a page is to weigh at most, and Order Desk may take for it if the next one is to be larger. */
const LIGHT_BYTES = 4_000_000;
const QUICK_MS = 3_000;
/** Pages to be read after one that was cut off before they may grow again; each further time it is twice as many. */
const FIRST_HOLD = 4;
/** Orders of a page that are weighed; weighing all of them would cost as much as reading them. */
const WEIGHED = 10;

/** As `source`, with fewer orders at a time once an answer was too large to be read. */
export function shrinkingSource(source: OrderSource): ListSource {
  let size = source.largest;
  return {
    get largest() {
      return size;
    },
    list: (query) =>
      fitting(
        () => Math.min(query.limit, size),
        (limit) => source.list({ ...query, limit }),
        (limit) => {
          size = Math.ceil(limit / 2);
        },
      ),
  };
}

/**
 * Gives views alone: what many pages would hold beside them, such as images of labels, can go at once.
 * @param signal ends requests under way, and keeps further ones from being sent
 */
export function growingSource(source: OrderSource, signal: AbortSignal): ListSource {
  let size = Math.min(FIRST_PAGE, source.largest);
  /** Pages to be read before the next may be larger. */
  let hold = 0;
  let nextHold = FIRST_HOLD;

  function adapt(page: OrderPage): void {
    hold -= 1;
    const fits = Math.floor(LIGHT_BYTES / Math.max(1, meanSize(page)));
    const next = Math.min(size * 2, source.largest);
    if (fits < size) size = Math.max(1, fits);
    else if (hold < 0 && page.tookMs < QUICK_MS && next <= fits) size = next;
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
      const ask = async (limit: number) => {
        if (signal.aborted) throw cancellation(signal);
        return source.list({ ...query, limit }, signal);
      };
      const page = await fitting(() => Math.min(query.limit, size), ask, shrink);
      if (recordsOf(page) >= size) adapt(page);
      return { ...page, orders: page.orders.map(({ view }) => ({ view })) };
    },
  };
}

/** Asks for `limit()` orders, and again after `shrink` for as long as the answer is too large. */
async function fitting(
  limit: () => number,
  ask: (limit: number) => Promise<OrderPage>,
  shrink: (limit: number) => void,
): Promise<OrderPage> {
  for (;;) {
    const asked = limit();
    try {
      return await ask(asked);
    } catch (error) {
      if (asked === 1 || !isTooLarge(error)) throw error;
      shrink(asked);
    }
  }
}

/** Characters of JSON that an order of the page has, about. */
function meanSize({ orders }: OrderPage): number {
  const step = Math.max(1, Math.floor(orders.length / WEIGHED));
  const weighed = orders.filter((_, index) => index % step === 0);
  const sum = weighed.reduce((total, { raw }) => total + JSON.stringify(raw).length, 0);
  return weighed.length === 0 ? 0 : sum / weighed.length;
}

/** An answer that was given up for its size says so by its cause: fewer orders at a time can be read. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'upstream_malformed' && error.cause instanceof RangeError;
