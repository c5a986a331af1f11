/**
 * Order Desk at the edge of the port, in memory. What the real one leaves open is a setting: whether the end of a range is
 * included, and in which order equal dates come. `beforeAnswer` plays what others do to the store meanwhile.
 */
import { AppError } from '../../../../src/errors.js';
import type {
  Order,
  OrderPage,
  OrderQuery,
  StoreGateway,
  UnreadableOrder,
} from '../../../../src/orderdesk/port.js';
import type { OrderView, StoreView } from '../../../../src/orderdesk/views.js';

export interface Behaviour {
  readonly endIncluded: boolean;
  /** Equal dates come in the order of insertion, or anew in every answer. */
  readonly ties: 'stable' | 'shuffled';
}

export class InMemoryStore {
  readonly orders = new Map<string, Order>();
  readonly queries: OrderQuery[] = [];
  /** What can be told of an order that cannot be understood, by its id. */
  readonly spoiled = new Map<string, (view: OrderView, index: number) => UnreadableOrder>();
  beforeAnswer: () => void = () => {};
  readonly #behaviour: Behaviour;
  #seed = 1;

  constructor(behaviour: Behaviour = { endIncluded: false, ties: 'stable' }) {
    this.#behaviour = behaviour;
  }

  put(...orders: readonly Order[]): void {
    for (const order of orders) this.orders.set(order.view.id, order);
  }

  list(query: OrderQuery): OrderPage {
    this.queries.push(query);
    this.beforeAnswer();
    const sign = query.sort === 'asc' ? 1 : -1;
    const matching = [...this.orders.values()]
      .filter((order) => this.#matches(order, query))
      .map((order, index) => ({ order, tie: this.#behaviour.ties === 'stable' ? index : this.#random() }))
      .sort((a, b) => sign * (timeOf(a.order, query) - timeOf(b.order, query)) || a.tie - b.tie)
      .map(({ order }) => order);
    const offset = query.offset ?? 0;
    const page = matching.slice(offset, offset + query.limit);
    return {
      orders: page.filter(({ view }) => !this.spoiled.has(view.id)),
      unreadable: page.flatMap(({ view }, index) => this.spoiled.get(view.id)?.(view, index) ?? []),
      total: matching.length,
      offset,
      tookMs: 0,
    };
  }

  #matches({ view }: Order, query: OrderQuery): boolean {
    return (
      (query.folderIds === undefined || query.folderIds.includes(view.folderId ?? '')) &&
      (query.sourceId === undefined || (view.sourceId ?? '').includes(query.sourceId)) &&
      this.#inside(view.addedAt, query.addedFrom, query.addedTo) &&
      this.#inside(view.updatedAt ?? '', query.modifiedFrom, query.modifiedTo)
    );
  }

  #inside(date: string, from: Date | undefined, to: Date | undefined): boolean {
    const at = Date.parse(date);
    const end =
      to === undefined ? Number.POSITIVE_INFINITY : to.getTime() + (this.#behaviour.endIncluded ? 1 : 0);
    return (from === undefined || at >= from.getTime()) && (to === undefined || at < end);
  }

  #random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed;
  }
}

const timeOf = ({ view }: Order, query: OrderQuery): number =>
  Date.parse(query.sortBy === 'date_updated' ? (view.updatedAt ?? view.addedAt) : view.addedAt);

export const aStoreView = (change: Partial<StoreView> = {}): StoreView => ({
  orderDeskId: '11',
  name: 'Test Store',
  timeZone: 'America/Los_Angeles',
  country: 'US',
  locale: 'en_US',
  folders: [
    { id: '1', name: 'New' },
    { id: '2', name: 'Closed' },
  ],
  shippingMethods: ['Ground'],
  stockFollowsSales: false,
  ...change,
});

export const gatewayOf = (store: InMemoryStore, view: StoreView = aStoreView()): StoreGateway => ({
  store: async () => view,
  listOrders: async (_entry, query) => store.list(query),
  async getOrder(_entry, id) {
    const order = store.orders.get(id);
    if (order === undefined) throw new AppError('not_found', 'somebody else words this');
    return order;
  },
  listInventory: async () => ({ items: [], unreadable: 0 }),
});
