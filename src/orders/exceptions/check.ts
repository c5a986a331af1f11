/** What every check is made of. */
import type { OrderView } from '../../orderdesk/views.js';
import type { FolderState } from '../../tenancy/stores.js';

export const CHECKS = [
  'unshipped_too_long',
  'odd_address',
  'payment_not_captured',
  'duplicate_source_id',
  'item_without_stock',
  'stuck_in_folder',
] as const;
export type Check = (typeof CHECKS)[number];

export interface Subject {
  readonly view: OrderView;
  /** Whether there is still something to do for it, as its folder tells. */
  readonly folder: FolderState;
}

export interface Circumstances {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What waits is reported once this many times 24 hours have passed. */
  readonly olderThanDays: number;
}

/** The rule that fired, in words with its figures; `undefined` when nothing is wrong. */
export type OrderCheck = (subject: Subject, when: Circumstances) => string | undefined;
