/** What a write changes at Order Desk, so that what the cache holds of it is not served again. */
import type { StoreEntry } from '../tenancy/stores.js';

export type Touched =
  /** One order, and with it every list of orders. */
  | { readonly kind: 'order'; readonly id: string }
  /** Lists of orders alone. */
  | { readonly kind: 'orders' }
  | { readonly kind: 'inventory' }
  /** Settings and folders. */
  | { readonly kind: 'settings' };

export interface CacheInvalidation {
  /**
   * Does `work`, the sending of a write until its outcome is known. What the cache holds of what it touches is let go
   * of before and, whatever the outcome, after: a read that began in between is neither kept nor joined once this
   * has settled. A write that Order Desk carries out only after that (its answer was lost) can be hidden by the cache
   * for the life of an entry.
   * @throws what `work` throws
   */
  withRaised<T>(store: StoreEntry, touched: readonly Touched[], work: () => Promise<T>): Promise<T>;
}
