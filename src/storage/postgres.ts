/**
 * Postgres 15 or newer through `pg`: one pool a process. Nothing is kept on a connection between transactions, so a
 * pooler in transaction mode may stand between.
 *
 * - The connecting role owns nothing and inherits nothing: each transaction takes the role of its work (`fenced.ts`),
 *   and without doing so the connection can read no table. `postgres-role.ts` holds it to that.
 * - Everything is bounded: connecting, waiting for a connection, a statement, a transaction that stands still.
 */
import pg from 'pg';
import type { PoolUse } from '../telemetry/port.js';
import type { Driver } from './driver.js';
import { fencedDatabase } from './fenced.js';
import type { Database } from './port.js';
import { postgresDriver } from './postgres-driver.js';
import { DatabaseUnfit } from './postgres-unfit.js';

export interface PostgresOptions {
  /** `postgres://role:password@host:port/database`; `sslmode` means what it means to libpq. */
  readonly url: string;
  /** As the server lists it in `pg_stat_activity`. */
  readonly applicationName?: string;
  /** Connections at most; 10 when not given. */
  readonly poolMax?: number;
  readonly timeouts?: Partial<PostgresTimeouts>;
  /** Told of a connection that broke while nobody used it. */
  readonly onIdleError?: (error: Error) => void;
}

/** In milliseconds; 0 is no bound. */
export interface PostgresTimeouts {
  /** Until a connection is there: made, or given back by somebody. */
  readonly connect: number;
  /** Until the answer to one statement is there. The connection is given up after that. */
  readonly query: number;
  /** After which the server itself ends a statement: before `query`, so that the connection survives. */
  readonly statement: number;
  /** After which the server ends a transaction in which nothing happens. */
  readonly idleTransaction: number;
}

const TIMEOUTS: PostgresTimeouts = {
  connect: 2_000,
  query: 5_000,
  statement: 4_500,
  idleTransaction: 10_000,
};

export interface PostgresDatabase extends Database {
  /** The connections as they are now. */
  poolUse(): PoolUse;
}

/** Opens the pool. Connects to nobody yet. @throws DatabaseUnfit when the address cannot be used as it stands */
export function openPostgres(options: PostgresOptions): PostgresDatabase {
  const { driver, pool } = openPool(options);
  return { ...fencedDatabase(driver), poolUse: () => useOf(pool) };
}

/** The same without the fence: for migrations, which make it. */
export const openPostgresDriver = (options: PostgresOptions): Driver => openPool(options).driver;

function openPool(options: PostgresOptions): { readonly driver: Driver; readonly pool: pg.Pool } {
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const pool = makePool(options, timeouts);
  // A connection that breaks while idle is taken out of the pool by itself; unheard, the event would end the process.
  pool.on('error', (error) => options.onIdleError?.(error));
  return { driver: postgresDriver(pool, timeouts), pool };
}

const useOf = ({ totalCount, idleCount, waitingCount, options }: pg.Pool): PoolUse => ({
  inUse: totalCount - idleCount,
  idle: idleCount,
  waiting: waitingCount,
  max: options.max,
});

function makePool(options: PostgresOptions, timeouts: PostgresTimeouts): pg.Pool {
  const url = new URL(options.url);
  // Otherwise `pg` reads every mode as verify-full, and says so on standard error.
  if (url.searchParams.has('sslmode')) url.searchParams.set('uselibpqcompat', 'true');
  const connectionString = url.href;
  try {
    // Each connection reads the address and the files it names (sslrootcert, sslcert, sslkey): one that is never used
    // shows a mistake at the start.
    new pg.Client({ connectionString });
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    throw new DatabaseUnfit(`The address of the database cannot be used: ${thrown.message}`);
  }
  return new pg.Pool({
    connectionString,
    application_name: options.applicationName ?? 'orderdesk-mcp',
    max: options.poolMax ?? 10,
    connectionTimeoutMillis: timeouts.connect,
    query_timeout: timeouts.query,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  });
}
