/** Goods that are still to be sent and that the inventory does not have. */
import type { ItemView, OrderView } from '../../orderdesk/views.js';
import { shippedState } from '../shipped.js';
import { clip } from '../text.js';
import type { Subject } from './check.js';

/** Units on stock by item code: `null` for a code that the inventory does not know, absent for one not looked up. */
export type StockByCode = ReadonlyMap<string, number | null>;

/** More codes of one order than this are counted, not named. */
const NAMED = 5;

/** The codes of an order's goods that no shipment holds yet, each once; none for an order that is done. */
export function codesToSend({ view, folder }: Subject): string[] {
  const shipped = shippedState(view);
  if (folder !== 'open' || (shipped !== 'no' && shipped !== 'partly')) return [];
  const open = view.items.filter((item) => isGoods(item) && !isSent(item, view.shipments));
  return [...new Set(open.flatMap(({ code }) => (code === null ? [] : [code])))];
}

/** The rule that fired for an order with these codes still to be sent. */
export function withoutStock(codes: readonly string[], stock: StockByCode): string | undefined {
  const short = codes.filter((code) => stock.has(code) && (stock.get(code) ?? 0) <= 0);
  if (short.length === 0) return undefined;
  const named = short.slice(0, NAMED).map((code) => {
    const units = stock.get(code) ?? null;
    return `${clip(code, 60)} ${units === null ? 'is not in the inventory' : `has stock ${units}`}`;
  });
  const more = short.length > NAMED ? ` and ${short.length - NAMED} more` : '';
  return `To be sent: ${named.join(', ')}${more}; threshold: stock above 0.`;
}

/** Neither a download nor a service: alone in an order, it would have to be shipped. */
const isGoods = (item: ItemView): boolean => shippedState({ items: [item], shipments: [] }) === 'no';

/** Shipments that name the item hold all of it. */
function isSent(item: ItemView, shipments: OrderView['shipments']): boolean {
  const lines = shipments.flatMap((shipment) => shipment.items);
  const sent = lines
    .filter(({ id, code }) => (id === null ? code === item.code : id === item.id))
    .reduce((sum, { quantity }) => sum + quantity, 0);
  return sent >= item.quantity;
}
