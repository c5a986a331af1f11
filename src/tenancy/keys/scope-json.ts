/**
 * A scope as it is stored. Strict: a restriction that this release does not know must not be passed over. A member that
 * restricts nothing is left out, so that a release from before it existed can read the key.
 */
import { z } from 'zod';
import { toStoreRowId } from '../ids.js';
import { type Confirmations, NO_CONFIRMATIONS, type Scope } from '../principal.js';

const names = z.array(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/)).readonly();

const confirmations = z.strictObject({
  moves: z.boolean().default(false),
  deletes: z.boolean().default(false),
  batchesAbove: z
    .int()
    .nonnegative()
    .optional()
    .transform((given) => given ?? null),
});

export const scopeJson = z.strictObject({
  stores: z.union([z.literal('all'), z.array(z.uuid().transform(toStoreRowId)).readonly()]),
  toolsets: names.optional().transform((given) => given ?? 'standard'),
  exclude: names.default([]),
  readOnly: z.boolean().default(false),
  mask: z.boolean().default(false),
  dailyWriteCap: z
    .int()
    .positive()
    .optional()
    .transform((given) => given ?? null),
  confirm: confirmations.optional().transform((given) => given ?? NO_CONFIRMATIONS),
}) satisfies z.ZodType<Scope>;

export function scopeText(scope: Scope): string {
  const { stores, toolsets, exclude, readOnly, mask, dailyWriteCap, confirm } = scope;
  const confirmed = confirmedMembers(confirm);
  return JSON.stringify({
    stores,
    ...(toolsets === 'standard' ? {} : { toolsets }),
    ...(exclude.length === 0 ? {} : { exclude }),
    ...(readOnly ? { readOnly } : {}),
    ...(mask ? { mask } : {}),
    ...(dailyWriteCap === null ? {} : { dailyWriteCap }),
    ...(Object.keys(confirmed).length === 0 ? {} : { confirm: confirmed }),
  } satisfies z.input<typeof scopeJson>);
}

const confirmedMembers = ({ moves, deletes, batchesAbove }: Confirmations) => ({
  ...(moves ? { moves } : {}),
  ...(deletes ? { deletes } : {}),
  ...(batchesAbove === null ? {} : { batchesAbove }),
});
