/**
 * The database as the rooms see it. There is no bare query: work runs either as one tenant, fenced by row-level
 * security, or as a named system job with that job's own grants. Both run `fn` inside one transaction.
 */
import type { TenantId } from '../tenancy/ids.js';

/**
 * The closed list of jobs that may cross tenants.
 * `operate` serves the operator's own commands: it lists tenants and finds a key's tenant by `kid`, nothing else.
 */
export type SystemJob = 'authenticate' | 'operate' | 'sweep' | 'rewrap' | 'retention' | 'audit' | 'migrate';

export type SqlValue = string | number | boolean | null | Date | Uint8Array | readonly string[];

/** Turns one row as the driver gives it into a typed value; a zod schema is one. Throws on a row that does not fit. */
export interface RowParser<T> {
  parse(row: unknown): T;
}

export interface Tx {
  /** Rows of a statement with `$1…` placeholders. Timestamps arrive as `Date`, jsonb parsed, bytea as `Uint8Array`. */
  rows<T>(row: RowParser<T>, sql: string, params?: readonly SqlValue[]): Promise<T[]>;
  /** Runs a statement; resolves with the number of rows it touched. */
  run(sql: string, params?: readonly SqlValue[]): Promise<number>;
}

export interface Database {
  /** @throws AppError `storage_unavailable`; a plain Error at once when called from inside another `fn`. */
  asTenant<T>(tenantId: TenantId, fn: (tx: Tx) => Promise<T>): Promise<T>;
  asSystem<T>(job: SystemJob, fn: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
