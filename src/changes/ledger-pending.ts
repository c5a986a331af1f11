/**
 * The one transaction before a request is sent: what is meant is written down, the confirmation is used up and the daily
 * cap is taken, while claim and locks still hold. It all stands or nothing does.
 */
import { z } from 'zod';
import { AppError } from '../errors.js';
import type { Tx } from '../storage/port.js';
import type { Claim, Pending } from './ledger.js';
import { renewLocks } from './ledger-locks.js';
import { targetsOf } from './ledger-rows.js';

const TODAY = `(clock_timestamp() at time zone 'utc')::date`;

const TO_PENDING = `update changes set state = 'pending', images = $5, targets = $6, effects = effects + $7,
    step_effects = $7, step_refunded = 0, effects_day = ${TODAY}, sent_by = owner, sent_at = clock_timestamp(),
    lease_until = clock_timestamp() + $4::double precision * interval '1 millisecond'
  where tenant_id = $1 and change_id = $2 and owner = $3 and state = 'claimed' and lease_until > clock_timestamp()
  returning key_id, effects_day::text as day`;

/** The same change may bring it again: a call that goes on with what was left. */
const CONFIRM = `insert into used_confirmations as used (tenant_id, confirmation_id, change_id) values ($1, $2, $3)
  on conflict (tenant_id, confirmation_id) do update set change_id = excluded.change_id
  where used.change_id = excluded.change_id`;

const COUNT = `insert into write_counts as counted (tenant_id, key_id, day, effects)
  select $1::uuid, $2::uuid, $3::date, $4::integer where $5::integer is null or $4::integer <= $5::integer
  on conflict (tenant_id, key_id, day) do update set effects = counted.effects + excluded.effects
  where $5::integer is null or counted.effects + excluded.effects <= $5::integer`;

const COUNTED = `select effects from write_counts where tenant_id = $1 and key_id = $2 and day = $3::date`;

const pendingRow = z.object({ key_id: z.string(), day: z.string() });
const countRow = z.object({ effects: z.int() });

/** @throws AppError `in_progress`, `confirmation_required`, `write_cap_reached`: the transaction must not be committed then */
export async function makePending(
  tx: Tx,
  claim: Claim,
  { images, locks, effects, cap, confirmation }: Pending,
  sealed: Uint8Array,
  leaseMs: number,
): Promise<void> {
  const { id, tenantId, owner } = claim;
  const targets = targetsOf(images.lines);
  const [row] = await tx.rows(pendingRow, TO_PENDING, [
    tenantId,
    id,
    owner,
    leaseMs,
    sealed,
    targets,
    effects,
  ]);
  if (row === undefined) throw lost();
  if (confirmation !== undefined && (await tx.run(CONFIRM, [tenantId, confirmation, id])) === 0) throw used();
  if (effects > 0) await count(tx, tenantId, row, effects, cap);
  if (!(await renewLocks(tx, claim, locks, leaseMs))) throw lost();
}

async function count(
  tx: Tx,
  tenantId: string,
  { key_id, day }: z.output<typeof pendingRow>,
  effects: number,
  cap: number | null,
): Promise<void> {
  if ((await tx.run(COUNT, [tenantId, key_id, day, effects, cap])) > 0) return;
  const [counted] = await tx.rows(countRow, COUNTED, [tenantId, key_id, day]);
  throw new AppError('write_cap_reached', undefined, {
    hint:
      `This key may have ${cap} effects in a UTC day; on ${day} it has had ${counted?.effects ?? 0}, and this call needs ` +
      `${effects} more. The count begins anew at 00:00 UTC.`,
  });
}

const lost = (): AppError => new AppError('in_progress', undefined, { retryAfterS: 1 });

const used = (): AppError =>
  new AppError('confirmation_required', 'The confirmation_token was used before. Nothing was written.', {
    field: 'confirmation_token',
    hint: 'Make the same call with dry_run: true, then repeat it with the confirmation_token of its answer.',
  });
