/** Under which names the objects of a store are locked. */
import { isProven } from '../orderdesk/shared-name.js';
import type { StoreEntry } from '../tenancy/stores.js';

/**
 * By the row always, since not every process may know yet that its key is good; and by the Order Desk store once it is, so
 * that all tenants with that store exclude each other.
 * @param objects such as `order:123`
 */
export function lockNames(store: StoreEntry, objects: readonly string[]): readonly string[] {
  const names = objects.map((object) => `row:${store.rowId}|${object}`);
  return isProven(store)
    ? [...names, ...objects.map((object) => `od:${store.orderDeskId}|${object}`)]
    : names;
}
