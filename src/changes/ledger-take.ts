/** Taking changes whose run is gone: by the sweep, of all tenants, and by a person who knows what became of one. */
import { z } from 'zod';
import { AppError } from '../errors.js';
import type { Database, Tx } from '../storage/port.js';
import { isUuid, type TenantId } from '../tenancy/ids.js';
import { changeNotFound } from './ledger-read.js';
import { type ChangeRow, COLUMNS, changeRow } from './ledger-rows.js';

/** Each gets an owner of its own, since locks go by owners. Whoever is just taking one is not waited for. */
const TAKE_DEAD = `with dead as (
    select change_id from changes
    where state in ('claimed', 'pending') and lease_until < now() - $2::double precision * interval '1 millisecond'
    order by lease_until limit $3 for update skip locked
  )
  update changes c set owner = gen_random_uuid(),
    lease_until = clock_timestamp() + $1::double precision * interval '1 millisecond'
  from dead where c.change_id = dead.change_id
  returning ${COLUMNS}, c.owner`;

const FIND = `select ${COLUMNS}, c.owner from changes c where c.tenant_id = $1 and c.change_id = $2 for update`;

const TAKE = `update changes c set state = 'pending', owner = gen_random_uuid(), finished_at = null,
    lease_until = clock_timestamp() + $1::double precision * interval '1 millisecond'
  where c.tenant_id = $2 and c.change_id = $3
  returning ${COLUMNS}, c.owner`;

const takenRow = changeRow.extend({ owner: z.string() });
export type TakenRow = ChangeRow & { readonly owner: string };

export function takeDeadRows(
  database: Database,
  leaseMs: number,
  graceMs: number,
  limit: number,
): Promise<TakenRow[]> {
  return database.asSystem('sweep', (tx) => tx.rows(takenRow, TAKE_DEAD, [leaseMs, graceMs, limit]));
}

/** @throws AppError `not_found`, `conflict`, `in_progress` */
export async function takeToSettle(
  tx: Tx,
  tenantId: TenantId,
  changeId: string,
  leaseMs: number,
): Promise<TakenRow> {
  const [found] = isUuid(changeId) ? await tx.rows(takenRow, FIND, [tenantId, changeId]) : [];
  if (found === undefined) throw changeNotFound();
  if (found.state === 'applied' || found.state === 'failed') {
    throw new AppError('conflict', 'The outcome of this change is known.');
  }
  if (found.state === 'claimed' || (found.state === 'pending' && found.lease_s !== null)) {
    throw new AppError('in_progress', 'Somebody is at work on this change.', {
      retryAfterS: found.lease_s ?? 1,
    });
  }
  const [taken] = await tx.rows(takenRow, TAKE, [leaseMs, tenantId, changeId]);
  if (taken === undefined) throw changeNotFound();
  return taken;
}
