/** Under which name a store's budget, places and circuit are kept, and how much room it has. */
import type { StoreEntry } from '../tenancy/stores.js';

/** Whether Order Desk has accepted the credential of this very row, and not refused it since. */
export const isProven = ({ verifiedAt, refusedAt }: StoreEntry): boolean =>
  verifiedAt !== null && refusedAt === null;

/**
 * The Order Desk store once the row is proven, so that all tenants with that store share; else the row alone: whoever
 * merely names somebody else's id cannot slow that store down.
 */
export const sharedName = (store: StoreEntry): string =>
  isProven(store) ? `od:${store.orderDeskId}` : `row:${store.rowId}`;

/**
 * Calls at the same time. A row that is not proven has one: its bucket comes on top of that of the store, if it is that
 * store's after all, and one call is enough to prove it.
 */
export const placesOf = (store: StoreEntry, perStore: number): number => (isProven(store) ? perStore : 1);
