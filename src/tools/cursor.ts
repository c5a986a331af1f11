/**
 * The cursor of a list: where its next page starts and what the first one counted, sealed so that it can be neither read
 * nor made up, and good only for the key, tool, store and arguments it was issued for. Nothing is kept on this side.
 */
import { z } from 'zod';
import { AppError } from '../errors.js';
import { fingerprint } from '../orders/canonical.js';
import type { Principal } from '../tenancy/principal.js';
import type { Sealer } from '../tenancy/sealer.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { Place } from './order-pages.js';
import type { Total } from './order-source.js';

/** From the issue of each page. */
const LIFETIME_MS = 3_600_000;

export interface Continuation {
  readonly after: Place;
  readonly total: Total;
  /** Orders looked at so far, by a list that looks at each; else 0. */
  readonly scanned: number;
  /** Orders so far that could not be understood. */
  readonly unreadable: number;
}

/** What a cursor is good for. */
export interface CursorUse {
  readonly principal: Principal;
  readonly tool: string;
  readonly store: StoreEntry;
  /** The checked arguments that must stay as they were. */
  readonly args: Readonly<Record<string, unknown>>;
}

const sealed = z.strictObject({
  until: z.number(),
  at: z.number(),
  id: z.string(),
  seen: z.number(),
  total: z.number(),
  exact: z.boolean(),
  scanned: z.number(),
  unreadable: z.number(),
});

const bindingOf = ({ principal, tool, store, args }: CursorUse): string[] => [
  principal.keyId,
  tool,
  store.rowId,
  fingerprint(args),
];

export function sealCursor(
  sealer: Sealer,
  use: CursorUse,
  { after, total, scanned, unreadable }: Continuation,
  now: Date,
): Promise<string> {
  const state: z.input<typeof sealed> = {
    until: now.getTime() + LIFETIME_MS,
    at: after.second,
    id: after.id,
    seen: after.seen,
    total: total.count,
    exact: total.exact,
    scanned,
    unreadable,
  };
  return sealer.seal(use.principal.tenantId, 'cursor', bindingOf(use), JSON.stringify(state));
}

/** @throws AppError `invalid_cursor`, in the same words for a foreign, altered, misplaced or expired cursor */
export async function openCursor(
  sealer: Sealer,
  use: CursorUse,
  cursor: string,
  now: Date,
): Promise<Continuation> {
  const plaintext = await sealer.open(use.principal.tenantId, 'cursor', bindingOf(use), cursor);
  const state = plaintext === undefined ? undefined : sealed.safeParse(JSON.parse(plaintext)).data;
  if (state === undefined || state.until <= now.getTime()) {
    throw new AppError('invalid_cursor', undefined, {
      field: 'cursor',
      hint: 'A cursor is good for one hour, with the same key, store and arguments; only limit may change.',
    });
  }
  return {
    after: { second: state.at, id: state.id, seen: state.seen },
    total: { count: state.total, exact: state.exact },
    scanned: state.scanned,
    unreadable: state.unreadable,
  };
}
