/** Orders by the second they were added, a store that others change meanwhile, and a source to scan it by. */
import { AppError } from '../../../../src/errors.js';
import type { Order } from '../../../../src/orderdesk/port.js';
import type { OrderView } from '../../../../src/orderdesk/views.js';
import type { OrderSource } from '../../../../src/tools/order-source.js';
import type { ScanDeps } from '../../../../src/tools/scan.js';
import type { InMemoryStore } from './gateway.js';
import { anOrder } from './orders.js';

const START = Date.parse('2026-01-01T00:00:00Z');
export const at = (second: number): Date => new Date(START + second * 1000);

export const orderAt = (id: number, second: number, change: Partial<OrderView> = {}): Order =>
  anOrder({ id: String(id), addedAt: at(second).toISOString(), ...change });

/** An answer that was cut off for its size, as the client of Order Desk words it. */
export const tooLarge = (): AppError =>
  new AppError('upstream_malformed', 'too large', { field: 'body', cause: new RangeError('too large') });

/** @param fits orders that an answer can hold before it is cut off */
export const sourceOf = (
  store: InMemoryStore,
  largest: number,
  fits = Number.POSITIVE_INFINITY,
): OrderSource => ({
  largest,
  async list(query) {
    const page = store.list(query);
    if (page.orders.length > fits) throw tooLarge();
    return page;
  },
});

export const scanDeps = (source: OrderSource, change: Partial<ScanDeps['ctx']> = {}): ScanDeps => ({
  source,
  ctx: {
    signal: new AbortController().signal,
    deadlineAt: Number.POSITIVE_INFINITY,
    draining: new AbortController().signal,
    progress: async () => {},
    ...change,
  },
  now: () => 0,
});

export interface Change {
  readonly kind: 'insert' | 'leave' | 'return';
  readonly pick: number;
  readonly second: number;
}

/** Somebody else's work on a store, one step at a time, and which orders were there at any time and throughout. */
export class SomebodyElse {
  readonly ever: Set<string>;
  readonly throughout: Set<string>;
  readonly #store: InMemoryStore;
  readonly #matches: (order: Order) => boolean;
  readonly #queue: Change[];
  readonly #make: (id: number, second: number) => Order;
  readonly #left = new Map<string, Order>();
  #nextId: number;

  constructor(
    store: InMemoryStore,
    matches: (order: Order) => boolean,
    changes: readonly Change[],
    make: (id: number, second: number) => Order = orderAt,
  ) {
    this.#store = store;
    this.#matches = matches;
    this.#queue = [...changes];
    this.#make = make;
    this.#nextId = store.orders.size + 1;
    this.ever = this.#matching();
    this.throughout = this.#matching();
  }

  step(): void {
    const change = this.#queue.shift();
    if (change === undefined) return;
    this.#play(change);
    const now = this.#matching();
    for (const id of now) this.ever.add(id);
    for (const id of this.throughout) if (!now.has(id)) this.throughout.delete(id);
  }

  #matching(): Set<string> {
    return new Set([...this.#store.orders.values()].filter(this.#matches).map(({ view }) => view.id));
  }

  #play({ kind, pick, second }: Change): void {
    if (kind === 'insert') {
      this.#store.put(this.#make(this.#nextId, second));
      this.#nextId += 1;
      return;
    }
    const [from, to] = kind === 'leave' ? [this.#store.orders, this.#left] : [this.#left, this.#store.orders];
    const order = [...from.values()][pick % Math.max(1, from.size)];
    if (order === undefined) return;
    from.delete(order.view.id);
    to.set(order.view.id, order);
  }
}
