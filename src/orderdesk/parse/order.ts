import type { Order, OrderPage } from '../port.js';
import type { OrderView } from '../views.js';
import { parseAddress } from './address.js';
import { textMap, withoutBulk } from './bulk.js';
import { instant, requiredInstant } from './date.js';
import { parseItem } from './item.js';
import {
  count,
  decimal,
  id,
  type JsonRecord,
  malformed,
  map,
  number,
  optionalId,
  records,
  requiredDecimal,
  text,
} from './json.js';
import { parseShipment } from './shipment.js';

/**
 * One order as `{view, raw}`; `raw` is the very record given.
 * @throws AppError `upstream_malformed`, naming the field
 */
export function parseOrder(raw: JsonRecord, at: string): Order {
  return { view: parseView(raw, at), raw };
}

/**
 * A page of a search: `orders`, `offset`, `total_records` of the reply, and the `limit` that was asked for. Fewer
 * orders than the limit end the list, so where Order Desk gives no total they can still be counted.
 * @throws AppError `upstream_malformed`, naming the field
 */
export function parseOrderPage(page: JsonRecord): OrderPage {
  if (page.orders === undefined) throw malformed('', 'orders', 'there');
  const orders = records(page, 'orders', '', parseOrder);
  const offset = count(page, 'offset', '') ?? 0;
  const total = count(page, 'total_records', '');
  if (total !== undefined) return { orders, total, offset };
  if (orders.length >= (count(page, 'limit', '') ?? 0)) throw malformed('', 'total_records', 'there');
  return { orders, total: offset + orders.length, offset };
}

function parseView(order: JsonRecord, at: string): OrderView {
  return {
    id: id(order, 'id', at),
    sourceId: text(order, 'source_id', at),
    sourceName: text(order, 'source_name', at),
    folderId: optionalId(order, 'folder_id', at),
    email: text(order, 'email', at),
    customerId: optionalId(order, 'customer_id', at),
    addedAt: requiredInstant(order, 'date_added', at),
    updatedAt: instant(order, 'date_updated'),
    shippingMethod: text(order, 'shipping_method', at),
    paymentType: text(order, 'payment_type', at),
    paymentStatus: text(order, 'payment_status', at),
    tag: text(order, 'tag_name', at),
    fulfillment: { name: text(order, 'fulfillment_name', at), id: optionalId(order, 'fulfillment_id', at) },
    totals: parseTotals(order, at),
    shipping: parseAddress(order, 'shipping', at),
    customer: parseAddress(order, 'customer', at),
    checkoutData: textMap(map(order, 'checkout_data', at)),
    metadata: withoutBulk(map(order, 'order_metadata', at)),
    discounts: records(order, 'discount_list', at, parseDiscount),
    notes: records(order, 'order_notes', at, parseNote),
    history: records(order, 'order_history', at, parseHistoryEntry),
    items: records(order, 'order_items', at, parseItem),
    shipments: records(order, 'order_shipments', at, parseShipment),
  };
}

function parseTotals(order: JsonRecord, at: string): OrderView['totals'] {
  return {
    product: decimal(order, 'product_total', at),
    shipping: decimal(order, 'shipping_total', at),
    handling: decimal(order, 'handling_total', at),
    tax: decimal(order, 'tax_total', at),
    discount: decimal(order, 'discount_total', at),
    order: requiredDecimal(order, 'order_total', at),
    refund: decimal(order, 'refund_total', at),
    quantity: number(order, 'quantity_total', at),
    weight: decimal(order, 'weight_total', at),
  };
}

function parseDiscount(discount: JsonRecord, at: string): OrderView['discounts'][number] {
  return {
    name: text(discount, 'name', at) ?? '',
    code: text(discount, 'code', at),
    amount: decimal(discount, 'amount', at),
  };
}

function parseNote(note: JsonRecord, at: string): OrderView['notes'][number] {
  return {
    at: instant(note, 'date_added'),
    by: text(note, 'username', at),
    text: text(note, 'content', at) ?? '',
  };
}

function parseHistoryEntry(entry: JsonRecord, at: string): OrderView['history'][number] {
  return {
    at: instant(entry, 'date_added'),
    by: text(entry, 'source_name', at),
    text: text(entry, 'note', at) ?? '',
  };
}
