/** Records in the form Order Desk sends, with made-up people. */
import type { StoreRowId, TenantId } from '../../../src/tenancy/ids.js';
import type { StoreEntry } from '../../../src/tenancy/stores.js';

type Fields = Record<string, unknown>;

export const itemRecord = (change: Fields = {}): Fields => ({
  id: '47986',
  name: 'Black Shirt',
  price: 5.5,
  quantity: 2,
  weight: 0.25,
  code: 'SHIRT-L',
  delivery_type: 'ship',
  category_code: '',
  fulfillment_method: '',
  variation_list: { Size: 'L', Count: 2 },
  metadata: [],
  ...change,
});

export const shipmentRecord = (change: Fields = {}): Fields => ({
  id: '437',
  order_id: '26211',
  store_id: '11',
  tracking_number: '1Z0000000000000001',
  carrier_code: 'UPS',
  shipment_method: 'Ground',
  weight: '3.55',
  cost: '',
  status: '',
  tracking_url: 'https://tracking.example/1',
  label_format: 'PNG',
  label_image: `iVBORw0KGgo${'A'.repeat(20_000)}`,
  print_status: '0',
  order_items: '',
  source: 'Manual',
  date_shipped: '2026-01-29',
  date_added: '2026-01-29 19:02:50',
  ...change,
});

export const addressRecord = (change: Fields = {}): Fields => ({
  first_name: 'Wilhelmina',
  last_name: 'Testwick',
  company: '',
  address1: '1 Sample Street',
  address2: '',
  address3: 'Unit 3',
  address4: '',
  city: 'Exampleton',
  state: 'CA',
  postal_code: '90001',
  country: 'US',
  phone: '555-0100',
  ...change,
});

export const orderRecord = (change: Fields = {}): Fields => ({
  id: '26211',
  email: 'wilhelmina@shop.example',
  shipping_method: 'Home Delivery',
  quantity_total: 2,
  weight_total: 0.5,
  product_total: 11,
  shipping_total: 11.17,
  handling_total: 0.5,
  tax_total: 1.2,
  discount_total: 1.7,
  order_total: 22.17,
  payment_type: 'Visa',
  payment_status: 'Approved',
  refund_total: 0,
  customer_id: '5487542',
  email_count: '3',
  source_name: 'Order Desk',
  source_id: '412218073',
  fulfillment_name: '',
  fulfillment_id: '',
  tag_name: 'success',
  folder_id: 21654,
  date_added: '2026-01-08 12:10:00',
  date_updated: '2026-01-09 23:13:47',
  shipping: addressRecord(),
  customer: addressRecord(),
  checkout_data: { 'Gift Message': 'Happy Birthday' },
  order_metadata: { fraud_protection_score: 0 },
  discount_list: [{ name: 'Discount', code: 'MN234', amount: '1.70' }],
  order_notes: [{ date_added: '2026-01-09 23:12:05', username: 'Rep', content: 'Called back' }],
  order_items: [itemRecord()],
  order_shipments: [shipmentRecord()],
  ...change,
});

export const storeReply = (change: { store?: Fields; settings?: Fields } = {}): Fields => ({
  status: 'success',
  store: {
    id: '11',
    name: 'Test Store',
    settings: {
      locale_code: 'en_US',
      timezone: 'America/Los_Angeles',
      store_country: 'US',
      api_key: 'LEAKED-API-KEY',
      smtp_username: 'LEAKED-SMTP-USER',
      smtp_password: 'LEAKED-SMTP-PASSWORD',
      shipping_methods: [],
      ...change.settings,
    },
    folders: { '21654': 'New', '21655': 'Prepared' },
    ...change.store,
  },
});

export const pageReply = (orders: readonly Fields[], change: Fields = {}): Fields => ({
  status: 'success',
  execution_time: '0.02 seconds',
  total_records: orders.length,
  records_returned: orders.length,
  offset: 0,
  limit: 50,
  orders,
  ...change,
});

const tenantId = (value: string): TenantId => value as TenantId;
const rowId = (value: string): StoreRowId => value as StoreRowId;

export const storeEntry = (
  change: Partial<Omit<StoreEntry, 'tenantId' | 'rowId'>> & { tenant?: string; row?: string } = {},
): StoreEntry => {
  const { tenant = 'tenant-a', row = 'row-a', ...rest } = change;
  return {
    name: 'Shop',
    orderDeskId: '11',
    isDefault: true,
    verifiedAt: new Date('2026-01-01T00:00:00Z'),
    refusedAt: null,
    lastContactAt: null,
    folderNotes: {},
    folderStates: {},
    ...rest,
    tenantId: tenantId(tenant),
    rowId: rowId(row),
  };
};

/** The AppError that something throws, as plain fields. */
export function thrownBy(fn: () => unknown): { code?: unknown; field?: unknown; message?: unknown } {
  try {
    fn();
  } catch (error) {
    return error as { code: unknown; field: unknown; message: unknown };
  }
  return {};
}
