/** What is done to a store that has been found, by a command of the operator or by a tool for owners. */
import { AppError } from '../../errors.js';
import type { Tx } from '../../storage/port.js';
import type { EventWriter, TenantEvent } from '../audit/events.js';
import type { Clock } from '../ids.js';
import { nameKey } from '../names.js';
import type { StoreChange, StoreEntry } from '../stores.js';
import { askStore, type FindStoreDeps } from './find-store.js';
import { refuseFullStore, writeFolder } from './store-folders.js';

export interface StoreActDeps extends FindStoreDeps {
  readonly record: EventWriter;
  readonly now: Clock;
}

export const recordStore = (
  record: EventWriter,
  tx: Tx,
  store: Pick<StoreEntry, 'tenantId' | 'rowId' | 'orderDeskId'>,
  action: Extract<TenantEvent['action'], `store.${string}`>,
  { outcome = 'done', detail = {} }: Pick<TenantEvent, 'outcome' | 'detail'> = {},
) =>
  record.ofTenant(tx, store.tenantId, {
    action,
    subject: `store:${store.rowId}`,
    outcome,
    detail: { orderdesk_store_id: store.orderDeskId, ...detail },
  });

/** Asks Order Desk with the stored credential and remembers the answer. @throws AppError `unknown_store`, `upstream_*` */
export async function verifyStore(deps: StoreActDeps, store: StoreEntry): Promise<StoreEntry> {
  const mark = (sql: string, outcome: 'done' | 'refused', ...more: readonly (Date | null)[]) =>
    deps.database.asTenant(store.tenantId, async (tx) => {
      await tx.run(sql, [new Date(deps.now()), store.tenantId, store.rowId, ...more]);
      await recordStore(deps.record, tx, store, 'store.verified', { outcome });
    });
  try {
    await askStore(deps, store);
  } catch (error) {
    if (isRefusal(error)) await mark(MARK_REFUSED, 'refused', store.verifiedAt);
    deps.storeRows.forget(store.tenantId);
    throw error;
  }
  await mark(MARK_VERIFIED, 'done');
  return entryNow(deps, store);
}

/**
 * The credential goes with the row. Keys that were limited to this store keep their other stores. Changes of the store
 * stay in the ledger for their time, and cannot be undone any more.
 * @throws AppError `conflict` while a change of the store is unfinished: its outcome could not be looked for any more
 */
export async function removeStore(deps: StoreActDeps, store: StoreEntry): Promise<void> {
  await deps.database.asTenant(store.tenantId, async (tx) => {
    // Before the look at the changes: one that is claimed after it finds no store.
    await tx.run('delete from stores where tenant_id = $1 and store_row_id = $2', [
      store.tenantId,
      store.rowId,
    ]);
    const unfinished = await tx.rows(anyRow, UNFINISHED, [store.tenantId, store.rowId]);
    if (unfinished.length > 0) throw unfinishedChanges();
    await recordStore(deps.record, tx, store, 'store.removed');
  });
  deps.storeRows.forget(store.tenantId);
}

/**
 * All of it or nothing, in one transaction. What is not given stays; folders are by id and believed.
 * @throws AppError `conflict` for a name that another store of the tenant has, `unknown_store`, `invalid_argument`
 */
export async function updateStore(
  deps: StoreActDeps,
  store: StoreEntry,
  { name, isDefault, folders = [] }: StoreChange,
): Promise<StoreEntry> {
  refuseFullStore(
    store,
    folders.map(({ folderId }) => folderId),
  );
  try {
    await deps.database.asTenant(store.tenantId, async (tx) => {
      if (isDefault === true) await tx.run(CLEAR_DEFAULT, [store.tenantId]);
      const rows = await tx.run(UPDATE, [
        store.tenantId,
        store.rowId,
        name ?? null,
        name === undefined ? null : nameKey(name),
        isDefault ?? null,
      ]);
      if (rows === 0) throw new AppError('unknown_store');
      if (name !== undefined || isDefault !== undefined) {
        const detail = {
          renamed: name === undefined ? 0 : 1,
          ...(isDefault === undefined ? {} : { default: isDefault ? 1 : 0 }),
        };
        await recordStore(deps.record, tx, store, 'store.updated', { detail });
      }
      for (const folder of folders) await writeFolder(tx, deps.record, store, folder);
    });
  } catch (error) {
    throw error instanceof AppError && error.code === 'conflict' ? nameTaken(error) : error;
  }
  return entryNow(deps, store);
}

/** As it stands now. @throws AppError `unknown_store` when it has gone meanwhile */
export async function entryNow({ storeRows }: StoreActDeps, store: StoreEntry): Promise<StoreEntry> {
  const { entries } = await storeRows.current(store.tenantId);
  const entry = entries.find(({ rowId }) => rowId === store.rowId);
  if (entry === undefined) throw new AppError('unknown_store');
  return entry;
}

export const CLEAR_DEFAULT = 'update stores set is_default = false where tenant_id = $1 and is_default';
const UPDATE = `update stores set name = coalesce($3::text, name), name_key = coalesce($4::text, name_key),
    is_default = coalesce($5::boolean, is_default)
  where tenant_id = $1 and store_row_id = $2`;
const MARK_VERIFIED = `update stores set verified_at = $1, refused_at = null, last_contact_at = $1
  where tenant_id = $2 and store_row_id = $3`;
// Not where the credential was replaced meanwhile: the one that stands now was not asked with.
const MARK_REFUSED = `update stores set refused_at = coalesce(refused_at, $1), last_contact_at = $1
  where tenant_id = $2 and store_row_id = $3 and verified_at is not distinct from $4`;
const UNFINISHED = `select 1 from changes
  where tenant_id = $1 and store_row_id = $2 and state in ('claimed', 'pending') limit 1`;

const anyRow = { parse: (row: unknown) => row };

export const isRefusal = (error: unknown): error is AppError =>
  error instanceof AppError && error.code === 'upstream_credentials_refused';

const nameTaken = (cause: AppError): AppError =>
  new AppError('conflict', 'name: another store of the tenant has that name.', {
    field: 'name',
    hint: 'Names are compared without regard to case. Choose another.',
    cause,
  });

const unfinishedChanges = (): AppError =>
  new AppError('conflict', 'A change at this store has no known outcome yet. Nothing was removed.', {
    field: 'store',
    hint: 'Try again in two minutes: by then it is known.',
  });
