/** What the ledger of all tenants holds, past every fence. */
import pg from 'pg';
import { z } from 'zod';

const changeRow = z.object({ change_id: z.string(), state: z.string(), sent_at: z.date() });
const countRow = z.object({ locks: z.int(), effects: z.int() });

export interface LedgerFacts {
  /** In the order in which they were about to be sent. */
  readonly changes: readonly z.output<typeof changeRow>[];
  /** Locks that are there, whether their lease is over or not. */
  readonly locks: number;
  /** Counted against the daily caps of all keys. */
  readonly effects: number;
}

export async function ledgerFacts(superuserUrl: string): Promise<LedgerFacts> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const changes = await client.query('select change_id, state, sent_at from changes order by sent_at');
    const counts = await client.query(
      `select (select count(*)::integer from change_locks) as locks,
        (select coalesce(sum(effects), 0)::integer from write_counts) as effects`,
    );
    return { changes: z.array(changeRow).parse(changes.rows), ...countRow.parse(counts.rows[0]) };
  } finally {
    await client.end();
  }
}
