/** Orders as JSON text. Records never change in place, so the text of one is made once and kept while it lives. */
import type { SandboxSwitches } from './switches.js';
import type { HistoryRecord, ItemRecord, OrderRecord } from './types.js';

export interface OrderRenderer {
  order(order: OrderRecord): string;
  withHistory(order: OrderRecord, history: readonly HistoryRecord[]): string;
  item(item: ItemRecord): string;
}

export function createOrderRenderer(switches: SandboxSwitches): OrderRenderer {
  const texts = new WeakMap<OrderRecord, string>();
  const priced = (item: ItemRecord) =>
    switches.itemPriceType === 'number' ? item : { ...item, price: item.price.toFixed(2) };

  const render = (order: OrderRecord): string => {
    const known = texts.get(order);
    if (known !== undefined) return known;
    const text = JSON.stringify({ ...order, order_items: order.order_items.map(priced) });
    texts.set(order, text);
    return text;
  };

  return {
    order: render,
    withHistory: (order, history) =>
      `${render(order).slice(0, -1)},"order_history":${JSON.stringify(history)}}`,
    item: (item) => JSON.stringify(priced(item)),
  };
}
