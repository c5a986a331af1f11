/**
 * The cursor of the findings: after which order to go on, and the moment of the first page. Every page looks at the orders
 * anew, with the clock of that moment: no finding comes or goes because time passes between pages.
 */
import { z } from 'zod';
import type { OrderKey } from '../orders/keyset.js';
import { sealedCursor } from './sealed-cursor.js';

export interface FindingsLeft {
  /** The last order shown. */
  readonly after: OrderKey;
  /** When the first page was asked for, in milliseconds since 1970. */
  readonly asOf: number;
}

export const findingsCursor = sealedCursor<FindingsLeft>(
  z.strictObject({
    after: z.strictObject({ second: z.number(), id: z.string() }),
    asOf: z.number(),
  }),
);
