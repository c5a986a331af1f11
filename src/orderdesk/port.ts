/**
 * Order Desk as the tools see it. Records come as `{view, raw}`: tools read `view`, parsed and normalised;
 * `raw` is the record as Order Desk sent it, the only thing a write may start from.
 */
import type { StoreEntry } from '../tenancy/stores.js';
import type { Priority } from './call.js';
import type { InventoryView, OrderView, StoreView } from './views.js';

export interface CallContext {
  /** Ends waits and reads when the caller has gone or the deadline has passed. */
  readonly signal: AbortSignal;
  /** When the caller has to have its answer, in milliseconds of `performance.now`. */
  readonly deadlineAt?: number | undefined;
  /** Who asks: the keys of a store take turns. */
  readonly principal?: { readonly kid: string } | undefined;
  /** Interactive unless told. */
  readonly priority?: Priority | undefined;
}

export interface Order {
  readonly view: OrderView;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What can be told of a record that could not be understood as an order; null for what cannot. */
export interface UnreadableOrder {
  /** Digits; `''` where not even the id can be read. */
  readonly id: string;
  readonly sourceId: string | null;
  readonly addedAt: string | null;
  readonly updatedAt: string | null;
  /** Its place among all records of the page, from 0. */
  readonly index: number;
}

export interface OrderPage {
  readonly orders: readonly Order[];
  /** Records that are not among the orders, in the order they came. They count in `total` and took places of the page. */
  readonly unreadable: readonly UnreadableOrder[];
  /** Orders that match the filters, as Order Desk counts them. */
  readonly total: number;
  readonly offset: number;
  /** Milliseconds that Order Desk took for the answer, waits before its request not included; 0 where nobody measured. */
  readonly tookMs: number;
}

/** The filters that Order Desk knows. Dates are UTC instants; start is inclusive, end exclusive. */
export interface OrderQuery {
  readonly folderIds?: readonly string[];
  readonly sourceId?: string;
  readonly sourceName?: string;
  readonly addedFrom?: Date;
  readonly addedTo?: Date;
  readonly modifiedFrom?: Date;
  readonly modifiedTo?: Date;
  readonly email?: string;
  readonly customerId?: string;
  /** Text filters on one of the two addresses of an order. */
  readonly address?: {
    readonly of: 'shipping' | 'customer';
    readonly firstName?: string;
    readonly lastName?: string;
    readonly company?: string;
    readonly phone?: string;
    readonly address1?: string;
  };
  readonly sortBy?: string;
  readonly sort?: 'asc' | 'desc';
  /** Asks for each order's history as well; slow at Order Desk, so for few orders. */
  readonly history?: boolean;
  /** 1 to 500. */
  readonly limit: number;
  readonly offset?: number;
}

export interface GetOrderOptions {
  /**
   * Asks for the order's history as well. Order Desk documents that for searches only; where it is not honoured,
   * `raw` has no `order_history` and the history of the view is empty.
   */
  readonly history?: boolean;
}

export interface InventoryItem {
  readonly view: InventoryView;
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface InventoryQuery {
  /** 1 to 100 codes without commas; left out for all items. Whether Order Desk takes parts of codes too is not certain. */
  readonly codes?: readonly string[];
  /** 1 to 500, which is the default. Order Desk may ignore it, and `offset`. */
  readonly limit?: number;
  readonly offset?: number;
}

/** No total: Order Desk's own is not to be relied on. The end is where a page brings no id that is new. */
export interface InventoryPage {
  readonly items: readonly InventoryItem[];
  /** Records that made no sense and are not among the items, a whole number from 0. */
  readonly unreadable: number;
}

/**
 * Every method throws AppError `upstream_*`, `rate_budget_exhausted`, `store_busy` or `cancelled`. What they resolve with
 * is shared and must not be changed.
 */
export interface StoreGateway {
  store(store: StoreEntry, ctx: CallContext): Promise<StoreView>;
  /** @throws AppError `invalid_argument` for a filter that is empty or out of range: Order Desk would ignore it */
  listOrders(store: StoreEntry, query: OrderQuery, ctx: CallContext): Promise<OrderPage>;
  /** @throws AppError `not_found` */
  getOrder(store: StoreEntry, orderId: string, ctx: CallContext, options?: GetOrderOptions): Promise<Order>;
  /** @throws AppError `invalid_argument` for codes that cannot be asked for, or numbers out of range */
  listInventory(store: StoreEntry, query: InventoryQuery, ctx: CallContext): Promise<InventoryPage>;
}

/**
 * Reads for writing: past the cache, never shared, each a request. A record with a number that would come back changed
 * (beyond what a double holds) is refused by the path of the number, unless `lenient`.
 * Throws as `StoreGateway` does, and AppError `upstream_malformed` naming the field for such a number.
 */
export interface FreshReads {
  /** With items and shipments. @throws AppError `not_found` */
  order(
    store: StoreEntry,
    orderId: string,
    ctx: CallContext,
    options?: GetOrderOptions & { readonly lenient?: boolean },
  ): Promise<Order>;
  /** Always lenient. */
  orders(store: StoreEntry, query: OrderQuery, ctx: CallContext): Promise<OrderPage>;
  /** Items with exactly these codes (1 to 100), compared without regard to case and spaces around. */
  inventoryByCodes(
    store: StoreEntry,
    codes: readonly string[],
    ctx: CallContext,
  ): Promise<readonly InventoryItem[]>;
  /** @throws AppError `not_found` */
  inventoryItem(store: StoreEntry, id: string, ctx: CallContext): Promise<InventoryItem>;
}

/** What is known of the requests that may still be sent to a store. */
export interface StoreBudget {
  /** `local`: this process keeps to its part, because it cannot ask what the others use. */
  readonly mode: 'local' | 'shared';
  /** Requests that can be sent at once, a whole number; an estimate, since others may use the store too. */
  readonly tokens: number;
  /** Requests that can be sent at once after a pause. */
  readonly capacity: number;
  /** Requests that come back each second. */
  readonly perSecond: number;
  /** Whole seconds that Order Desk wants to be left alone; 0 unless it refused a request for too many. */
  readonly pausedS: number;
}

export interface StoreBudgets {
  /** Asks nothing of Order Desk and takes nothing from the budget. */
  of(store: StoreEntry): Promise<StoreBudget>;
}
