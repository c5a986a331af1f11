/**
 * Ends what is past its time in the ledger, in batches, so that no transaction is long and no replica waits for another:
 * a caller's key after 72 hours, images after 30 days, the entry after 400 days, and what only the moment needed. What is
 * not finished, or was in the last 72 hours, keeps key and images.
 */
import type { Database } from '../storage/port.js';

const BATCH = 1_000;

const before = (age: string) => `now() - interval '${age}'`;

/** The policy lets the job lock only what it may change, so that it never counts what it must leave. */
const clear = (column: string, age: string): string =>
  `update changes set ${column} = null where change_id in (select change_id from changes
     where created_at < ${before(age)} and ${column} is not null
     order by created_at limit ${BATCH} for update skip locked)`;

const END = [
  clear('idempotency_hash', '72 hours'),
  clear('images', '30 days'),
  `delete from changes where change_id in (select change_id from changes
     where created_at < ${before('400 days')} order by created_at limit ${BATCH})`,
  `delete from write_counts where (tenant_id, key_id, day) in (select tenant_id, key_id, day from write_counts
     where day < (now() at time zone 'utc')::date - 7 limit ${BATCH})`,
  `delete from used_confirmations where (tenant_id, confirmation_id) in (
     select tenant_id, confirmation_id from used_confirmations where used_at < ${before('1 day')} limit ${BATCH})`,
  `delete from change_locks where lock_name in (select lock_name from change_locks
     where lease_until < ${before('1 day')} limit ${BATCH})`,
];

/** @returns how many rows were cleared or deleted. @throws AppError `storage_unavailable` */
export async function endOldChanges(database: Database): Promise<number> {
  let total = 0;
  for (const sql of END) {
    let touched: number;
    do {
      touched = await database.asSystem('retention', (tx) => tx.run(sql));
      total += touched;
    } while (touched === BATCH);
  }
  return total;
}
