/** The cursor of the inventory list: after which id to go on, and whether the pages so far can lack items. */
import { z } from 'zod';
import { sealedCursor } from './sealed-cursor.js';

export interface InventoryPlace {
  /** The id to go on after. */
  readonly after: string;
  /** Whether a page so far came from a part of the inventory, so that rows before `after` may be missing. */
  readonly partly: boolean;
}

export const inventoryCursor = sealedCursor<InventoryPlace>(
  z.strictObject({ after: z.string(), partly: z.boolean() }),
);
