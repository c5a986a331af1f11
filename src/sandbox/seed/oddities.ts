/** Records as real stores have them and tidy test data has not. Each is in every made-up store. */
import { withTotals } from '../order-defaults.js';
import type { ItemRecord, NoteRecord, OrderRecord } from '../types.js';
import { STAGE_FOLDERS } from './folders.js';
import { GIFT_MESSAGES, INJECTIONS, LONG_NOTE } from './messages.js';
import { withPayments } from './orders.js';

/** @param other the order before it, for what takes two */
export type Oddity = (order: OrderRecord, other: OrderRecord) => OrderRecord;

const recount = (order: OrderRecord) => withPayments(withTotals(order));

const noted = (order: OrderRecord, username: string, contents: readonly string[]): readonly NoteRecord[] => [
  ...order.order_notes,
  ...contents.map((content) => ({ date_added: order.date_updated, username, content })),
];

const withItems = (order: OrderRecord, change: (item: ItemRecord, at: number) => ItemRecord): OrderRecord =>
  recount({ ...order, order_items: order.order_items.map(change) });

export const ODDITIES: Readonly<Record<string, Oddity>> = {
  addressWithoutCity: (o) => ({ ...o, shipping: { ...o.shipping, city: '', state: '', postal_code: '' } }),
  noAddressAtAll: (o) => ({
    ...o,
    shipping: {
      ...o.shipping,
      address1: '',
      address2: '',
      city: '',
      state: '',
      postal_code: '',
      country: '',
    },
  }),
  companyOnly: (o) => {
    const name = { first_name: '', last_name: '', company: 'Tallgrass Gifts LLC' };
    return { ...o, shipping: { ...o.shipping, ...name }, customer: { ...o.customer, ...name } };
  },
  fourAddressLines: (o) => ({
    ...o,
    shipping: { ...o.shipping, address2: 'Building 7', address3: 'Dock C', address4: 'Attn: Night Shift' },
  }),
  militaryAddress: (o) => ({
    ...o,
    shipping: {
      ...o.shipping,
      address1: 'PSC 000 Box 0001',
      city: 'APO',
      state: 'AE',
      postal_code: '09000',
      country: 'US',
    },
  }),
  emojiName: (o) => ({
    ...o,
    shipping: { ...o.shipping, first_name: '🌻 Sunny', last_name: 'd’Été–Łukasiewicz' },
  }),
  capitalsAndSpaces: (o) => ({
    ...o,
    shipping: { ...o.shipping, first_name: ' MARY  ANN ', state: 'oregon', country: 'United States' },
  }),
  noMail: (o) => ({ ...o, email: '', customer_id: '' }),
  giftMessages: (o) => ({
    ...o,
    checkout_data: { 'Gift Message': GIFT_MESSAGES.join(' ✨ '), 'Delivery Date': 'Fri 13th', 'VAT ID': '' },
  }),
  longNote: (o) => ({ ...o, order_notes: noted(o, 'Customer Service', [LONG_NOTE]) }),
  injectionInNote: (o) => ({ ...o, order_notes: noted(o, 'Web Form', INJECTIONS) }),
  injectionInGiftMessage: (o) => ({ ...o, checkout_data: { 'Gift Message': INJECTIONS[0] } }),
  markupInItemName: (o) =>
    withItems(o, (item) => ({ ...item, name: `<b>${item.name}</b> & "more" <script>alert(1)</script>` })),
  zeroTotal: (o) =>
    withItems({ ...o, shipping_total: 0, handling_total: 0, tax_total: 0, discount_list: [] }, (item) => ({
      ...item,
      price: 0,
    })),
  hugeQuantity: (o) => withItems(o, (item, at) => (at === 0 ? { ...item, quantity: 12_000 } : item)),
  discountAboveTotal: (o) =>
    recount({ ...o, discount_list: [{ name: 'Store Credit', code: '', amount: '9999.00' }] }),
  noItems: (o) => recount({ ...o, order_items: [], order_shipments: [] }),
  itemWithoutCode: (o) => withItems(o, (item) => ({ ...item, code: '', variation_list: [], metadata: [] })),
  personalised: (o) =>
    withItems(o, (item) => ({ ...item, variation_list: { Engraving: 'Für immer ∞ & ewig', Font: '' } })),
  fullyRefunded: (o) => withPayments({ ...o, payment_status: 'Fully Refunded' }),
  partiallyRefunded: (o) => withPayments({ ...o, payment_status: 'Partially Refunded' }),
  nestedMetadata: (o) => ({
    ...o,
    order_metadata: {
      fraud_protection_score: 0,
      gift: true,
      route: null,
      parts: [1, 2],
      warehouse: { bin: 'A-1' },
    },
  }),
  stuckInNew: (o) => ({ ...o, folder_id: STAGE_FOLDERS.new.id, order_shipments: [] }),
  unpaid: (o) => withPayments({ ...o, payment_status: 'Pending', folder_id: STAGE_FOLDERS.review.id }),
  /** A split order keeps the number, the buyer and the dates of the one it came from. */
  splitFromTheOther: (o, other) => ({
    ...o,
    source_name: other.source_name,
    source_id: other.source_id,
    email: other.email,
    customer_id: other.customer_id,
    customer: other.customer,
    shipping: other.shipping,
    date_added: other.date_added,
    date_updated: other.date_updated,
    order_metadata: { split_from: Number(other.id) },
  }),
};
