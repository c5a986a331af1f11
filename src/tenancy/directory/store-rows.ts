/** The stores of one tenant as one value, read in one question and served from memory for a moment. */
import { z } from 'zod';
import type { Database } from '../../storage/port.js';
import { type Clock, type StoreRowId, type TenantId, toStoreRowId, toTenantId } from '../ids.js';
import { type Joined, LastKnown } from '../last-known.js';
import type { StoreEntry } from '../stores.js';
import type { Place } from '../vault/vault.js';

export interface TenantStores {
  /** The default first, then by name. */
  readonly entries: readonly StoreEntry[];
  readonly byNameKey: ReadonlyMap<string, StoreEntry>;
  readonly byOrderDeskId: ReadonlyMap<string, StoreEntry>;
  /** Sealed credentials. */
  readonly credentials: ReadonlyMap<StoreRowId, Uint8Array>;
}

export interface StoreRowsDeps {
  readonly database: Database;
  readonly now: Clock;
  /** Milliseconds in which the last known stores serve while the database is away. */
  readonly staleMaxMs: number;
  /** Runs the wait for a question that another call has put. */
  readonly joined?: Joined;
}

const FRESH_MS = 1_000;
const TENANTS_HELD = 1_000;

export class StoreRows {
  readonly #database: Database;
  readonly #held: LastKnown<TenantId, TenantStores>;

  constructor(deps: StoreRowsDeps) {
    this.#database = deps.database;
    this.#held = new LastKnown({
      max: TENANTS_HELD,
      freshMs: FRESH_MS,
      staleMaxMs: deps.staleMaxMs,
      now: deps.now,
      joined: deps.joined,
    });
  }

  /** @throws AppError `storage_unavailable` */
  of(tenantId: TenantId): Promise<TenantStores> {
    return this.#held.get(tenantId, async () => {
      const rows = await this.#database.asTenant(tenantId, (tx) => tx.rows(storeRow, SELECT, [tenantId]));
      return arrange(rows);
    });
  }

  /** Read now, whatever is held. @throws AppError `storage_unavailable` */
  current(tenantId: TenantId): Promise<TenantStores> {
    this.forget(tenantId);
    return this.of(tenantId);
  }

  /** To be called after every change to the tenant's stores. */
  forget(tenantId: TenantId): void {
    this.#held.forget(tenantId);
  }
}

/** Where a store's credential is sealed to. */
export const credentialPlace = (rowId: StoreRowId): Place => ({
  table: 'stores',
  row: rowId,
  column: 'credential',
});

const SELECT = `select store_row_id, tenant_id, name, name_key, orderdesk_store_id, credential, is_default, folder_notes,
    folder_states, verified_at, refused_at, last_contact_at
  from stores where tenant_id = $1`;

const storeRow = z
  .object({
    store_row_id: z.string().transform(toStoreRowId),
    tenant_id: z.string().transform(toTenantId),
    name: z.string(),
    name_key: z.string(),
    orderdesk_store_id: z.string(),
    credential: z.instanceof(Uint8Array),
    is_default: z.boolean(),
    folder_notes: z.record(z.string(), z.string()),
    folder_states: z.record(z.string(), z.enum(['open', 'closed', 'canceled'])),
    verified_at: z.date().nullable(),
    refused_at: z.date().nullable(),
    last_contact_at: z.date().nullable(),
  })
  .transform((row) => ({
    nameKey: row.name_key,
    credential: row.credential,
    entry: {
      rowId: row.store_row_id,
      tenantId: row.tenant_id,
      name: row.name,
      orderDeskId: row.orderdesk_store_id,
      isDefault: row.is_default,
      verifiedAt: row.verified_at,
      refusedAt: row.refused_at,
      lastContactAt: row.last_contact_at,
      folderNotes: row.folder_notes,
      folderStates: row.folder_states,
    } satisfies StoreEntry,
  }));

function arrange(rows: readonly z.output<typeof storeRow>[]): TenantStores {
  const sorted = rows.toSorted(
    (a, b) => Number(b.entry.isDefault) - Number(a.entry.isDefault) || (a.nameKey < b.nameKey ? -1 : 1),
  );
  return {
    entries: sorted.map((row) => row.entry),
    byNameKey: new Map(sorted.map((row) => [row.nameKey, row.entry])),
    byOrderDeskId: new Map(sorted.map((row) => [row.entry.orderDeskId, row.entry])),
    credentials: new Map(sorted.map((row) => [row.entry.rowId, row.credential])),
  };
}
