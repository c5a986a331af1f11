/**
 * The cursor of the findings: after which one to go on, and the moment of the first page. Every page looks at the orders
 * anew, with the clock of that moment: no finding comes or goes because time passes between pages.
 */
import { z } from 'zod';
import { AppError } from '../errors.js';
import { fingerprint } from '../orders/canonical.js';
import { CHECKS } from '../orders/exceptions/check.js';
import type { FindingPlace } from '../orders/exceptions/places.js';
import type { Sealer } from '../tenancy/sealer.js';
import type { CursorUse } from './cursor.js';

/** From the issue of each page. */
const LIFETIME_MS = 3_600_000;

export interface FindingsLeft {
  readonly after: FindingPlace;
  /** When the first page was asked for, in milliseconds since 1970. */
  readonly asOf: number;
}

const sealed = z.strictObject({
  until: z.number(),
  asOf: z.number(),
  second: z.number(),
  id: z.string(),
  check: z.enum(CHECKS),
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
  const state: z.input<typeof sealed> = { until: now.getTime() + LIFETIME_MS, asOf, ...after };
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
  const { second, id, check, asOf } = state;
  return { after: { second, id, check }, asOf };
}
