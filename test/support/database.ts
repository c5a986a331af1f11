/** A migrated database in memory, and the rows that most tests begin with. */
import { randomUUID } from 'node:crypto';
import { openInMemory } from '../../src/storage/embedded.js';
import type { Database } from '../../src/storage/port.js';
import { type TenantId, toTenantId } from '../../src/tenancy/ids.js';
import type { StoreEntry } from '../../src/tenancy/stores.js';

/** Takes about a second from the built seed, about five without. Share one within a file, and close it. */
export const openTestDatabase = (): Promise<Database> => openInMemory();

/** A random id; real ones are UUIDv7, which the database does not ask for. */
export const randomTenantId = (): TenantId => toTenantId(randomUUID());

/** @returns the id of a new active tenant */
export async function insertTenant(database: Database, name = `Tenant ${randomUUID()}`): Promise<TenantId> {
  const tenantId = randomTenantId();
  await database.asTenant(tenantId, (tx) =>
    tx.run(`insert into tenants (tenant_id, name, name_key, status) values ($1, $2, $3, 'active')`, [
      tenantId,
      name,
      name.toLowerCase(),
    ]),
  );
  return tenantId;
}

/** The row of a store, which has no credential that could be opened. */
export async function insertStore(
  database: Database,
  { tenantId, rowId, name, orderDeskId }: Pick<StoreEntry, 'tenantId' | 'rowId' | 'name' | 'orderDeskId'>,
): Promise<void> {
  await database.asTenant(tenantId, (tx) =>
    tx.run(
      `insert into stores (store_row_id, tenant_id, name, name_key, orderdesk_store_id, credential)
       values ($1, $2, $3, $4, $5, $6)`,
      [rowId, tenantId, name, name.toLowerCase(), orderDeskId, new Uint8Array([7])],
    ),
  );
}

/** A row of every tenant-owned table for this tenant, with made-up contents. */
export async function insertPossessions(database: Database, tenantId: TenantId): Promise<void> {
  await database.asTenant(tenantId, async (tx) => {
    await tx.run(
      `insert into tenant_data_keys (tenant_id, version, ring_key_id, wrapped) values ($1, 1, 'k1', $2)`,
      [tenantId, new Uint8Array([1, 2, 3])],
    );
    await tx.run(
      `insert into api_keys (key_id, tenant_id, kid, name, role, scope, check_tag, hash, pepper_id)
       values ($1, $2, $3, 'a key', 'owner', '{"stores": "all"}', $4, 'a hash', 'p1')`,
      [randomUUID(), tenantId, randomUUID().slice(0, 10), new Uint8Array([9, 9, 9, 9])],
    );
    await tx.run(
      `insert into stores (store_row_id, tenant_id, name, name_key, orderdesk_store_id, credential, is_default)
       values ($1, $2, 'Main', 'main', '1001', $3, true)`,
      [randomUUID(), tenantId, new Uint8Array([7])],
    );
  });
}
