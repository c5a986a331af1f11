/** Lists of orders as Order Desk answers them, and what its counts are worth. */
import { AppError } from '../errors.js';
import type { CallContext, Order, OrderPage, OrderQuery, StoreGateway } from '../orderdesk/port.js';
import type { StoreEntry } from '../tenancy/stores.js';

/** The filters of a list, with its bounds; order, place and size are decided by who reads it. */
export type OrderFilters = Omit<OrderQuery, 'sortBy' | 'sort' | 'limit' | 'offset'>;

/** An order as lists need it. Its record may be many times as large. */
export type ListedOrder = Pick<Order, 'view'>;

export interface ListedPage extends Omit<OrderPage, 'orders' | 'tookMs'> {
  readonly orders: readonly ListedOrder[];
}

export interface OrderSource {
  /** Orders that one request may ask for. */
  readonly largest: number;
  /** @param signal ends the request, in the place of the call's own; it has to end when that does */
  list(query: OrderQuery, signal?: AbortSignal): Promise<OrderPage>;
}

/** The same where nothing but views is left. */
export interface ListSource {
  readonly largest: number;
  list(query: OrderQuery): Promise<ListedPage>;
}

/** Orders that Order Desk returns at most in one answer (Order Desk API, orders, limit). */
const LARGEST_PAGE = 500;

/**
 * The orders of a store, read at the priority of the call. Its answers agree with what they count, as far as that can be
 * seen: `upstream_malformed` otherwise, since the part might be taken for the whole.
 */
export const sourceOf = (gateway: StoreGateway, store: StoreEntry, ctx: CallContext): OrderSource => ({
  largest: LARGEST_PAGE,
  async list(query, signal = ctx.signal) {
    const page = await gateway.listOrders(store, query, { ...ctx, signal });
    if (contradictsItself(page, query)) throw contradiction();
    return page;
  },
});

/**
 * A count may be a moment older than the records beside it. Fewer records than were asked for are all there are, so
 * that does no harm; beside a full answer, or none at all, nothing says what is missing.
 */
function contradictsItself(page: ListedPage, { offset = 0, limit }: OrderQuery): boolean {
  const records = recordsOf(page);
  if (offset > 0) return false;
  return records === 0 ? page.total > 0 : records >= limit && records > page.total;
}

const contradiction = (): AppError =>
  new AppError('upstream_malformed', 'Order Desk sent orders that do not agree with how many it counted.', {
    field: 'total_records',
    hint: 'Make the same call again in a moment; if it goes on, narrow the search.',
  });

/** The same for reading many of them: whoever waits for a single answer goes first. */
export const backgroundSource = (gateway: StoreGateway, store: StoreEntry, ctx: CallContext): OrderSource =>
  sourceOf(gateway, store, { ...ctx, priority: 'background' });

export interface Total {
  readonly count: number;
  readonly exact: boolean;
}

/** Records that an answer has, understood or not. */
export const recordsOf = ({ orders, unreadable }: ListedPage): number => orders.length + unreadable.length;

/** Whether a first answer holds everything it counts. */
export const isWhole = (page: ListedPage): boolean => recordsOf(page) === 0 || recordsOf(page) >= page.total;

/** The end of a range is excluded, whatever Order Desk does at that very second. */
export const isAtEndOfModified = (
  { updatedAt }: { readonly updatedAt: string | null },
  { modifiedTo }: OrderFilters,
): boolean =>
  modifiedTo !== undefined && updatedAt !== null && Date.parse(updatedAt) === modifiedTo.getTime();

export const isAtEndOfAdded = (
  { addedAt }: { readonly addedAt: string | null },
  { addedTo }: OrderFilters,
): boolean => addedTo !== undefined && addedAt !== null && Date.parse(addedAt) >= addedTo.getTime();

/**
 * The orders of a list that was counted as `counted`, less those at the excluded end of its ranges, which Order Desk may
 * or may not have counted. They are asked for, in ranges that end where they start: empty where ends are excluded.
 * @param addedEndIsExact nothing at the end of the added range was counted
 */
export async function countList(
  source: ListSource,
  filters: OrderFilters,
  counted: number,
  addedEndIsExact: boolean,
): Promise<Total> {
  const { addedTo, modifiedTo } = filters;
  const count = async (narrowed: OrderFilters) => (await source.list({ ...narrowed, limit: 1 })).total;
  const added =
    addedTo === undefined || addedEndIsExact ? 0 : await count({ ...filters, addedFrom: addedTo, addedTo });
  const modified =
    modifiedTo === undefined ? 0 : await count({ ...filters, modifiedFrom: modifiedTo, modifiedTo });
  return { count: Math.max(0, counted - added - modified), exact: added === 0 || modified === 0 };
}
