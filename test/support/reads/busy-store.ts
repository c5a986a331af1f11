/** Somebody else's work on a store of the sandbox, one step at a time, and which orders matched at any time and throughout. */
import fc from 'fast-check';
import type { OrderRecord, SandboxStore, StoreData } from '../../../src/sandbox/index.js';
import { instantOf, utcOf } from './clock.js';

export const FOLDERS = [
  { id: 1, name: 'New' },
  { id: 2, name: 'Held' },
  { id: 3, name: 'Sent' },
] as const;

const START = instantOf('2026-03-01 00:00:00');
/** Few seconds and many orders, so that equal dates, ends of pages and ends of ranges meet often. */
export const SECONDS = 12;
export const secondAt = (second: number): string => utcOf(START + second * 1_000);

export interface Seed {
  readonly second: number;
  readonly folder: number;
  readonly dear: boolean;
}

const AMOUNTS = { dear: 80, cheap: 20 } as const;
const amountOf = (dear: boolean): number => (dear ? AMOUNTS.dear : AMOUNTS.cheap);

export const seeds = fc.record({
  second: fc.integer({ min: 0, max: SECONDS }),
  folder: fc.constantFrom(1, 1, 2, 3),
  dear: fc.boolean(),
});

export type Change =
  | ({ readonly kind: 'insert' } & Seed)
  | { readonly kind: 'move'; readonly pick: number; readonly folder: number }
  | { readonly kind: 'price'; readonly pick: number; readonly dear: boolean }
  | { readonly kind: 'remove'; readonly pick: number };

export const changes: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: seeds.map((seed): Change => ({ kind: 'insert', ...seed })) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('move' as const),
      pick: fc.nat(500),
      folder: fc.constantFrom(1, 2, 3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('price' as const), pick: fc.nat(500), dear: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), pick: fc.nat(500) }) },
);

/** The channel of every order is its own: a summary by source tells which orders are in it. */
export const sourceOf = (id: string): string => `channel-${id}`;

const EMPTY: StoreData = { folders: FOLDERS, orders: [], history: new Map(), inventory: [] };
const FIRST_ID = 95;

export class BusyStore {
  readonly ever = new Set<string>();
  throughout: Set<string>;
  readonly #store: SandboxStore;
  readonly #matches: (order: OrderRecord) => boolean;
  readonly #queue: Change[];
  #nextId = FIRST_ID;

  /** What was in the store is gone. */
  constructor(
    store: SandboxStore,
    held: readonly Seed[],
    queue: readonly Change[],
    matches: (order: OrderRecord) => boolean,
  ) {
    this.#store = store;
    this.#matches = matches;
    this.#queue = [...queue];
    store.replaceData(EMPTY);
    for (const seed of held) this.#insert(seed);
    this.throughout = this.#matching();
    this.#note();
  }

  /** The next change, if there is one. */
  step(): void {
    const change = this.#queue.shift();
    if (change === undefined) return;
    this.#play(change);
    this.#note();
  }

  #matching(): Set<string> {
    return new Set(
      this.#store
        .orders()
        .filter(this.#matches)
        .map(({ id }) => id),
    );
  }

  #note(): void {
    const now = this.#matching();
    for (const id of now) this.ever.add(id);
    this.throughout = new Set([...this.throughout].filter((id) => now.has(id)));
  }

  #insert({ second, folder, dear }: Seed): void {
    // From two digits to three: by number they come in another order than by text.
    const id = String(this.#nextId);
    this.#nextId += 1;
    this.#store.insertOrder({
      id,
      source_name: sourceOf(id),
      date_added: secondAt(second),
      date_updated: secondAt(second),
      folder_id: folder,
      order_total: amountOf(dear),
    });
  }

  #play(change: Change): void {
    if (change.kind === 'insert') {
      this.#insert(change);
      return;
    }
    const orders = this.#store.orders();
    const order = orders[change.pick % Math.max(1, orders.length)];
    if (order === undefined) return;
    if (change.kind === 'move') this.#store.moveOrder(order.id, change.folder);
    else if (change.kind === 'remove') this.#store.removeOrder(order.id);
    else this.#store.changeOrder(order.id, { order_total: amountOf(change.dear) });
  }
}
