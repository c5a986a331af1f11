/**
 * The calls that `docs/TOOLS.md` shows, made on the stores of the demo as they are at `AT`. Small ones: an answer is
 * shown whole. Every tool has one, and none may fail unless it is there to show an error.
 */

import { DEFAULT_STORE, OTHER_STORE } from './demo-stores.mjs';
import { BEYOND_EXAMPLES } from './examples-beyond.mjs';

/**
 * @typedef {object} Example
 * @property {string} tool
 * @property {string} says what the call is for: one sentence
 * @property {Record<string, unknown> | ((previous: Record<string, unknown>) => Record<string, unknown>)} arguments
 *   may be made of the answer to the example before
 * @property {boolean} [masked] with a key that may not see customers
 * @property {boolean} [fails] the answer is an error, and shows what errors say
 */

/** A Monday morning in Los Angeles. */
export const AT = Date.UTC(2026, 5, 15, 16, 0, 0);

/** @type {readonly Example[]} */
export const EXAMPLES = [
  { tool: 'list_stores', says: 'Which stores this key may use.', arguments: {} },
  { tool: 'get_store', says: 'The folders and the time zone of a store.', arguments: { store: OTHER_STORE } },
  {
    tool: 'list_orders',
    says: 'What came in on one day, the latest first.',
    arguments: { added_from: '2026-06-12', added_to: '2026-06-12', limit: 2 },
  },
  {
    tool: 'list_orders',
    says: 'The next page: the same arguments and the cursor.',
    arguments: ({ next_cursor }) => ({
      added_from: '2026-06-12',
      added_to: '2026-06-12',
      limit: 2,
      cursor: next_cursor,
    }),
  },
  {
    tool: 'list_orders',
    says: 'A question that Order Desk cannot be asked: unshipped orders of a week above an amount.',
    arguments: {
      added_from: '2026-06-08',
      added_to: '2026-06-14',
      shipped: 'no',
      min_total: '150',
      limit: 1,
    },
  },
  {
    tool: 'get_order',
    says: 'One order, with its items and shipments.',
    arguments: { order_id: '26900', include: ['items', 'shipments'] },
  },
  {
    tool: 'summarize_orders',
    says: 'Orders and money of a week by channel.',
    arguments: { added_from: '2026-06-08', added_to: '2026-06-14', group_by: 'source', top: 2 },
  },
  {
    tool: 'summarize_orders',
    says: 'The same week in two stores, in all.',
    arguments: { stores: [DEFAULT_STORE, OTHER_STORE], added_from: '2026-06-08', added_to: '2026-06-14' },
  },
  {
    tool: 'summarize_orders',
    says: 'What was not shipped yet of three days, by channel.',
    arguments: {
      shipped: 'no',
      added_from: '2026-06-12',
      added_to: '2026-06-14',
      group_by: 'source',
      top: 2,
    },
  },
  {
    tool: 'find_exceptions',
    says: 'Payments that were not captured, among the orders since the first of the month.',
    arguments: { checks: ['payment_not_captured'], added_from: '2026-06-01', limit: 2 },
  },
  {
    tool: 'list_inventory',
    says: 'What is sold out.',
    arguments: { stock_below: 1, limit: 2 },
  },
  {
    tool: 'create_order',
    says: 'An order that came by telephone; called again with its key, it is not made twice.',
    arguments: {
      order_items: [{ code: 'TEE-M', name: 'T-Shirt M', price: '24.00', quantity: 2 }],
      source_id: 'PHONE-1042',
      source_name: 'Telephone',
      email: 'ada@example.com',
      shipping: {
        first_name: 'Ada',
        last_name: 'Example',
        address1: '1 Sample Street',
        city: 'Springfield',
        country: 'US',
      },
      idempotency_key: 'phone-1042',
    },
  },
  {
    tool: 'update_order',
    says: 'What a change would do: only reads.',
    arguments: {
      order_id: '26900',
      changes: { checkout_data: { 'Gift Message': 'Congratulations' }, shipping: { phone: '+1 555 0100' } },
      dry_run: true,
    },
  },
  {
    tool: 'update_order',
    says: 'The same for real. Fields that are not named stay as they are.',
    arguments: {
      order_id: '26900',
      changes: { checkout_data: { 'Gift Message': 'Congratulations' }, shipping: { phone: '+1 555 0100' } },
      idempotency_key: 'gift-26900',
    },
  },
  {
    tool: 'move_orders',
    says: 'What moving two orders would set off.',
    arguments: { order_ids: ['28049', '28048'], folder: 'Ready to Ship', dry_run: true },
  },
  {
    tool: 'add_order_note',
    says: 'A word for the staff.',
    arguments: {
      order_id: '26900',
      note: 'Customer called: leave the parcel with the neighbour.',
      as: 'staff_note',
      idempotency_key: 'note-26900',
    },
  },
  {
    tool: 'add_shipments',
    says: 'One parcel of an order that is there, and one of an order that is not.',
    arguments: {
      shipments: [
        {
          order_id: '28049',
          tracking_number: '1Z0000000000000042',
          carrier_code: 'UPS',
          shipment_method: 'Ground',
        },
        { order_id: '99999999', tracking_number: '1Z0000000000000043', carrier_code: 'UPS' },
      ],
      idempotency_key: 'parcels-2026-06-15',
    },
  },
  {
    tool: 'update_inventory',
    says: 'A delivery is counted in.',
    arguments: { updates: [{ code: 'TEE-M', adjust_stock_by: 12 }], idempotency_key: 'delivery-17' },
  },
  {
    tool: 'undo_change',
    says: 'It was another item: the change before is taken back.',
    arguments: ({ change_id }) => ({ change_id, idempotency_key: 'undo-delivery-17' }),
  },
  {
    tool: 'list_changes',
    // Of one change: while the clock stands, those of several come in no fixed order.
    says: 'What was done to an order, and by whom.',
    arguments: { order_id: '28049', limit: 2 },
  },
  ...BEYOND_EXAMPLES,
];

/** @type {Example} */
export const MASKED_EXAMPLE = {
  tool: 'list_orders',
  says: 'A row for a key that may not see customers',
  arguments: { added_from: '2026-06-12', added_to: '2026-06-12', limit: 1, fields: ['email', 'ship_to'] },
  masked: true,
};

/** @type {Example} */
export const ERROR_EXAMPLE = {
  tool: 'list_orders',
  says: 'A folder that the store does not have',
  arguments: { folder: 'Unshipped', limit: 1 },
  fails: true,
};
