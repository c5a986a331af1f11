/** Orders as the checks see them, with a clock that stands still. */
import type { OrderView } from '../../../../../src/orderdesk/views.js';
import type { Circumstances, Subject } from '../../../../../src/orders/exceptions/check.js';
import type { FolderState } from '../../../../../src/tenancy/stores.js';
import { aView } from '../../../tools/support/orders.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-02-01T00:00:00Z');

export const THREE_DAYS: Circumstances = { now: NOW, olderThanDays: 3 };

/** @param ms added to the moment, to get to either side of a threshold */
export const daysAgo = (days: number, ms = 0): string =>
  new Date(NOW - days * DAY + ms).toISOString().replace('.000Z', 'Z');

export const aSubject = (change: Partial<OrderView> = {}, folder: FolderState = 'open'): Subject => ({
  view: aView({ addedAt: daysAgo(10), updatedAt: daysAgo(10), ...change }),
  folder,
});
