/** An order with something in every part that a write may touch. All people in it are made up. */
import type { OrderInput, OrderRecord, SandboxStore } from '../../../src/sandbox/index.js';

export const AN_ORDER: OrderInput = {
  email: 'ada@example.com',
  shipping_method: 'Ground',
  payment_status: 'Captured',
  tax_total: 2,
  shipping_total: 4,
  source_name: 'Shop',
  tag_name: 'late',
  shipping: {
    first_name: 'Ada',
    last_name: 'Miller',
    company: 'Example Ltd',
    address1: '1 First Street',
    city: 'Springfield',
    state: 'OR',
    postal_code: '97477',
    country: 'US',
    phone: '555 0100',
  },
  customer: {
    first_name: 'Ada',
    last_name: 'Miller',
    address1: '2 Second Street',
    city: 'Springfield',
    state: 'OR',
    postal_code: '97477',
    country: 'US',
  },
  checkout_data: { 'Gift Message': 'Hello', Wrap: 'yes' },
  order_metadata: { shop: '7', kept: 'so' },
  order_notes: [{ date_added: '2026-01-02 10:00:00', username: 'clerk', content: 'Called' }],
  order_items: [
    {
      id: '70001',
      name: 'Mug',
      code: 'MUG',
      price: 9,
      quantity: 2,
      weight: 1,
      variation_list: { Size: 'Large', Color: 'Red' },
      metadata: { file: 'mug.png' },
    },
    { id: '70002', name: 'Cup', code: 'CUP', price: 5, quantity: 1, weight: 0.5 },
  ],
};

/** Computed or set by Order Desk with every write. */
const NOT_COMPARED: ReadonlySet<string> = new Set([
  'date_updated',
  'email_count',
  'quantity_total',
  'weight_total',
  'product_total',
  'discount_total',
  'order_total',
]);

/** The order as Order Desk keeps it, less what it computes. @throws Error when it is gone */
export function held(store: SandboxStore, orderId: string): Partial<OrderRecord> {
  const order = store.order(orderId);
  if (order === undefined) throw new Error(`order ${orderId} is gone`);
  const members = Object.entries(order).filter(([name]) => !NOT_COMPARED.has(name));
  return structuredClone(Object.fromEntries(members));
}
