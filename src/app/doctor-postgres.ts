/** What only a server of Postgres has: its version, its connections, its clock. Asked as the connection itself. */
import { z } from 'zod';
import type { Database } from '../storage/port.js';
import { clockFinding, readClock } from './doctor-clock.js';
import { type Finding, ok, warned } from './finding.js';
import type { AppConfig } from './foundation.js';

const clockRow = z.object({ ms: z.number() });

/** @param now milliseconds since 1970 */
export async function postgresClock(database: Database, now: () => number): Promise<Finding> {
  const ask = async () => {
    const [row] = await database.asSystem('migrate', (tx) =>
      tx.rows(clockRow, `select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`),
    );
    return row?.ms ?? Number.NaN;
  };
  return clockFinding('Postgres', await readClock(ask, now));
}

const roomRow = z.object({ room: z.int() });

/** The smallest of what the server, the database and the role allow; -1 there means no bound of its own. */
const ROOM = `select least(
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
    nullif((select datconnlimit from pg_catalog.pg_database where datname = current_database()), -1),
    nullif((select rolconnlimit from pg_catalog.pg_roles where rolname = current_user), -1)) as room`;

/** One more for each command of the operator that runs beside the servers. */
const FOR_COMMANDS = 2;

export async function postgresConnections(
  database: Database,
  { database: chosen, upstream: { replicas } }: AppConfig,
): Promise<Finding> {
  const poolMax = chosen.kind === 'postgres' ? chosen.poolMax : 1;
  const [row] = await database.asSystem('migrate', (tx) => tx.rows(roomRow, ROOM));
  const room = row?.room ?? 0;
  const needed = poolMax * replicas + FOR_COMMANDS;
  const words = `${replicas} × ${poolMax} for the replicas and ${FOR_COMMANDS} for commands, of ${room} that Postgres allows.`;
  if (needed <= room) return ok(words);
  return warned(
    `${words} Raise max_connections (or the limit of role or database), or lower DATABASE_POOL_MAX: a replica that gets no connection answers with storage_unavailable.`,
  );
}
