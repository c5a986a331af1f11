/** A scope as it is stored. Strict: a restriction that this release does not know must not be passed over. */
import { z } from 'zod';
import { toStoreRowId } from '../ids.js';

export const scopeJson = z.strictObject({
  stores: z.union([z.literal('all'), z.array(z.uuid().transform(toStoreRowId))]),
});
