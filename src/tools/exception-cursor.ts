/**
 * The cursor of the findings: after which order to go on, and the moment of the first page. Every page looks at the orders
 * anew, with the clock of that moment: no finding comes or goes because time passes between pages.
 */
import { z } from 'zod';
import { AppError } from '../errors.js';
import { fingerprint } from '../orders/canonical.js';
import type { OrderKey } from '../orders/keyset.js';
import type { Sealer } from '../tenancy/sealer.js';
import type { CursorUse } from './cursor.js';

/** From the issue of each page. */
const LIFETIME_MS = 3_600_000;

export interface FindingsLeft {
  /** The last order shown. */
  readonly after: OrderKey;
  /** When the first page was asked for, in milliseconds since 1970. */
  readonly asOf: number;
}

const sealed = z.strictObject({
  until: z.number(),
  asOf: z.number(),
  second: z.number(),
  id: z.string(),
});

const bindingOf = ({ principal, tool, store, args }: CursorUse): string[] => [
  principal.keyId,
  tool,
  store.rowId,
  fingerprint(args),
];

export function sealFindings(
  sealer: Sealer,
  use: CursorUse,
  { after, asOf }: FindingsLeft,
  now: Date,
): Promise<string> {
  const state: z.input<typeof sealed> = {
    until: now.getTime() + LIFETIME_MS,
    asOf,
    second: after.second,
    id: after.id,
  };
  return sealer.seal(use.principal.tenantId, 'cursor', bindingOf(use), JSON.stringify(state));
}

/** @throws AppError `invalid_cursor`, in the same words for a foreign, altered, misplaced or expired cursor */
export async function openFindings(
  sealer: Sealer,
  use: CursorUse,
  cursor: string,
  now: Date,
): Promise<FindingsLeft> {
  const plaintext = await sealer.open(use.principal.tenantId, 'cursor', bindingOf(use), cursor);
  const state = plaintext === undefined ? undefined : sealed.safeParse(JSON.parse(plaintext)).data;
  if (state === undefined || state.until <= now.getTime()) {
    throw new AppError('invalid_cursor', undefined, {
      field: 'cursor',
      hint: 'A cursor is good for one hour, with the same key, store and arguments; only limit may change.',
    });
  }
  const { second, id, asOf } = state;
  return { after: { second, id }, asOf };
}
