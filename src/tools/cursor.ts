/** The cursor of a list of orders: where its next page starts, and what the first one counted. */
import { z } from 'zod';
import type { Place } from './order-pages.js';
import type { Total } from './order-source.js';
import { sealedCursor } from './sealed-cursor.js';

export interface Continuation {
  readonly after: Place;
  readonly total: Total;
  /** Orders looked at so far, by a list that looks at each; else 0. */
  readonly scanned: number;
  /** Orders so far that could not be understood. */
  readonly unreadable: number;
}

export const orderCursor = sealedCursor<Continuation>(
  z.strictObject({
    after: z.strictObject({ second: z.number(), id: z.string(), seen: z.number() }),
    total: z.strictObject({ count: z.number(), exact: z.boolean() }),
    scanned: z.number(),
    unreadable: z.number(),
  }),
);
