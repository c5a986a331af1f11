/**
 * The end of a step. Who may write it: the owner, and besides, until it has said what became of its request, the run that
 * sent it. That run knows; whoever took the row over meanwhile has only looked. So a slow writer that comes back corrects
 * the verdict of a sweeper and takes the row back, and the sweeper that comes after it finds that the row is not its any
 * more. Once another run has sent a step of its own, the first has no say.
 */
import { z } from 'zod';
import type { Tx } from '../storage/port.js';
import type { Claim, Closing, ClosingUnread } from './ledger.js';
import { STATES, targetsOf } from './ledger-rows.js';
import { stateOf } from './outcomes.js';

const FIND = `select state, owner = $3 as owned, sent_by = $3 as sent, settled_as, effects, step_effects, step_refunded,
    key_id, effects_day::text as day, images
  from changes where tenant_id = $1 and change_id = $2 for update`;

const CLOSE = `update changes set state = $4, owner = $3, images = coalesce($5, images), targets = coalesce($6, targets),
    resumable = $7, settled_as = $8, undoes = case when $10 then null else undoes end,
    sent_by = case when sent_by = $3 then null else sent_by end,
    effects = greatest(0, effects - $9 + step_refunded), step_refunded = $9,
    finished_at = case when $4 = 'claimed' then null else clock_timestamp() end
  where tenant_id = $1 and change_id = $2`;

const REFUND = `update write_counts set effects = greatest(0, effects - $4)
  where tenant_id = $1 and key_id = $2 and day = $3::date`;

const heldRow = z.object({
  state: z.enum(STATES),
  owned: z.boolean(),
  sent: z.boolean().nullable(),
  settled_as: z.enum(STATES).nullable(),
  effects: z.int(),
  step_effects: z.int(),
  step_refunded: z.int(),
  key_id: z.string(),
  day: z.string().nullable(),
  images: z.instanceof(Uint8Array).nullable(),
});

export type HeldRow = z.output<typeof heldRow>;

/** The row, locked. */
export async function holdRow(tx: Tx, { tenantId, id, owner }: Claim): Promise<HeldRow | undefined> {
  const [row] = await tx.rows(heldRow, FIND, [tenantId, id, owner]);
  return row;
}

const isOpen = ({ state }: HeldRow): boolean => state === 'claimed' || state === 'pending';

/** What is written with a closing, sealed already. */
export interface Sealed {
  /** `null` leaves the images as they stand. */
  readonly images: Uint8Array | null;
  /** Whether it gives up its place as the one undo of its change. */
  readonly isSecondUndo: boolean;
}

/**
 * @returns whether it was this run's to close; also when it did so before, whose answer was lost
 * @throws AppError `conflict` for an undo whose change another has taken back by now
 */
export async function closeRow(
  tx: Tx,
  claim: Claim,
  { state, images, resumable, refunded }: Closing | ClosingUnread,
  sealed: Sealed,
): Promise<boolean> {
  const row = await holdRow(tx, claim);
  if (row === undefined) return false;
  if (row.sent !== true && !(row.owned && isOpen(row))) return row.owned;
  const given = refunded ?? row.step_refunded;
  const settledAs = state === 'claimed' ? stateOf(images.lines) : state;
  const targets = images === null ? null : targetsOf(images.lines);
  await tx.run(CLOSE, [
    claim.tenantId,
    claim.id,
    claim.owner,
    state,
    sealed.images,
    targets,
    resumable,
    settledAs,
    given,
    sealed.isSecondUndo,
  ]);
  await refund(tx, claim, row, given - row.step_refunded);
  return true;
}

/** Gives effects back to the day they were counted on; takes them again when negative. */
export async function refund(tx: Tx, { tenantId }: Claim, row: HeldRow, effects: number): Promise<void> {
  if (effects !== 0) await tx.run(REFUND, [tenantId, row.key_id, row.day, effects]);
}
