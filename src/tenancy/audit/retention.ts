/** Ends what is past its time, in batches, so that no transaction is long and no replica waits for another. */
import type { Database } from '../../storage/port.js';
import type { Clock } from '../ids.js';

export const RETENTION_DAYS = 400;

const BATCH = 1_000;
const DAY_MS = 24 * 3_600_000;

// How old is old enough is the policies' to say: the job sees nothing that is younger.
const DELETES = [
  ['audit_events', 'event_id', 'occurred_at'],
  ['operator_events', 'event_id', 'occurred_at'],
  ['auth_refusals', 'refusal_id', 'minute'],
].map(
  ([table, id, time]) =>
    `delete from ${table} where ${id} in (select ${id} from ${table}
       where ${time} < now() - interval '${RETENTION_DAYS} days' order by ${time} limit ${BATCH})`,
);

/** @returns how many rows were deleted. @throws AppError `storage_unavailable` */
export async function deleteOldRows(database: Database): Promise<number> {
  let total = 0;
  for (const sql of DELETES) {
    let deleted: number;
    do {
      deleted = await database.asSystem('retention', (tx) => tx.run(sql));
      total += deleted;
    } while (deleted === BATCH);
  }
  return total;
}

/** Ends what is past its time in some tables, and says how many rows that were. @throws AppError `storage_unavailable` */
export type RetentionJob = (database: Database) => Promise<number>;

/** Runs the jobs when a day has gone by since all last ended well; the first step runs them at once. */
export class DailyRetention {
  readonly #database: Database;
  readonly #now: Clock;
  readonly #jobs: readonly RetentionJob[];
  #lastRun: number | undefined;

  /** @param others jobs of other rooms, beside that of the trail */
  constructor(database: Database, now: Clock, others: readonly RetentionJob[] = []) {
    this.#database = database;
    this.#now = now;
    this.#jobs = [deleteOldRows, ...others];
  }

  /** @returns how many rows were ended, `undefined` when it was not time. @throws AppError `storage_unavailable` */
  async step(): Promise<number | undefined> {
    const now = this.#now();
    if (this.#lastRun !== undefined && now - this.#lastRun < DAY_MS) return undefined;
    let ended = 0;
    for (const job of this.#jobs) ended += await job(this.#database);
    this.#lastRun = now;
    return ended;
  }
}
