/**
 * Turns a driver into the `Database` port. Every transaction begins by taking a role and naming the tenant (or none),
 * both for this transaction only, so that a pooled connection carries nothing over.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { AppError } from '../errors.js';
import type { Driver, Statements } from './driver.js';
import { storageError } from './failures.js';
import type { Database, SystemJob, Tx } from './port.js';

const TENANT_ROLE = 'orderdesk_tenant';

/** `migrate` keeps the connection's own role. */
const JOB_ROLES: Readonly<Record<Exclude<SystemJob, 'migrate'>, string>> = {
  authenticate: 'orderdesk_authenticate',
  operate: 'orderdesk_operate',
  sweep: 'orderdesk_sweep',
  rewrap: 'orderdesk_rewrap',
  audit: 'orderdesk_audit',
  retention: 'orderdesk_retention',
};

/** Every role that work is done in. Whoever connects must be able to take each, and must not be one of them. */
export const GROUP_ROLES: readonly string[] = [TENANT_ROLE, ...Object.values(JOB_ROLES)];

/** The function form of SET LOCAL: takes parameters, and both settings travel in one round trip. */
const ENTER_ROLE = `select set_config('role', $1, true), set_config('app.tenant_id', $2, true)`;
const ENTER_AS_SELF = `select set_config('app.tenant_id', '', true)`;

export function fencedDatabase(driver: Driver): Database {
  const current = new AsyncLocalStorage<{ open: boolean }>();
  let closing: Promise<void> | undefined;

  async function transact<T>(enter: Entry, fn: (tx: Tx) => Promise<T>): Promise<T> {
    if (current.getStore()?.open) {
      throw new Error('The database was used inside a transaction of its own: use the tx that fn was given.');
    }
    if (closing !== undefined) throw new AppError('storage_unavailable', 'The database is closed.');
    const scope = { open: true };
    let refused: { readonly by: unknown } | undefined;
    try {
      return await driver.transaction(async (statements) => {
        try {
          await statements.query(enter.sql, enter.params).catch(raiseStorageError);
          return await current.run(scope, () => fn(transactionOver(statements, scope)));
        } catch (thrown) {
          refused = { by: thrown };
          throw thrown;
        }
      });
    } catch (thrown) {
      throw refused === undefined ? storageError(thrown) : refused.by;
    } finally {
      scope.open = false;
    }
  }

  return {
    asTenant: (tenantId, fn) => transact({ sql: ENTER_ROLE, params: [TENANT_ROLE, tenantId] }, fn),
    asSystem: async (job, fn) => transact(entryOf(job), fn),
    close: () => {
      closing ??= driver.close().catch(raiseStorageError);
      return closing;
    },
  };
}

interface Entry {
  readonly sql: string;
  readonly params: readonly string[];
}

function entryOf(job: SystemJob): Entry {
  if (job === 'migrate') return { sql: ENTER_AS_SELF, params: [] };
  return { sql: ENTER_ROLE, params: [JOB_ROLES[job], ''] };
}

function transactionOver(statements: Statements, scope: { readonly open: boolean }): Tx {
  const query = (sql: string, params: Parameters<Tx['run']>[1] = []) => {
    if (!scope.open) throw new Error('A tx was used after its transaction had ended.');
    return statements.query(sql, params).catch(raiseStorageError);
  };
  return {
    rows: async (row, sql, params) => (await query(sql, params)).rows.map((value) => row.parse(value)),
    run: async (sql, params) => (await query(sql, params)).count,
  };
}

function raiseStorageError(thrown: unknown): never {
  throw storageError(thrown);
}
