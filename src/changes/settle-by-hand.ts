/** For people: what became of a change that nobody could find out by looking. */
import type { TenantId } from '../tenancy/ids.js';
import type { Closing, Images, StoredChange } from './ledger.js';
import { isResumable, stateOf } from './outcomes.js';
import type { ChangeLine } from './port.js';
import type { EngineDeps } from './run.js';

export type SettledOutcome = 'applied' | 'failed';

const NOTES: Readonly<Record<SettledOutcome, string>> = {
  applied: 'Settled by a person: it was applied.',
  failed: 'Settled by a person: it was not applied.',
};

/** @throws AppError `not_found`, `conflict` (its outcome is known), `in_progress`, `storage_unavailable` */
export async function settleByHand(
  { ledger }: EngineDeps,
  tenantId: TenantId,
  changeId: string,
  outcome: SettledOutcome,
): Promise<void> {
  const { claim, change } = await ledger.takeToSettle(tenantId, changeId);
  await ledger.close(claim, closingOf(change, outcome));
}

function closingOf({ images, effects }: StoredChange, outcome: SettledOutcome): Closing {
  const kept: Images = images ?? { lines: [], records: {}, open: null, version: null, remarks: [] };
  const open = new Map(kept.open?.lines.map(({ index, line }) => [index, line]));
  const lines = kept.lines.map((line, index): ChangeLine => {
    if (line.outcome !== 'unknown') return line;
    return { ...(open.get(index) ?? line), outcome, message: NOTES[outcome] };
  });
  const settled = kept.lines.filter((line) => line.outcome === 'unknown').length;
  return {
    state: lines.length === 0 ? outcome : stateOf(lines),
    images: { ...kept, lines, open: null },
    resumable: isResumable(lines),
    refunded: outcome === 'failed' ? Math.min(settled, effects) : 0,
  };
}
