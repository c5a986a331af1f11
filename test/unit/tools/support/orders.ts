/** Made-up orders as the views that tools read. */
import type { Order } from '../../../../src/orderdesk/port.js';
import type { AddressView, ItemView, OrderView, ShipmentView } from '../../../../src/orderdesk/views.js';

export const anAddress = (change: Partial<AddressView> = {}): AddressView => ({
  firstName: 'Ada',
  lastName: 'Example',
  company: null,
  lines: ['1 Sample Street'],
  city: 'Springfield',
  state: 'OR',
  postalCode: '97477',
  country: 'US',
  phone: '+1 555 0100',
  ...change,
});

export const anItem = (change: Partial<ItemView> = {}): ItemView => ({
  id: '47986',
  name: 'Black shirt',
  code: 'SHIRT-BLACK',
  price: '5.5',
  quantity: 2,
  weight: '0.3',
  deliveryType: 'ship',
  category: null,
  fulfillmentMethod: null,
  variations: { Size: 'Large' },
  metadata: {},
  ...change,
});

export const aShipment = (change: Partial<ShipmentView> = {}): ShipmentView => ({
  id: '437',
  trackingNumber: '1Z0000000000000001',
  carrier: 'UPS',
  method: 'Ground',
  trackingUrl: null,
  dateShipped: '2026-01-09',
  addedAt: '2026-01-09T10:00:00Z',
  weight: null,
  cost: null,
  status: null,
  items: [],
  ...change,
});

export const aView = (change: Partial<OrderView> = {}): OrderView => ({
  id: '26211',
  sourceId: '412218073',
  sourceName: 'Shopify',
  folderId: '1',
  email: 'ada@example.com',
  customerId: '5487542',
  addedAt: '2026-01-08T12:10:00Z',
  updatedAt: '2026-01-09T23:13:47Z',
  shippingMethod: 'FedEx Home Delivery',
  paymentType: 'Visa',
  paymentStatus: 'Approved',
  tag: null,
  fulfillment: { name: null, id: null },
  totals: {
    product: '11',
    shipping: '11.17',
    handling: '0.5',
    tax: '1.2',
    discount: '1.7',
    order: '22.17',
    refund: '0',
    quantity: 2,
    weight: '0.6',
  },
  shipping: anAddress(),
  customer: anAddress(),
  checkoutData: {},
  metadata: {},
  discounts: [],
  notes: [],
  history: [],
  items: [anItem()],
  shipments: [],
  ...change,
});

export const anOrder = (change: Partial<OrderView> = {}, raw: Record<string, unknown> = {}): Order => {
  const view = aView(change);
  return { view, raw: { id: view.id, source_id: view.sourceId, ...raw } };
};
