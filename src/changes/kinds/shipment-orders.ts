/** Orders read to see their shipments: several at a time, each once. */
import { AppError } from '../../errors.js';
import type { JsonRecord } from '../../orderdesk/parse/json.js';
import type { Surroundings } from '../change-type.js';

/** Other calls of the store have their places as well. */
const AT_ONCE = 4;

/** By id: the order, or `gone` where Order Desk has none; nothing for one that was not read. */
export type ReadOrders = ReadonlyMap<string, JsonRecord | 'gone'>;

/** All of them. @throws AppError as reads do */
export async function readOrders(orderIds: readonly string[], around: Surroundings): Promise<ReadOrders> {
  const { orders, failure } = await readMany(orderIds, around);
  if (failure !== undefined) throw failure;
  return orders;
}

/** As many as can be read: what was known without them stands. */
export const readableOrders = async (
  orderIds: readonly string[],
  around: Surroundings,
): Promise<ReadOrders> => (await readMany(orderIds, around)).orders;

async function readMany(
  orderIds: readonly string[],
  { reads, store, ctx }: Surroundings,
): Promise<{ readonly orders: ReadOrders; readonly failure: AppError | undefined }> {
  const orders = new Map<string, JsonRecord | 'gone'>();
  const waiting = [...new Set(orderIds)];
  let failure: AppError | undefined;
  const one = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined && failure === undefined; id = waiting.shift()) {
      try {
        orders.set(id, (await reads.order(store, id, ctx, { lenient: true })).raw);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (error.code === 'not_found') orders.set(id, 'gone');
        else failure = error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return { orders, failure };
}
