/** The fields of an order and of its items as a client sends them. What is left out is blank. */
import type {
  CustomerAddress,
  DiscountRecord,
  ItemRecord,
  NoteRecord,
  OrderRecord,
  ReturnAddress,
  ShippingAddress,
} from '../types.js';
import { amount, fields, list, map, nested, numberOr, text } from './json.js';

const place = {
  city: text,
  state: text,
  postal_code: text,
  country: text,
  phone: text,
};

const readShipping = fields<ShippingAddress>({
  first_name: text,
  last_name: text,
  company: text,
  address1: text,
  address2: text,
  address3: text,
  address4: text,
  ...place,
});

const readCustomer = fields<CustomerAddress>({
  first_name: text,
  last_name: text,
  company: text,
  address1: text,
  address2: text,
  ...place,
});

const readReturnAddress = fields<ReturnAddress>({
  title: text,
  name: text,
  company: text,
  address1: text,
  address2: text,
  ...place,
});

const readDiscount = fields<DiscountRecord>({ name: text, code: text, amount });

const readNote = fields<NoteRecord>({ date_added: text, username: text, content: text });

/** Order Desk API, order items: price 0, quantity 1 (a whole number) and `ship` where nothing is said. */
export const readItem = fields<ItemRecord>({
  id: text,
  name: text,
  price: numberOr(0),
  quantity: (value) => Math.trunc(numberOr(1)(value)),
  weight: numberOr(0),
  code: text,
  delivery_type: (value) => text(value) || 'ship',
  category_code: text,
  fulfillment_method: text,
  variation_list: map,
  metadata: map,
});

/** Shipments and history are not read: an order that is sent cannot change them. */
export const readOrder = fields<OrderRecord>({
  id: text,
  email: text,
  shipping_method: text,
  quantity_total: numberOr(0),
  weight_total: numberOr(0),
  product_total: numberOr(0),
  shipping_total: numberOr(0),
  handling_total: numberOr(0),
  tax_total: numberOr(0),
  discount_total: numberOr(0),
  order_total: numberOr(0),
  cc_number_masked: text,
  cc_exp: text,
  processor_response: text,
  payment_type: text,
  payment_status: text,
  processor_balance: numberOr(0),
  refund_total: numberOr(0),
  customer_id: text,
  email_count: text,
  ip_address: text,
  tag_color: text,
  source_name: text,
  source_id: text,
  fulfillment_name: text,
  fulfillment_id: text,
  tag_name: text,
  folder_id: numberOr(0),
  date_added: text,
  date_updated: text,
  shipping: nested(readShipping),
  customer: nested(readCustomer),
  return_address: nested(readReturnAddress),
  checkout_data: map,
  order_metadata: map,
  discount_list: list(readDiscount),
  order_notes: list(readNote),
  order_items: list(readItem),
  order_shipments: () => [],
});
