/** The calls of the tools that keys are given beyond the default ones. */
import { DEFAULT_STORE, OTHER_STORE } from './demo-stores.mjs';

/** @typedef {import('./examples.mjs').Example} Example */

const WITH_TOKEN =
  (/** @type {Record<string, unknown>} */ args) => (/** @type {Record<string, unknown>} */ previous) => ({
    ...args,
    confirmation_token: previous.confirmation_token,
  });

const DELETED = { order_id: '28048' };

/** @type {readonly Example[]} */
export const BEYOND_EXAMPLES = [
  {
    tool: 'add_order_item',
    says: 'One more item for an order that is there.',
    arguments: {
      order_id: '28048',
      item: { name: 'T-Shirt M', code: 'TEE-M', price: '26.50', quantity: 1 },
      idempotency_key: 'one-more-28048',
    },
  },
  {
    tool: 'update_order_item',
    says: 'Two instead of one.',
    arguments: {
      order_id: '28048',
      item_id: '4800653',
      changes: { quantity: 2 },
      idempotency_key: 'two-28048',
    },
  },
  {
    tool: 'remove_order_item',
    says: 'What was ordered by mistake.',
    arguments: { order_id: '26900', item_id: '4799405', idempotency_key: 'without-26900' },
  },
  {
    tool: 'update_shipment',
    says: 'A tracking number was mistyped.',
    arguments: {
      order_id: '28047',
      shipment_id: '438109',
      changes: { tracking_number: '1Z8674999210169532' },
      idempotency_key: 'number-438109',
    },
  },
  {
    tool: 'delete_shipment',
    says: 'A parcel that was never sent.',
    arguments: { order_id: '28047', shipment_id: '438109', idempotency_key: 'away-438109' },
  },
  {
    tool: 'create_inventory_item',
    says: 'A SKU that is sold from now on.',
    arguments: {
      item: { name: 'T-Shirt XXL', code: 'TEE-XXL', price: '26.50', stock: 40 },
      idempotency_key: 'tee-xxl',
    },
  },
  {
    tool: 'delete_inventory_item',
    says: 'A SKU that is sold no more.',
    arguments: { code: 'TEE-XXL', idempotency_key: 'no-tee-xxl' },
  },
  {
    tool: 'delete_order',
    says: 'What would be deleted, and the token that the call itself needs.',
    arguments: { ...DELETED, dry_run: true },
  },
  {
    tool: 'delete_order',
    says: 'The same for real.',
    arguments: WITH_TOKEN({ ...DELETED, idempotency_key: 'away-28048' }),
  },
  {
    tool: 'update_store',
    says: 'A note that agents see before they move orders.',
    arguments: {
      store: DEFAULT_STORE,
      folders: [{ folder: 'Shipped', note: 'Mails the customer.' }],
      dry_run: true,
    },
  },
  {
    tool: 'remove_store',
    says: 'What removing a store would take away.',
    arguments: { store: OTHER_STORE, dry_run: true },
  },
  {
    tool: 'verify_store',
    says: 'Whether Order Desk accepts the credential, now.',
    arguments: { store: OTHER_STORE },
  },
];
