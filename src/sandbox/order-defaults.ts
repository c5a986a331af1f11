/** An order from what is known of it: blank where nothing was said, with the totals that Order Desk computes. */
import type { CustomerAddress, ItemRecord, OrderRecord, ReturnAddress, ShippingAddress } from './types.js';

/** What may be said of a new order; everything may be left out. */
export type OrderInput = Partial<
  Omit<OrderRecord, 'shipping' | 'customer' | 'return_address' | 'order_items'>
> & {
  readonly shipping?: Partial<ShippingAddress>;
  readonly customer?: Partial<CustomerAddress>;
  readonly return_address?: Partial<ReturnAddress>;
  readonly order_items?: readonly Partial<ItemRecord>[];
};

const blankCustomer: CustomerAddress = {
  first_name: '',
  last_name: '',
  company: '',
  address1: '',
  address2: '',
  city: '',
  state: '',
  postal_code: '',
  country: '',
  phone: '',
};

const { first_name, last_name, company, address1, address2, ...restOfAddress } = blankCustomer;

const blankShipping: ShippingAddress = {
  first_name,
  last_name,
  company,
  address1,
  address2,
  address3: '',
  address4: '',
  ...restOfAddress,
};

export const blankReturnAddress: ReturnAddress = {
  title: '',
  name: '',
  company: '',
  address1: '',
  address2: '',
  city: '',
  state: '',
  postal_code: '',
  country: '',
  phone: '',
};

const blankItem: ItemRecord = {
  id: '',
  name: '',
  price: 0,
  quantity: 1,
  weight: 0,
  code: '',
  delivery_type: 'ship',
  category_code: '',
  fulfillment_method: '',
  variation_list: [],
  metadata: [],
};

/** In the order in which Order Desk sends the fields. */
const blankOrder: OrderRecord = {
  id: '',
  email: '',
  shipping_method: '',
  quantity_total: 0,
  weight_total: 0,
  product_total: 0,
  shipping_total: 0,
  handling_total: 0,
  tax_total: 0,
  discount_total: 0,
  order_total: 0,
  cc_number_masked: '',
  cc_exp: '',
  processor_response: '',
  payment_type: '',
  payment_status: 'Captured',
  processor_balance: 0,
  refund_total: 0,
  customer_id: '',
  email_count: '0',
  ip_address: '',
  tag_color: '',
  source_name: 'Order Desk',
  source_id: '',
  fulfillment_name: '',
  fulfillment_id: '',
  tag_name: '',
  folder_id: 0,
  date_added: '',
  date_updated: '',
  shipping: blankShipping,
  customer: blankCustomer,
  return_address: blankReturnAddress,
  checkout_data: [],
  order_metadata: [],
  discount_list: [],
  order_notes: [],
  order_items: [],
  order_shipments: [],
};

export interface Identity {
  readonly id: string;
  readonly folderId: number;
  /** UTC text. */
  readonly now: string;
  nextItemId(): string;
}

/** The order that `input` describes. Totals given in `input` are kept, the others computed. */
export function completeOrder(input: OrderInput, identity: Identity): OrderRecord {
  const { id, folderId, now } = identity;
  const items = (input.order_items ?? []).map((item) => ({
    ...blankItem,
    ...item,
    id: item.id ?? identity.nextItemId(),
  }));
  const totals = totalsOf({ ...noCharges, ...input, order_items: items });
  return {
    ...blankOrder,
    ...totals,
    processor_balance: input.order_total ?? totals.order_total,
    id,
    source_id: id,
    folder_id: folderId,
    date_added: now,
    date_updated: input.date_added ?? now,
    ...input,
    shipping: { ...blankShipping, ...input.shipping },
    customer: { ...blankCustomer, ...input.customer },
    return_address: { ...blankReturnAddress, ...input.return_address },
    order_items: items,
  };
}

/** The order with the totals that follow from its items, discounts and charges. */
export function withTotals(order: OrderRecord): OrderRecord {
  return { ...order, ...totalsOf(order) };
}

type Priced = Pick<
  OrderRecord,
  'order_items' | 'discount_list' | 'shipping_total' | 'handling_total' | 'tax_total'
>;

const noCharges = { shipping_total: 0, handling_total: 0, tax_total: 0, discount_list: [] };

export function totalsOf(order: Priced) {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const items = order.order_items;
  const product = sum(items.map((item) => Math.round(item.price * 100) * item.quantity));
  const discount = sum(order.discount_list.map(({ amount }) => Math.round(Number(amount) * 100)));
  const charges = Math.round((order.shipping_total + order.handling_total + order.tax_total) * 100);
  return {
    quantity_total: sum(items.map((item) => item.quantity)),
    weight_total: Math.round(sum(items.map((item) => item.weight * item.quantity)) * 100) / 100,
    product_total: product / 100,
    discount_total: discount / 100,
    order_total: Math.max(0, product + charges - discount) / 100,
  };
}
