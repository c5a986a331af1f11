/** The cursor of the inventory list: after which id to go on and whether the pages so far can lack items, sealed and bound as the cursors of orders are. */
import { z } from 'zod';
import { AppError } from '../errors.js';
import { fingerprint } from '../orders/canonical.js';
import type { Sealer } from '../tenancy/sealer.js';
import type { CursorUse } from './cursor.js';

/** From the issue of each page. */
const LIFETIME_MS = 3_600_000;

export interface InventoryPlace {
  /** The id to go on after. */
  readonly after: string;
  /** Whether a page so far came from a part of the inventory, so that rows before `after` may be missing. */
  readonly partly: boolean;
}

const sealed = z.strictObject({ until: z.number(), after: z.string(), partly: z.boolean() });

const bindingOf = ({ principal, tool, store, args }: CursorUse): string[] => [
  principal.keyId,
  tool,
  store.rowId,
  fingerprint(args),
];

export function sealInventoryCursor(
  sealer: Sealer,
  use: CursorUse,
  { after, partly }: InventoryPlace,
  now: Date,
): Promise<string> {
  const state: z.input<typeof sealed> = { until: now.getTime() + LIFETIME_MS, after, partly };
  return sealer.seal(use.principal.tenantId, 'cursor', bindingOf(use), JSON.stringify(state));
}

/** @throws AppError `invalid_cursor`, in the same words for a foreign, altered, misplaced or expired cursor */
export async function openInventoryCursor(
  sealer: Sealer,
  use: CursorUse,
  cursor: string,
  now: Date,
): Promise<InventoryPlace> {
  const plaintext = await sealer.open(use.principal.tenantId, 'cursor', bindingOf(use), cursor);
  const state = plaintext === undefined ? undefined : sealed.safeParse(JSON.parse(plaintext)).data;
  if (state === undefined || state.until <= now.getTime()) {
    throw new AppError('invalid_cursor', undefined, {
      field: 'cursor',
      hint: 'A cursor is good for one hour, with the same key, store and arguments; only limit may change.',
    });
  }
  return { after: state.after, partly: state.partly };
}
