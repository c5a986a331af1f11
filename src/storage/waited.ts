/**
 * A database with the waiting for it on the account of whoever works with it: for a connection and the role, for each
 * statement, and for the end of the transaction. What the work itself does in between is not waiting. Rows are parsed
 * within the wait for their statement; they are few.
 */
import type { Database, Tx } from './port.js';

/** @param begin begins a wait; @returns what ends it */
export function waitedDatabase(database: Database, begin: () => () => void): Database {
  async function waited<T>(work: () => Promise<T>): Promise<T> {
    const end = begin();
    try {
      return await work();
    } finally {
      end();
    }
  }

  const over = (tx: Tx): Tx => ({
    rows: (row, sql, params) => waited(() => tx.rows(row, sql, params)),
    run: (sql, params) => waited(() => tx.run(sql, params)),
  });

  /** Waits for the transaction to begin, and again for it to end. */
  async function around<T>(
    transact: (fn: (tx: Tx) => Promise<T>) => Promise<T>,
    fn: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    let end = begin();
    try {
      return await transact(async (tx) => {
        end();
        try {
          return await fn(over(tx));
        } finally {
          end = begin();
        }
      });
    } finally {
      end();
    }
  }

  return {
    asTenant: (tenantId, fn) => around((work) => database.asTenant(tenantId, work), fn),
    asSystem: (job, fn) => around((work) => database.asSystem(job, work), fn),
    close: () => database.close(),
  };
}
