/**
 * The first contact with Postgres. Nothing is asked of a database before it has been found fit: the right schema, and
 * a role that the policies hold. A database that cannot be reached is no reason not to start: until it is there, every
 * use is answered with `storage_unavailable`, and the first contact is sought in the background.
 */
import { AppError } from '../errors.js';
import { StorageFailure } from './failures.js';
import { checkSchemaVersion } from './migrate.js';
import type { Database } from './port.js';
import { examineServiceRole, refuseRole } from './postgres-role.js';
import { DatabaseUnfit } from './postgres-unfit.js';

export interface Contact {
  /** Whether the database has been reached and found fit. */
  isMade(): boolean;
  /** Resolves with the first contact; never rejects. */
  readonly first: Promise<void>;
}

export interface ContactedDatabase extends Database {
  readonly contact: Contact;
}

export interface ContactOptions {
  /** The version of the release's last migration. */
  readonly knownSchema: number;
  /** What else must hold before the database is used; what it throws is taken as a database that is away, or unfit. */
  readonly examine?: (database: Database) => Promise<void>;
  /** Told why there is no contact, once for each new reason. */
  readonly onTrouble: (error: unknown) => void;
  /** Waits before the next try; resolves early when the signal ends. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
}

/**
 * Makes the first contact, or goes on without when the database is away.
 * @throws DatabaseUnfit, AppError `storage_unavailable` with the hint to migrate, or what `examine` threw, when it is
 *   there but not fit
 */
export async function contactDatabase(
  database: Database,
  options: ContactOptions,
): Promise<ContactedDatabase> {
  const closing = new AbortController();
  let made = false;
  let announce = () => {};
  const first = new Promise<void>((resolve) => {
    announce = resolve;
  });
  const attempt = async () => {
    await assertFit(database, options.knownSchema);
    await options.examine?.(database);
    made = true;
    announce();
  };
  try {
    await attempt();
  } catch (thrown) {
    if (!isAway(thrown)) throw thrown;
    options.onTrouble(thrown);
    void seek(attempt, thrown, options, closing.signal);
  }
  const admitted = async <T>(use: () => Promise<T>): Promise<T> => {
    if (made) return use();
    throw new AppError('storage_unavailable', undefined, { retryAfterS: 2 });
  };
  return {
    contact: { isMade: () => made, first },
    asTenant: (tenantId, fn) => admitted(() => database.asTenant(tenantId, fn)),
    asSystem: (job, fn) => admitted(() => database.asSystem(job, fn)),
    close() {
      closing.abort();
      return database.close();
    },
  };
}

/** Never rejects. A database that turns out to be unfit stays unused until somebody has mended it. */
async function seek(
  attempt: () => Promise<void>,
  told: unknown,
  { onTrouble, pause }: ContactOptions,
  closed: AbortSignal,
): Promise<void> {
  let reason = reasonOf(told);
  for (;;) {
    await pause(closed);
    if (closed.aborted) return;
    try {
      return await attempt();
    } catch (thrown) {
      if (closed.aborted) return;
      if (reasonOf(thrown) !== reason) onTrouble(thrown);
      reason = reasonOf(thrown);
    }
  }
}

/** @throws DatabaseUnfit; AppError `storage_unavailable` when it is away or has another schema */
async function assertFit(database: Database, knownSchema: number): Promise<void> {
  try {
    const { dangers, lacks } = await examineServiceRole(database);
    refuseRole(dangers);
    await checkSchemaVersion(database, knownSchema);
    refuseRole(lacks);
  } catch (thrown) {
    throw refusedConnection(thrown) ?? thrown;
  }
}

/** In words for the operator, when Postgres was there and let this role, or this database, in not at all. */
export function refusedConnection(thrown: unknown): DatabaseUnfit | undefined {
  const code = failureOf(thrown)?.code ?? '';
  if (!REFUSED_CONNECTION.has(code.slice(0, 2))) return undefined;
  return new DatabaseUnfit(
    `The database refuses the connection (${code}): look at the role, password and database name in DATABASE_URL.`,
  );
}

/** SQLSTATE classes: wrong role or password, no such database. */
const REFUSED_CONNECTION = new Set(['28', '3D']);

const failureOf = (thrown: unknown): StorageFailure | undefined =>
  thrown instanceof AppError && thrown.cause instanceof StorageFailure ? thrown.cause : undefined;

/** Whether waiting can help: the database, or the way to it, is at fault. */
export const isAway = (thrown: unknown): boolean =>
  thrown instanceof AppError && thrown.code === 'storage_unavailable' && failureOf(thrown) !== undefined;

const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error ? `${thrown.message} ${failureOf(thrown)?.code ?? ''}` : String(thrown);
