/** What becomes of a tenant after it was made: its keys rest and return, its name changes, it ends for good. */
import { z } from 'zod';
import { AppError } from '../../errors.js';
import type { Database, Tx } from '../../storage/port.js';
import type { EventWriter, TenantEvent } from '../audit/events.js';
import type { StoreRows } from '../directory/store-rows.js';
import type { TenantId } from '../ids.js';
import { nameKey } from '../names.js';
import type { TenantKeys } from '../vault/data-keys.js';
import { findTenant, type TenantInfo, tenantInput } from './find-tenant.js';
import { operation } from './operation.js';
import { tenantNameInput, tenantNameTaken } from './tenants.js';

export interface TenantLifeDeps {
  readonly database: Database;
  readonly record: EventWriter;
  readonly tenantKeys: TenantKeys;
  readonly storeRows: StoreRows;
  /** Brings what this process knows of keys up to date. */
  readonly refreshKeys: () => Promise<void>;
}

export const oneTenantInput = z.strictObject({ tenant: tenantInput });
export const renameTenantInput = z.strictObject({ tenant: tenantInput, name: tenantNameInput });
export const deleteTenantInput = z.strictObject({
  tenant: tenantInput,
  /** The name or the id once more: nothing brings the tenant back. */
  confirmation: tenantInput,
});

export interface DeletedTenant {
  readonly tenantId: TenantId;
  readonly name: string;
  readonly deletedKeys: number;
  readonly deletedStores: number;
}

export const tenantLifeOperations = (deps: TenantLifeDeps) => {
  const note = (tx: Tx, tenantId: TenantId, event: Omit<TenantEvent, 'subject'>) =>
    deps.record.ofTenant(tx, tenantId, { ...event, subject: `tenant:${tenantId}` });

  return {
    /** Its keys are refused within two seconds everywhere. Suspending again changes nothing. @throws AppError `not_found` */
    suspendTenant: operation(oneTenantInput, async (input): Promise<TenantInfo> => {
      const tenant = await findTenant(deps.database, input.tenant);
      const { tenantId } = tenant;
      await deps.database.asTenant(tenantId, async (tx) => {
        const changed = await tx.run(SUSPEND, [tenantId]);
        if (changed > 0) await note(tx, tenantId, { action: 'tenant.suspended' });
      });
      await deps.refreshKeys();
      return { ...tenant, status: 'suspended' };
    }),

    /** @throws AppError `not_found`; `conflict` for a tenant whose deletion has begun */
    resumeTenant: operation(oneTenantInput, async (input): Promise<TenantInfo> => {
      const tenant = await findTenant(deps.database, input.tenant);
      const { tenantId } = tenant;
      await deps.database.asTenant(tenantId, async (tx) => {
        if ((await tx.rows(z.unknown(), DATA_KEY, [tenantId])).length === 0) throw halfDeleted();
        const changed = await tx.run(RESUME, [tenantId]);
        if (changed > 0) await note(tx, tenantId, { action: 'tenant.resumed' });
      });
      await deps.refreshKeys();
      return { ...tenant, status: 'active' };
    }),

    /** @throws AppError `not_found`, `conflict` when the name is taken */
    renameTenant: operation(renameTenantInput, async (input): Promise<TenantInfo> => {
      const { name } = input;
      const tenant = await findTenant(deps.database, input.tenant);
      const { tenantId } = tenant;
      try {
        await deps.database.asTenant(tenantId, async (tx) => {
          await tx.run('update tenants set name = $1, name_key = $2 where tenant_id = $3', [
            name,
            nameKey(name),
            tenantId,
          ]);
          await note(tx, tenantId, { action: 'tenant.renamed' });
        });
      } catch (error) {
        throw error instanceof AppError && error.code === 'conflict' ? tenantNameTaken(error) : error;
      }
      return { ...tenant, name };
    }),

    /**
     * Destroys the data key first: from then on nothing that the tenant ever sealed can be read with this database,
     * wherever a copy of it lies. Then the rows go. Cut short in between, it is done again. The trail of the tenant
     * stays. A backup from before holds the wrapped data key until it is destroyed itself.
     * @throws AppError `not_found`; `invalid_argument` when the confirmation names something else
     */
    deleteTenant: operation(deleteTenantInput, async (input): Promise<DeletedTenant> => {
      const { tenantId, name } = await findTenant(deps.database, input.tenant);
      const confirmed = [nameKey(name), tenantId].includes(nameKey(input.confirmation));
      if (!confirmed) throw unconfirmed();
      await deps.database.asTenant(tenantId, async (tx) => {
        await tx.run(SUSPEND, [tenantId]);
        const destroyed = await tx.run('delete from tenant_data_keys where tenant_id = $1', [tenantId]);
        if (destroyed > 0) await note(tx, tenantId, { action: 'tenant.deleted' });
      });
      deps.tenantKeys.forget(tenantId);
      await deps.refreshKeys();
      const purged = await deps.database.asTenant(tenantId, async (tx) => {
        const keys = await tx.run('delete from api_keys where tenant_id = $1', [tenantId]);
        const stores = await tx.run('delete from stores where tenant_id = $1', [tenantId]);
        await tx.run('delete from tenants where tenant_id = $1', [tenantId]);
        await note(tx, tenantId, { action: 'tenant.purged', detail: { keys, stores } });
        return { deletedKeys: keys, deletedStores: stores };
      });
      deps.storeRows.forget(tenantId);
      return { tenantId, name, ...purged };
    }),
  };
};

const SUSPEND = `update tenants set status = 'suspended' where tenant_id = $1 and status <> 'suspended'`;
const RESUME = `update tenants set status = 'active' where tenant_id = $1 and status <> 'active'`;
const DATA_KEY = 'select version from tenant_data_keys where tenant_id = $1';

const unconfirmed = (): AppError =>
  new AppError(
    'invalid_argument',
    'confirmation: is not the name or id of this tenant. Nothing was deleted.',
    {
      field: 'confirmation',
      hint: 'Repeat the name exactly: what is deleted does not come back.',
    },
  );

const halfDeleted = (): AppError =>
  new AppError('conflict', 'tenant: its deletion has begun and its data key is destroyed.', {
    field: 'tenant',
    hint: 'Finish it with "orderdesk-mcp tenant delete".',
  });
