import { AppError } from '../../errors.js';
import type { Order, OrderPage, UnreadableOrder } from '../port.js';
import type { OrderView } from '../views.js';
import { parseAddress } from './address.js';
import { textMap, withoutBulk } from './bulk.js';
import { instant, requiredInstant } from './date.js';
import { parseItem } from './item.js';
import {
  count,
  decimal,
  id,
  isRecord,
  type JsonRecord,
  list,
  malformed,
  map,
  number,
  optionalId,
  records,
  requiredDecimal,
  text,
} from './json.js';
import { plainWriter, withoutMark } from './marks.js';
import { parseShipment } from './shipment.js';

const IN_ORDER_DESK = 'It can be seen, and what is odd put right, in Order Desk itself.';
const ORDER_ID = /^[1-9]\d{0,18}$/;

/**
 * One order as `{view, raw}`; `raw` is the very record given.
 * @throws AppError `upstream_malformed`, naming the field
 */
export function parseOrder(raw: JsonRecord, at: string): Order {
  try {
    return { view: parseView(raw, at), raw };
  } catch (error) {
    if (!(error instanceof AppError) || error.field === undefined) throw error;
    throw new AppError(error.code, error.message, { field: error.field, hint: IN_ORDER_DESK });
  }
}

/**
 * A page of a search: `orders`, `offset`, `total_records` of the reply, the `limit` that was asked for and `took_ms`, how
 * long it took. Fewer records than the limit end the list, so where Order Desk gives no total they can still be counted.
 * An order that makes no sense must not hide all others: it is passed over, and what can be told of it is told.
 * @throws AppError `upstream_malformed`, naming the field, where there is no list though something is counted, or nothing in it is as much as the id
 *   or the date of an order; one such order may well be a page of its own
 */
export function parseOrderPage(page: JsonRecord): OrderPage {
  const offset = count(page, 'offset', '') ?? 0;
  const total = count(page, 'total_records', '');
  const isPastTheEnd = total !== undefined && offset >= total;
  if (page.orders === undefined) throw malformed('', 'orders', 'there');
  if ((page.orders === null || page.orders === '') && !isPastTheEnd) throw malformed('', 'orders', 'a list');
  const read = parseOrders(list(page, 'orders', ''));
  const records = read.orders.length + read.unreadable.length;
  const tookMs = number(page, 'took_ms', '');
  if (total !== undefined) return { ...read, total, offset, tookMs };
  if (records >= (count(page, 'limit', '') ?? 0)) throw malformed('', 'total_records', 'there');
  return { ...read, total: offset + records, offset, tookMs };
}

function parseOrders(values: readonly unknown[]): Pick<OrderPage, 'orders' | 'unreadable'> {
  const orders: Order[] = [];
  const unreadable: UnreadableOrder[] = [];
  let firstFailure: AppError | undefined;
  for (const [index, value] of values.entries()) {
    try {
      if (!isRecord(value)) throw malformed('orders', index, 'an object');
      orders.push(parseOrder(value, `orders.${index}`));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      firstFailure ??= error;
      unreadable.push(whatCanBeRead(isRecord(value) ? value : {}, index));
    }
  }
  const isNoOrder = ({ id, addedAt }: UnreadableOrder) => id === '' && addedAt === null;
  if (firstFailure !== undefined && orders.length === 0 && unreadable.every(isNoOrder)) throw firstFailure;
  return { orders, unreadable };
}

function whatCanBeRead(order: JsonRecord, index: number): UnreadableOrder {
  const { id, source_id: sourceId } = order;
  // A number too large for JSON would be the id of another order.
  const written = typeof id === 'string' || Number.isSafeInteger(id) ? String(id) : '';
  return {
    id: ORDER_ID.test(written) ? written : '',
    sourceId: typeof sourceId === 'string' || typeof sourceId === 'number' ? String(sourceId) : null,
    addedAt: instant(order, 'date_added'),
    updatedAt: instant(order, 'date_updated'),
    index,
  };
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
    metadata: withoutBulk(withoutMark(map(order, 'order_metadata', at))),
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
    by: plainWriter(text(entry, 'source_name', at)),
    text: text(entry, 'note', at) ?? '',
  };
}
