/** Parameters that several tools take, worded once. */
import { z } from 'zod';
import { parseDate } from '../orders/dates.js';

/** Blank text is refused: Order Desk ignores an empty filter and would answer with everything. */
const filterText = z.string().trim().min(1).max(200);

const storeParam = filterText
  .optional()
  .describe(
    'Store name (any case) or Order Desk store id, see list_stores. Optional with one store or a default.',
  );

/** Whether a caller names the store, or is bound to one and cannot. */
export type StoreChoice = 'named' | 'bound';

/**
 * The arguments of a tool that works on one store. A bound caller has no `store`: to it the name is an unknown argument,
 * and handlers find it left out.
 */
export function storeArguments<Shape extends z.ZodRawShape>(
  choice: StoreChoice,
  shape: Shape,
): z.ZodObject<Shape & { store: typeof storeParam }, z.core.$strict>;
export function storeArguments(choice: StoreChoice, shape: z.ZodRawShape): z.ZodObject {
  return z.strictObject(choice === 'bound' ? shape : { store: storeParam, ...shape });
}

/** @param means what the bound does, without a full stop */
export const dateParam = (means: string) =>
  z
    .string()
    .refine(
      (text) => parseDate(text) !== undefined,
      'must be a date such as 2026-01-31, 2026-01-31T14:00 (time zone of the store) or 2026-01-31T14:00:00Z',
    )
    .optional()
    .describe(means);

/** A filter that Order Desk applies to a text. */
export const textParam = (means: string) => filterText.optional().describe(means);

export const folderParam = z
  .union([filterText, z.array(filterText).min(1).max(50)], {
    error: 'must be a folder name or id, or a list of 1 to 50 of them',
  })
  .optional()
  .describe('Folder name or id, or a list of them. get_store names the folders.');

export const limitParam = z
  .int()
  .min(1)
  .max(100)
  .default(20)
  .describe('Most rows to return. May change from page to page.');

export const cursorParam = z
  .string()
  .min(1)
  .optional()
  .describe('next_cursor of the page before, with all other arguments unchanged. Good for one hour.');
