/** Keys of cached records. They show whose and what kind, and hide what was asked for: a filter may be an e-mail. */
import { createHash } from 'node:crypto';
import type { StoreEntry } from '../tenancy/stores.js';

export type Resource = 'store' | 'order' | 'orders';

/**
 * Tenant and row are part of the key, so two tenants never share an entry, not even for the same Order Desk store.
 * @param args everything that the answer depends on; each part and the order of parts count
 */
export function cacheKey(store: StoreEntry, resource: Resource, args: readonly string[]): string {
  const asked = createHash('sha256')
    .update(JSON.stringify([store.orderDeskId, ...args]))
    .digest('base64url');
  return `od:${store.tenantId}:${store.rowId}:${resource}:${asked}`;
}
