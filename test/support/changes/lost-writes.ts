/** Requests that never arrive, and of which nobody can say so. */

import { AppError } from '../../../src/errors.js';
import type { OrderDeskWrites } from '../../../src/orderdesk/writes.js';

export const lostWrites: OrderDeskWrites = {
  write: async () => ({
    outcome: 'unknown',
    error: new AppError('upstream_timeout'),
    check: { describe: 'Read the order and compare.', route: '/orders/{id}' },
  }),
};
