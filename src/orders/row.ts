/** One order as a row of a list: about a hundred tokens, with more on request. */
import type { OrderView } from '../orderdesk/views.js';
import { fitEntries, jsonSize } from './budget.js';
import { sentByItem } from './joined.js';
import {
  type Address,
  addressOf,
  type Discount,
  discountsOf,
  type Item,
  itemOf,
  type Note,
  NUMBER,
  notesOf,
  personName,
  SHORT,
  type Shipment,
  shipmentOf,
  type Totals,
  totalsOf,
} from './sections.js';
import { type ShippedState, shippedState } from './shipped.js';
import { clip, clipMap, clipOrNull, clipValue } from './text.js';

export type RowExtras = {
  updated: string | null;
  email: string | null;
  phone: string | null;
  company: string | null;
  customer_id: string | null;
  shipping_method: string | null;
  payment_type: string | null;
  tag: string | null;
  fulfillment: string | null;
  ship_to: Address;
  bill_to: Address;
  totals: Totals;
  discounts: Discount[];
  items: Item[];
  shipments: Shipment[];
  notes: Note[];
  checkout_data: Record<string, string>;
  metadata: Record<string, unknown>;
};

/** Every extra field a row can carry. */
export const ROW_FIELDS = [
  'updated',
  'email',
  'phone',
  'company',
  'customer_id',
  'shipping_method',
  'payment_type',
  'tag',
  'fulfillment',
  'ship_to',
  'bill_to',
  'totals',
  'discounts',
  'items',
  'shipments',
  'notes',
  'checkout_data',
  'metadata',
] as const satisfies readonly (keyof RowExtras)[];

export type RowField = (typeof ROW_FIELDS)[number];

export type OrderRow = Partial<RowExtras> & {
  id: string;
  source_id: string | null;
  source_name: string | null;
  folder: string | null;
  added: string;
  name: string | null;
  city: string | null;
  country: string | null;
  units: number;
  total: string;
  payment_status: string | null;
  shipped: ShippedState;
  tracking: string[];
  /** Fields that were asked for and left out because the row alone was too large. */
  cut_fields?: RowField[];
};

const TRACKING_SHOWN = 3;
const MAP_ROOM = 6_000;

const EXTRAS: { readonly [F in RowField]: (order: OrderView) => RowExtras[F] } = {
  updated: (order) => order.updatedAt,
  email: (order) => clipOrNull(order.email, SHORT),
  phone: (order) => clipOrNull(order.shipping.phone ?? order.customer.phone, SHORT),
  company: (order) => clipOrNull(order.shipping.company ?? order.customer.company, SHORT),
  customer_id: (order) => clipOrNull(order.customerId, SHORT),
  shipping_method: (order) => clipOrNull(order.shippingMethod, SHORT),
  payment_type: (order) => clipOrNull(order.paymentType, SHORT),
  tag: (order) => clipOrNull(order.tag, SHORT),
  fulfillment: (order) => clipOrNull(order.fulfillment.name, SHORT),
  ship_to: (order) => addressOf(order.shipping),
  bill_to: (order) => addressOf(order.customer),
  totals: totalsOf,
  discounts: discountsOf,
  items: (order) => {
    const sent = sentByItem(order);
    return order.items.map((item) => itemOf(item, false, sent.get(item)));
  },
  shipments: (order) => order.shipments.map((shipment) => shipmentOf(shipment, order.items)),
  notes: (order) => notesOf(order.notes),
  checkout_data: (order) => clipMap(order.checkoutData, MAP_ROOM, clip),
  metadata: (order) => clipMap(order.metadata, MAP_ROOM, clipValue),
};

/** @param folderName the name of a folder id; `null` for one the store no longer has */
export function orderRow(
  order: OrderView,
  folderName: (id: string) => string | null,
  fields: readonly RowField[],
): OrderRow {
  const row: OrderRow = {
    id: clip(order.id, NUMBER),
    source_id: clipOrNull(order.sourceId, SHORT),
    source_name: clipOrNull(order.sourceName, SHORT),
    folder: order.folderId === null ? null : clip(folderName(order.folderId) ?? order.folderId, SHORT),
    added: order.addedAt,
    name: recipient(order),
    city: clipOrNull(order.shipping.city ?? order.customer.city, SHORT),
    country: clipOrNull(order.shipping.country ?? order.customer.country, SHORT),
    units: order.totals.quantity,
    total: clip(order.totals.order, NUMBER),
    payment_status: clipOrNull(order.paymentStatus, SHORT),
    shipped: shippedState(order),
    tracking: trackingNumbers(order),
  };
  for (const field of fields) addExtra(row, field, order);
  return row;
}

function addExtra<F extends RowField>(row: Partial<RowExtras>, field: F, order: OrderView): void {
  row[field] = EXTRAS[field](order);
}

const recipient = ({ shipping, customer }: OrderView): string | null =>
  personName(shipping) ??
  clipOrNull(shipping.company, SHORT) ??
  personName(customer) ??
  clipOrNull(customer.company, SHORT);

/** Order Desk wants a number with every shipment; one that has none gets this (Order Desk API, shipments). */
const NO_NUMBER = 'n/a';

const trackingNumbers = ({ shipments }: OrderView): string[] =>
  shipments
    .flatMap(({ trackingNumber: number }) =>
      number === null || number.toLowerCase() === NO_NUMBER ? [] : [clip(number, SHORT)],
    )
    .slice(0, TRACKING_SHOWN);

/**
 * The rows that fit into `room` characters of JSON. A first row that is larger than all of it loses its largest extra
 * fields, named in `cut_fields`, so that a list always goes on.
 */
export function fitRows(rows: readonly OrderRow[], room: number): OrderRow[] {
  const [first, ...rest] = rows;
  if (first === undefined) return [];
  const head = shrinkRow(first, room);
  return [head, ...fitEntries(rest, room - jsonSize(head) - 1).kept];
}

function shrinkRow(row: OrderRow, room: number): OrderRow {
  const shrunk: OrderRow = { ...row };
  const cut: RowField[] = [];
  while (jsonSize(shrunk) + 1 > room) {
    const largest = largestExtra(shrunk);
    if (largest === undefined) break;
    delete shrunk[largest];
    cut.push(largest);
    shrunk.cut_fields = cut;
  }
  return shrunk;
}

function largestExtra(row: OrderRow): RowField | undefined {
  const sizes = ROW_FIELDS.filter((field) => row[field] !== undefined).map((field) => ({
    field,
    size: jsonSize(row[field]),
  }));
  return sizes.sort((a, b) => b.size - a.size)[0]?.field;
}
