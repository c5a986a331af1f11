/**
 * What an adapter has to bring: transactions on a real database, nothing about tenants or roles. Values arrive as the
 * port says: timestamps as `Date`, jsonb parsed, bytea as `Uint8Array`, a safe int8 as number, numeric as text.
 */
import type { SqlValue } from './port.js';

export interface Statements {
  /** @returns the rows as objects by column name, and how many rows the statement returned or touched */
  query(
    sql: string,
    params: readonly SqlValue[],
  ): Promise<{ readonly rows: unknown[]; readonly count: number }>;
  /** Runs several statements without parameters, as a migration file holds them. */
  script(sql: string): Promise<void>;
}

export interface Driver {
  /**
   * Runs `fn` in one transaction: commits when it resolves, rolls back when it rejects and rejects with the same
   * value. Rejects as well when the commit turned into a rollback because `fn` swallowed a failed statement.
   * Failures of the database arrive as the driver's own errors.
   */
  transaction<T>(fn: (statements: Statements) => Promise<T>): Promise<T>;
  /** Waits for running transactions. */
  close(): Promise<void>;
}
