/** A run that ends without having sent anything: its row goes, or goes back to what it was before the run. */
import type { Database } from '../storage/port.js';
import type { Claim } from './ledger.js';
import { type HeldRow, holdRow, refund } from './ledger-close.js';
import type { ImageBox } from './ledger-images.js';
import { targetsOf } from './ledger-rows.js';
import { isResumable, notSent, withLines } from './outcomes.js';

const DELETE = 'delete from changes where tenant_id = $1 and change_id = $2';

/** Nothing was sent on the strength of it: it is good for another call. */
const UNCONFIRM = 'delete from used_confirmations where tenant_id = $1 and change_id = $2';

/** What is only claimed has no open step: it goes back as it stands, whether or not it can be read. */
const GO_BACK = `update changes set state = settled_as, images = coalesce($3, images), targets = coalesce($4, targets),
    resumable = coalesce($6, resumable),
    sent_by = case when sent_by = owner then null else sent_by end,
    effects = greatest(0, effects - $5), step_effects = 0, step_refunded = 0, finished_at = clock_timestamp()
  where tenant_id = $1 and change_id = $2`;

export async function abandon(database: Database, box: ImageBox, claim: Claim): Promise<void> {
  const { tenantId, id } = claim;
  const left = await database.asTenant(tenantId, async (tx) => {
    const row = await abandonable(holdRow(tx, claim));
    if (row === undefined || row.settled_as !== null) return row;
    await tx.run(DELETE, [tenantId, id]);
    await tx.run(UNCONFIRM, [tenantId, id]);
    await refund(tx, claim, row, unsent(row));
    return undefined;
  });
  if (left === undefined) return;
  const kept = left.state === 'claimed' ? AS_IT_STANDS : await withoutOpenStep(box, claim, left);
  await database.asTenant(tenantId, async (tx) => {
    const row = await abandonable(holdRow(tx, claim));
    if (row?.state !== left.state) return;
    await tx.run(GO_BACK, [tenantId, id, kept.images, kept.targets, unsent(row), kept.resumable]);
    await refund(tx, claim, row, unsent(row));
  });
}

const AS_IT_STANDS = { images: null, targets: null, resumable: null };

async function withoutOpenStep(box: ImageBox, { tenantId, id }: Claim, row: HeldRow) {
  const images = await box.open(tenantId, id, row.images);
  if (images === null) return AS_IT_STANDS;
  const lines =
    images.open === null ? images.lines : withLines(images.lines, images.open.lines, (line) => notSent(line));
  return {
    images: await box.seal(tenantId, id, { ...images, lines, open: null }),
    targets: targetsOf(lines),
    resumable: isResumable(lines),
  };
}

/** What is pending is only its sender's to abandon: nobody else knows that nothing was sent. */
async function abandonable(found: Promise<HeldRow | undefined>): Promise<HeldRow | undefined> {
  const row = await found;
  if (!row?.owned) return undefined;
  return row.state === 'claimed' || (row.state === 'pending' && row.sent) ? row : undefined;
}

/** Effects of the step that was written down and not sent. */
const unsent = ({ state, step_effects, step_refunded }: HeldRow): number =>
  state === 'pending' ? step_effects - step_refunded : 0;
