/**
 * What a key that may not see customers sees of each field of a record. What has no rule is hidden, so that a field nobody
 * has thought of yet shows nobody.
 */

/**
 * `person`: a part of a name. `words`: one of few words of a trade, such as a carrier. `goods`, `code`, `free`, `place`,
 * `link`: as in `mask-texts.ts`. `fact`: a number, an id or a date.
 */
export type LeafRule =
  | 'hidden'
  | 'person'
  | 'name'
  | 'company'
  | 'street'
  | 'phone'
  | 'mail'
  | 'customer'
  | 'place'
  | 'words'
  | 'goods'
  | 'code'
  | 'free'
  | 'link'
  | 'fact';

export type Rule =
  | LeafRule
  | { readonly members: Readonly<Record<string, Rule>>; readonly others: LeafRule; readonly isAddress?: true }
  | { readonly entries: Rule };

const map = (members: Readonly<Record<string, Rule>>, others: LeafRule = 'hidden'): Rule => ({
  members,
  others,
});
const all = (rule: LeafRule, names: readonly string[]): Record<string, Rule> =>
  Object.fromEntries(names.map((name) => [name, rule]));

const PLACE = all('place', ['city', 'state', 'postal_code', 'country']);
const STREETS = all('street', ['address1', 'address2', 'address3', 'address4']);
const ADDRESS: Rule = {
  members: {
    first_name: 'person',
    last_name: 'person',
    company: 'company',
    phone: 'phone',
    ...STREETS,
    ...PLACE,
  },
  others: 'hidden',
  isAddress: true,
};

const ITEM = map({
  ...all('fact', ['id', 'price', 'quantity', 'weight']),
  ...all('words', ['delivery_type', 'category_code', 'fulfillment_method']),
  name: 'goods',
  code: 'code',
  variation_list: map({}, 'free'),
  metadata: map({}),
});

const SHIPMENT = map({
  ...all('fact', [
    'id',
    'order_id',
    'store_id',
    'weight',
    'cost',
    'print_status',
    'date_shipped',
    'date_added',
  ]),
  ...all('words', ['carrier_code', 'shipment_method', 'status', 'weight_unit', 'source']),
  tracking_number: 'code',
  tracking_url: 'link',
  order_items: { entries: map({ id: 'fact', code: 'code', quantity: 'fact' }) },
});

const NOTE = map({ date_added: 'fact' });

export const ORDER_RULES: Rule = map({
  ...all('fact', [
    ...['id', 'folder_id', 'email_count', 'date_added', 'date_updated', 'quantity_total', 'weight_total'],
    ...['product_total', 'shipping_total', 'handling_total', 'tax_total', 'discount_total', 'order_total'],
    ...['refund_total', 'processor_balance'],
  ]),
  ...all('words', ['shipping_method', 'payment_type', 'payment_status', 'source_name', 'fulfillment_name']),
  ...all('code', ['source_id', 'fulfillment_id']),
  tag_name: 'free',
  email: 'mail',
  customer_id: 'customer',
  shipping: ADDRESS,
  customer: ADDRESS,
  return_address: map({
    name: 'name',
    company: 'company',
    phone: 'phone',
    ...STREETS,
    ...PLACE,
  }),
  checkout_data: map({}),
  order_metadata: map({}),
  discount_list: { entries: map({ name: 'free', code: 'free', amount: 'fact' }) },
  order_notes: { entries: NOTE },
  order_history: { entries: NOTE },
  order_items: { entries: ITEM },
  order_shipments: { entries: SHIPMENT },
});

/** Goods of the merchant: no customer is known of them, and the list of the inventory shows them to everybody. */
export const INVENTORY_RULES: Rule = map({
  ...all('fact', ['id', 'price', 'cost', 'weight', 'stock', 'date_added', 'date_updated']),
  ...all('words', ['name', 'code', 'location', 'manufacturer_sku', 'update_source']),
  variation_list: map({}, 'words'),
  metadata: map({}),
});
