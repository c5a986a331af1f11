/** What people do with the ledger of a tenant: read all of it, and settle what nobody could find out by looking. */
import { z } from 'zod';
import type { Database } from '../storage/port.js';
import { type StoreRowId, type TenantId, toKeyId, toKid, toStoreRowId } from '../tenancy/ids.js';
import type { Principal } from '../tenancy/principal.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { Ledger, StoredChange } from './ledger.js';
import type { ChangeFilter, ChangePage } from './port.js';
import type { SettledOutcome } from './settle-by-hand.js';

export type PeoplesFilter = Omit<ChangeFilter, 'stores'> & {
  /** Rows of stores, also of those that were removed; left out for all. */
  readonly storeRowIds?: readonly StoreRowId[] | undefined;
};

export interface ChangesForPeople {
  /** Those of removed stores too. @throws AppError `storage_unavailable` */
  list(tenantId: TenantId, filter: PeoplesFilter): Promise<ChangePage>;
  /** @throws AppError `not_found` */
  get(tenantId: TenantId, changeId: string): Promise<StoredChange>;
  /**
   * Writes down what a person has found out.
   * @param record is awaited before, and again where it came to nothing after all: nothing is settled without a record
   * @throws AppError `not_found`, `conflict` (the outcome is known), `in_progress` (somebody is at work on it)
   */
  settle(
    tenantId: TenantId,
    changeId: string,
    outcome: SettledOutcome,
    record: (outcome: 'done' | 'refused') => Promise<void>,
  ): Promise<StoredChange>;
  /** Rows and Order Desk ids of all stores that the ledger knows. */
  storesOf(tenantId: TenantId): Promise<readonly StoreEntry[]>;
}

export interface PeopleDeps {
  readonly database: Database;
  readonly ledger: Pick<Ledger, 'get' | 'list'>;
  /** As the engine does it. */
  readonly settle: (tenantId: TenantId, changeId: string, outcome: SettledOutcome) => Promise<void>;
  /** Those that the tenant has now. */
  readonly storesNow: (tenantId: TenantId) => Promise<readonly StoreEntry[]>;
}

export function changesForPeople({ database, ledger, settle, storesNow }: PeopleDeps): ChangesForPeople {
  async function storesOf(tenantId: TenantId): Promise<readonly StoreEntry[]> {
    const stores = await storesNow(tenantId);
    const known = new Set<string>(stores.map(({ rowId }) => rowId));
    const told = await database.asTenant(tenantId, (tx) => tx.rows(storeRow, STORES, [tenantId]));
    const gone = told.filter(({ store_row_id }) => !known.has(store_row_id));
    return [...stores, ...gone.map((row) => removedStore(tenantId, row))];
  }
  const get = async (tenantId: TenantId, changeId: string) =>
    ledger.get(operatorOf(tenantId), await storesOf(tenantId), changeId);

  return {
    storesOf,
    get,
    async list(tenantId, { storeRowIds, ...filter }) {
      const stores = await storesOf(tenantId);
      const wanted = storeRowIds === undefined ? stores : stores.filter((s) => storeRowIds.includes(s.rowId));
      return ledger.list(operatorOf(tenantId), { ...filter, stores: wanted });
    },
    async settle(tenantId, changeId, outcome, record) {
      const { state } = await get(tenantId, changeId);
      // What cannot be settled is refused below, and leaves no record.
      const isOpen = state === 'unknown' || state === 'pending';
      if (isOpen) await record('done');
      try {
        await settle(tenantId, changeId, outcome);
      } catch (error) {
        if (isOpen) await record('refused');
        throw error;
      }
      return get(tenantId, changeId);
    },
  };
}

const STORES = 'select distinct store_row_id, orderdesk_store_id from changes where tenant_id = $1';
const storeRow = z.object({ store_row_id: z.string(), orderdesk_store_id: z.string() });

/** Stands for a store of which only changes are left. */
const removedStore = (tenantId: TenantId, row: z.output<typeof storeRow>): StoreEntry => ({
  rowId: toStoreRowId(row.store_row_id),
  tenantId,
  name: `${row.orderdesk_store_id} (removed)`,
  orderDeskId: row.orderdesk_store_id,
  isDefault: false,
  verifiedAt: null,
  refusedAt: null,
  lastContactAt: null,
  folderNotes: {},
  folderStates: {},
});

/** The operator has no key; he sees what an owner of the tenant sees. */
const operatorOf = (tenantId: TenantId): Principal => ({
  tenantId,
  keyId: toKeyId('00000000-0000-7000-8000-000000000000'),
  kid: toKid('0000000000'),
  keyName: 'operator',
  role: 'owner',
  scope: {
    stores: 'all',
    toolsets: 'standard',
    exclude: [],
    readOnly: true,
    mask: false,
    dailyWriteCap: null,
    confirm: { moves: false, deletes: false, batchesAbove: null },
  },
});
