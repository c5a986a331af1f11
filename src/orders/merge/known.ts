/** The fields of Order Desk's records: which a caller may set, and why not the others (Order Desk API, objects). */
import { PAYMENT_STATUSES } from '../scan-filter.js';
import type { ValueField } from './values.js';

/** Set by Order Desk, or by another way. */
interface FixedField {
  readonly kind: 'fixed';
  readonly hint: string;
}

/** A map of which a caller may name single keys. */
interface MapField {
  readonly kind: 'map';
  /** The only keys there are; all of them text. */
  readonly parts?: readonly string[];
  /** `plain`: text, numbers, true and false. `any`: whatever JSON holds. */
  readonly values: 'text' | 'plain' | 'any';
}

export type Field = ValueField | FixedField | MapField | { readonly kind: 'discounts' | 'items' | 'notes' };
export type Fields = Readonly<Record<string, Field>>;

/** How a kind of record is called in a sentence, and its fields. */
export interface Known {
  readonly name: string;
  readonly fields: Fields;
}

const text: Field = { kind: 'text' };
const requiredText: Field = { kind: 'text', required: true };
const charge: Field = { kind: 'number', min: 0 };
const amount: Field = { kind: 'number' };
const fixed = (hint: string): Field => ({ kind: 'fixed', hint });

const computed = fixed('Order Desk computes it from the items, discounts and charges.');
const kept = fixed('Order Desk sets it itself.');
const card = fixed('Details of cards are not handled here.');
const folder = fixed('move_orders moves orders to a folder.');

const PERSON = ['first_name', 'last_name', 'company', 'address1', 'address2'];
const PLACE = ['city', 'state', 'postal_code', 'country', 'phone'];
const address = (parts: readonly string[]): Field => ({ kind: 'map', parts, values: 'text' });
const plainMap: Field = { kind: 'map', values: 'plain' };
const anyMap: Field = { kind: 'map', values: 'any' };

const ORDER_FIELDS: Fields = {
  email: text,
  shipping_method: text,
  shipping_total: charge,
  handling_total: charge,
  tax_total: charge,
  payment_type: text,
  payment_status: { kind: 'text', oneOf: PAYMENT_STATUSES },
  processor_response: text,
  processor_balance: amount,
  customer_id: text,
  source_name: text,
  tag_name: text,
  shipping: address([...PERSON, 'address3', 'address4', ...PLACE]),
  customer: address([...PERSON, ...PLACE]),
  return_address: address(['title', 'name', 'company', 'address1', 'address2', ...PLACE]),
  checkout_data: plainMap,
  order_metadata: anyMap,
  discount_list: { kind: 'discounts' },
  order_items: { kind: 'items' },
  order_notes: { kind: 'notes' },
  id: kept,
  quantity_total: computed,
  weight_total: computed,
  product_total: computed,
  discount_total: fixed('Order Desk computes it: set discount_list.'),
  order_total: computed,
  refund_total: fixed('Refunds are made in Order Desk.'),
  email_count: kept,
  date_added: fixed('Order Desk keeps the date of an order that is there.'),
  date_updated: kept,
  order_history: fixed('add_order_note adds to the history.'),
  order_shipments: fixed('add_shipments adds shipments; the toolset shipments changes and deletes them.'),
  folder_id: folder,
  folder_name: folder,
  folder,
  source_id: fixed('Order Desk keeps the number that the order has in its shop.'),
  cc_number: card,
  cc_number_masked: card,
  cc_exp: card,
  ip_address: fixed('It tells where the order came from.'),
  fulfillment_name: fixed('Order Desk sets it when the order is sent for fulfilment.'),
  fulfillment_id: fixed('Order Desk sets it when the order is sent for fulfilment.'),
  tag_color: fixed('Order Desk does not use it: set tag_name.'),
};

export const ORDER: Known = { name: 'an order', fields: ORDER_FIELDS };

/** What can be said of an order only as long as it is not there. */
export const NEW_ORDER: Known = {
  name: 'a new order',
  fields: {
    ...ORDER_FIELDS,
    source_id: text,
    folder_id: { kind: 'number', min: 1, whole: true },
    date_added: text,
    order_shipments: fixed('add_shipments adds shipments once the order is there.'),
    order_history: fixed('add_order_note adds to the history once the order is there.'),
  },
};

export const ITEM: Known = {
  name: 'an item',
  fields: {
    name: requiredText,
    price: amount,
    quantity: { kind: 'number', min: 0, whole: true },
    weight: charge,
    code: text,
    delivery_type: { kind: 'text', oneOf: ['ship', 'noship', 'download', 'future'] },
    category_code: text,
    fulfillment_method: text,
    variation_list: plainMap,
    metadata: anyMap,
    id: kept,
  },
};

const label = fixed('It belongs to the label that was printed.');

export const SHIPMENT: Known = {
  name: 'a shipment',
  fields: {
    tracking_number: requiredText,
    carrier_code: text,
    shipment_method: text,
    weight: { kind: 'measure' },
    cost: { kind: 'measure' },
    status: text,
    tracking_url: text,
    id: kept,
    order_id: kept,
    store_id: kept,
    weight_unit: kept,
    source: kept,
    date_shipped: kept,
    date_added: kept,
    order_items: fixed('Delete the shipment, and add it again with the items that it holds.'),
    label_format: label,
    label_image: label,
    label_shipment_id: label,
    print_status: label,
    cart_shipment_id: kept,
  },
};

export const INVENTORY: Known = {
  name: 'an inventory item',
  fields: {
    name: requiredText,
    code: requiredText,
    price: amount,
    cost: amount,
    weight: charge,
    stock: amount,
    location: text,
    manufacturer_sku: text,
    variation_list: plainMap,
    metadata: anyMap,
    update_source: text,
    id: kept,
    date_added: kept,
    date_updated: kept,
  },
};

/** Names of the fields that can be set, for a hint. */
export const settable = ({ fields }: Known): string =>
  Object.entries(fields)
    .filter(([, { kind }]) => kind !== 'fixed')
    .map(([name]) => name)
    .join(', ');
