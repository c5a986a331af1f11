/**
 * Where a list goes on, given to the caller sealed: it can be neither read nor made up, is good for an hour, and only for
 * the key, tool, store and arguments it was issued for. Nothing is kept on this side.
 */
import { z } from 'zod';
import { AppError } from '../errors.js';
import { fingerprint } from '../orders/canonical.js';
import type { Principal } from '../tenancy/principal.js';
import type { Sealer } from '../tenancy/sealer.js';
import type { StoreEntry } from '../tenancy/stores.js';

/** From the issue of each page. */
const LIFETIME_MS = 3_600_000;

/** What a cursor is good for. */
export interface CursorUse {
  readonly principal: Principal;
  readonly tool: string;
  readonly store: StoreEntry;
  /** The checked arguments that must stay as they were. */
  readonly args: Readonly<Record<string, unknown>>;
}

const bindingOf = ({ principal, tool, store, args }: CursorUse): string[] => [
  principal.keyId,
  tool,
  store.rowId,
  fingerprint(args),
];

export interface SealedCursor<State> {
  seal(sealer: Sealer, use: CursorUse, state: State, now: Date): Promise<string>;
  /** @throws AppError `invalid_cursor`, in the same words for a foreign, altered, misplaced or expired cursor */
  open(sealer: Sealer, use: CursorUse, cursor: string, now: Date): Promise<State>;
}

/** @param state what one list must remember */
export function sealedCursor<State>(state: z.ZodType<State>): SealedCursor<State> {
  const sealed = z.strictObject({ until: z.number(), state });
  return {
    seal(sealer, use, place, now) {
      const plaintext = JSON.stringify({ until: now.getTime() + LIFETIME_MS, state: place });
      return sealer.seal(use.principal.tenantId, 'cursor', bindingOf(use), plaintext);
    },
    async open(sealer, use, cursor, now) {
      const plaintext = await sealer.open(use.principal.tenantId, 'cursor', bindingOf(use), cursor);
      const opened = plaintext === undefined ? undefined : sealed.safeParse(JSON.parse(plaintext)).data;
      if (opened === undefined || opened.until <= now.getTime()) {
        throw new AppError('invalid_cursor', undefined, {
          field: 'cursor',
          hint: 'A cursor is good for one hour, with the same key, store and arguments; only limit may change.',
        });
      }
      return opened.state;
    },
  };
}
