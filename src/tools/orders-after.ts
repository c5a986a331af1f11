/** Where orders stand after a write whose rules may have moved them. */
import type { ChangeAnswer } from '../changes/port.js';
import { AppError } from '../errors.js';
import type { CallContext } from '../mcp/catalogue.js';
import type { StoreGateway } from '../orderdesk/port.js';
import { shippedState } from '../orders/shipped.js';
import { clipOrNull } from '../orders/text.js';
import { folderNames } from './store-context.js';

/** Each is a request. */
const MOST_ORDERS = 10;

export interface OrderAfter {
  readonly order_id: string;
  readonly folder: string | null;
  readonly shipped: string;
}

export interface OrdersAfter {
  readonly orders: OrderAfter[];
  readonly remarks: readonly string[];
}

const NOTHING: OrdersAfter = { orders: [], remarks: [] };

/**
 * Orders that this call changed, if they are few. The write is done by then: whatever fails here takes nothing away from
 * its answer.
 */
export async function ordersAfter(
  gateway: Pick<StoreGateway, 'store' | 'getOrder'>,
  answer: ChangeAnswer,
  ctx: CallContext,
): Promise<OrdersAfter> {
  const { lines, store } = answer;
  if (answer.outcome === 'preview' || answer.replayed) return NOTHING;
  const changed = lines
    .filter(({ outcome }) => outcome === 'applied')
    .flatMap(({ target }) => target.id ?? []);
  const ids = [...new Set(changed)];
  if (ids.length === 0 || ids.length > MOST_ORDERS) return NOTHING;
  try {
    const folderName = folderNames(await gateway.store(store, ctx));
    const orders = await Promise.all(ids.map((id) => gateway.getOrder(store, id, ctx)));
    return {
      orders: orders.map(({ view }) => ({
        order_id: view.id,
        folder: clipOrNull(view.folderId === null ? null : folderName(view.folderId), 200),
        shipped: shippedState(view),
      })),
      remarks: [],
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { orders: [], remarks: [NOT_READ] };
  }
}

const NOT_READ = 'How the orders stand now could not be read; get_order shows it.';
