/** The reading endpoints. */
import { formatUtc } from './dates.js';
import { failure, member, rawMember } from './envelope.js';
import { orderFilter } from './filters.js';
import type { Handler } from './handler.js';
import { withOrder } from './lookup.js';
import { storeJson } from './settings.js';
import { orderSorting, paging, sortOrders } from './sorting.js';
import type { OrderRecord } from './types.js';

export const readTest: Handler = (context) => ({
  ok: true,
  message: 'Connection Successful',
  members: [member('current_date_time', formatUtc(context.now()))],
});

export const readStore: Handler = ({ profile, records, switches }) => ({
  ok: true,
  members: [rawMember('store', storeJson(profile, records.folders(), switches))],
});

export const listOrders: Handler = (context, _ids, query) => {
  const { records, renderer, switches } = context;
  const matches = orderFilter(query, { folders: records.folders(), local: context.local, switches });
  if (typeof matches !== 'function') return matches;
  const sorting = orderSorting(query, switches);
  if ('ok' in sorting) return sorting;
  const page = paging(query, switches);
  if ('ok' in page) return page;

  const found = records.orders().filter(matches);
  const inOrder = sorted(found);
  const shown = inOrder.slice(page.offset, page.offset + page.limit);
  const withHistory = query.get('get_order_history') === '1';
  const texts = shown.map((order) =>
    withHistory ? renderer.withHistory(order, records.history(order.id)) : renderer.order(order),
  );
  return {
    ok: true,
    aboutOrders: true,
    members: [
      member('total_records', found.length),
      member('records_returned', shown.length),
      member('offset', page.offset),
      member('limit', page.limit),
      rawMember('orders', `[${texts.join(',')}]`),
    ],
  };

  function sorted(orders: OrderRecord[]): readonly OrderRecord[] {
    if ('ok' in sorting) return orders;
    if (switches.ties === 'shuffled') return sortOrders(orders, sorting, context.requestNumber);
    // The records come by date and id already.
    if (sorting.field === 'date_added') return sorting.descending ? orders.reverse() : orders;
    return sortOrders(orders, sorting, undefined);
  }
};

export const readOrder: Handler = (context, ids, query) =>
  withOrder(context, ids, (order) => {
    const { renderer, records, switches } = context;
    const withHistory =
      switches.historyOnSingleOrder === 'honoured' && query.get('get_order_history') === '1';
    const text = withHistory ? renderer.withHistory(order, records.history(order.id)) : renderer.order(order);
    return { ok: true, aboutOrders: true, members: [rawMember('order', text)] };
  });

export const listItems: Handler = (context, ids) =>
  withOrder(context, ids, ({ order_items }) => ({
    ok: true,
    members: [
      member('total_records', order_items.length),
      rawMember('order_items', `[${order_items.map(context.renderer.item).join(',')}]`),
    ],
  }));

export const readItem: Handler = (context, ids) =>
  withOrder(context, ids, (order) => {
    const item = order.order_items.find(({ id }) => id === ids[1]);
    if (item === undefined) return failure(context.switches.unknownId, 'Order Item Not Found');
    return { ok: true, members: [rawMember('order_item', context.renderer.item(item))] };
  });

export const listShipments: Handler = (context, ids) =>
  withOrder(context, ids, ({ order_shipments }) => ({
    ok: true,
    members: [member('total_records', order_shipments.length), member('shipments', order_shipments)],
  }));

export const readShipment: Handler = (context, ids) =>
  withOrder(context, ids, (order) => {
    const shipment = order.order_shipments.find(({ id }) => id === ids[1]);
    if (shipment === undefined) return failure(context.switches.unknownId, 'Shipment Not Found');
    return { ok: true, members: [member('shipment', shipment)] };
  });

/** Its totals are as odd as Order Desk's: text, and not to be relied on when filtered. */
export const listInventory: Handler = ({ records, switches }, _ids, query) => {
  const codes = (query.get('code') ?? '').split(',').filter((code) => code !== '');
  const all = records.inventory();
  const matches =
    switches.inventoryCodeFilter === 'exact'
      ? (code: string) => codes.includes(code)
      : (code: string) => codes.some((wanted) => code.includes(wanted));
  const found = codes.length === 0 ? all : all.filter((item) => matches(item.code));
  const page = paging(query, switches);
  if ('ok' in page) return page;
  const shown =
    switches.inventoryPaging === 'honoured' ? found.slice(page.offset, page.offset + page.limit) : found;
  const total = codes.length > 0 && switches.inventoryFilteredTotal === 'zero' ? 0 : found.length;
  return {
    ok: true,
    members: [
      member('records_returned', shown.length),
      member('initial_records_returned', shown.length),
      member('total_records', String(total)),
      member('inventory_items', shown),
    ],
  };
};

export const readInventoryItem: Handler = ({ records, switches }, ids) => {
  const item = records.inventoryItem(ids[0] ?? '');
  if (item === undefined) return failure(switches.unknownId, 'Inventory Item Not Found');
  return { ok: true, members: [member('inventory_item', item)] };
};
