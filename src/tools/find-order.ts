/** One order by its id, or by the shop's number, which several orders may share. */
import { AppError } from '../errors.js';
import type { CallContext, Order, StoreGateway } from '../orderdesk/port.js';
import type { StoreEntry } from '../tenancy/stores.js';
import { recordsOf } from './order-source.js';

export type Found =
  | { readonly kind: 'one'; readonly order: Order }
  | {
      readonly kind: 'several';
      readonly orders: readonly Order[];
      /** Ids of those that could not be understood; `''` where not even the id can be read. */
      readonly unreadable: readonly string[];
    };

export interface Wanted {
  readonly order_id?: string | undefined;
  readonly source_id?: string | undefined;
  readonly include: readonly string[];
}

/** Order Desk may answer with numbers that merely contain the one sought; more of them than this are not looked through. */
const CANDIDATES = 500;

/**
 * @throws AppError `not_found`, in words that say nothing about what was asked for, so that an order of somebody else
 *   and one that does not exist are answered alike
 */
export async function findOrders(
  gateway: StoreGateway,
  store: StoreEntry,
  wanted: Wanted,
  ctx: CallContext,
): Promise<Found> {
  const history = wanted.include.includes('history');
  const read = async (id: string): Promise<Found> => {
    try {
      return { kind: 'one', order: await gateway.getOrder(store, id, ctx, { history }) };
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') throw notFound('id');
      throw error;
    }
  };
  if (wanted.order_id !== undefined) return read(wanted.order_id);
  const { orders, unreadable } = await withSourceId(gateway, store, wanted.source_id ?? '', ctx);
  const [only, ...others] = [...orders.map(({ view }) => view.id), ...unreadable];
  if (only === undefined) throw notFound('source_id');
  if (others.length > 0) return { kind: 'several', orders, unreadable };
  if (only === '') throw new AppError('upstream_malformed');
  // Read anew: a version is only comparable when every one comes from the same endpoint.
  return read(only);
}

async function withSourceId(
  gateway: StoreGateway,
  store: StoreEntry,
  sourceId: string,
  ctx: CallContext,
): Promise<{ readonly orders: readonly Order[]; readonly unreadable: readonly string[] }> {
  const first = await gateway.listOrders(store, { sourceId, limit: 50 }, ctx);
  const page =
    first.total > recordsOf(first)
      ? await gateway.listOrders(store, { sourceId, limit: CANDIDATES }, ctx)
      : first;
  if (page.total > recordsOf(page)) throw tooMany();
  const isIt = (record: { readonly sourceId: string | null }) => record.sourceId?.trim() === sourceId;
  return {
    orders: page.orders.filter(({ view }) => isIt(view)),
    unreadable: page.unreadable.filter(isIt).map(({ id }) => id),
  };
}

/** Whether one of the others has exactly this number is not known: "not found" would be a guess. */
const tooMany = (): AppError =>
  new AppError('invalid_argument', `source_id: more than ${CANDIDATES} orders have it in their number.`, {
    field: 'source_id',
    hint: 'Find the order with list_orders, by source_id and a range of dates, and give its order_id.',
  });

/** How to give what was asked for. */
const WRITTEN = { id: '', source_id: 'Give it as the shop writes it, often with # or a prefix. ' } as const;

const notFound = (by: 'id' | 'source_id'): AppError =>
  new AppError('not_found', `No order with that ${by} in this store.`, {
    hint: `${WRITTEN[by]}list_orders finds orders by number, customer, folder or date; another store may hold it.`,
  });
