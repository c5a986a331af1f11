/** A database that tells how long each statement took. Those that begin and end a transaction are not among them. */
import type { StatementEvent } from '../telemetry/port.js';
import type { Database, SystemJob, Tx } from './port.js';

/** @param now milliseconds on a clock that never goes back */
export function observedDatabase(
  database: Database,
  observe: (event: StatementEvent) => void,
  now: () => number = () => performance.now(),
): Database {
  async function timed<T>(work: 'tenant' | SystemJob, statement: () => Promise<T>): Promise<T> {
    const startedAt = now();
    try {
      const answer = await statement();
      observe({ work, outcome: 'ok', durationMs: now() - startedAt });
      return answer;
    } catch (thrown) {
      observe({ work, outcome: 'error', durationMs: now() - startedAt });
      throw thrown;
    }
  }
  const over = (work: 'tenant' | SystemJob, tx: Tx): Tx => ({
    rows: (row, sql, params) => timed(work, () => tx.rows(row, sql, params)),
    run: (sql, params) => timed(work, () => tx.run(sql, params)),
  });
  return {
    asTenant: (tenantId, fn) => database.asTenant(tenantId, (tx) => fn(over('tenant', tx))),
    asSystem: (job, fn) => database.asSystem(job, (tx) => fn(over(job, tx))),
    close: () => database.close(),
  };
}
