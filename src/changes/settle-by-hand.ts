/** For people: what became of a change that nobody could find out by looking. */
import { AppError } from '../errors.js';
import type { TenantId } from '../tenancy/ids.js';
import type { Closing, ClosingUnread, StoredChange } from './ledger.js';
import { isResumable, stateOf } from './outcomes.js';
import type { ChangeLine } from './port.js';
import type { EngineDeps } from './run.js';

export type SettledOutcome = 'applied' | 'failed';

const NOTES: Readonly<Record<SettledOutcome, string>> = {
  applied: 'Settled by a person: it was applied.',
  failed: 'Settled by a person: it was not applied.',
};

/**
 * @throws AppError `not_found`, `conflict` (its outcome is known, or was found out meanwhile), `in_progress`,
 *   `storage_unavailable`
 */
export async function settleByHand(
  { ledger }: Pick<EngineDeps, 'ledger'>,
  tenantId: TenantId,
  changeId: string,
  outcome: SettledOutcome,
): Promise<void> {
  const { claim, change } = await ledger.takeToSettle(tenantId, changeId);
  if (await ledger.close(claim, closingOf(change, outcome))) return;
  throw new AppError(
    'conflict',
    'The run that sent this change, or a sweep, took it up meanwhile. Nothing was settled.',
    { hint: 'Look at the change again: what became of it may be known by now.' },
  );
}

function closingOf(
  { images, effects, refunded }: StoredChange,
  outcome: SettledOutcome,
): Closing | ClosingUnread {
  if (images === null) return { state: outcome, images, resumable: false, refunded: null };
  const open = new Map(images.open?.lines.map(({ index, line }) => [index, line]));
  const lines = images.lines.map((line, index): ChangeLine => {
    if (line.outcome !== 'unknown') return line;
    return { ...(open.get(index) ?? line), outcome, message: NOTES[outcome] };
  });
  const settled = images.lines.filter((line) => line.outcome === 'unknown').length;
  return {
    state: lines.length === 0 ? outcome : stateOf(lines),
    images: { ...images, lines, open: null },
    resumable: isResumable(lines),
    refunded: outcome === 'failed' ? refunded + Math.min(settled, effects) : null,
  };
}
