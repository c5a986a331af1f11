/** Adding, replacing and removing items of an order. The order's totals follow; an answer gives no id. */
import { type Answer, failure, type Success } from '../envelope.js';
import type { Handler, HandlerContext } from '../handler.js';
import { withOrder } from '../lookup.js';
import { withTotals } from '../order-defaults.js';
import type { ItemRecord, OrderRecord } from '../types.js';
import { objectBody } from './json.js';
import { readItem } from './order-fields.js';
import { invalid } from './refusals.js';

export const addItem: Handler = (context, ids, _query, body) =>
  withOrder(context, ids, (order) => {
    const source = objectBody(body);
    const item = source && readItem(source);
    if (item === undefined || item.name === '') return invalid(context.switches, 'A name is required');
    const added = { ...item, id: context.records.newItemId() };
    return saveItems(context, order, [...order.order_items, added], 'Order Item Added');
  });

export const replaceItem: Handler = (context, ids, _query, body) =>
  withItem(context, ids, (order, item) => {
    const source = objectBody(body);
    if (source === undefined) return invalid(context.switches, 'Invalid Request');
    const sent = readItem(context.switches.itemPut === 'merged' ? { ...item, ...source } : source);
    const items = order.order_items.map((other) => (other === item ? { ...sent, id: item.id } : other));
    return saveItems(context, order, items, 'Order Item Updated');
  });

export const removeItem: Handler = (context, ids) =>
  withItem(context, ids, (order, item) => {
    const others = order.order_items.filter((other) => other !== item);
    return saveItems(context, order, others, `Order Item ${item.id} Deleted`);
  });

function withItem(
  context: HandlerContext,
  ids: readonly string[],
  answer: (order: OrderRecord, item: ItemRecord) => Answer,
): Answer {
  return withOrder(context, ids, (order) => {
    const item = order.order_items.find(({ id }) => id === ids[1]);
    return item === undefined
      ? failure(context.switches.unknownId, 'Order Item Not Found')
      : answer(order, item);
  });
}

function saveItems(
  context: HandlerContext,
  order: OrderRecord,
  items: readonly ItemRecord[],
  message: string,
): Success {
  context.records.replaceOrder(withTotals({ ...order, order_items: items }));
  if (context.switches.editRules === 'fired') context.fireRules('order_details_changed', order.id);
  return { ok: true, message, members: [] };
}
