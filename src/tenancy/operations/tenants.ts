import { z } from 'zod';
import { AppError } from '../../errors.js';
import type { Database } from '../../storage/port.js';
import type { EventWriter } from '../audit/events.js';
import { type Clock, isUuid, newId, type RandomBytes, toTenantId } from '../ids.js';
import { nameInput, nameKey } from '../names.js';
import type { TenantKeys } from '../vault/data-keys.js';
import { TENANT_COLUMNS, type TenantInfo, tenantRow } from './find-tenant.js';
import { noInput, operation } from './operation.js';

export interface TenantOperationDeps {
  readonly database: Database;
  readonly record: EventWriter;
  readonly tenantKeys: TenantKeys;
  readonly now: Clock;
  readonly random: RandomBytes;
}

export const tenantNameInput = nameInput.refine(
  (name) => !isUuid(name.toLowerCase()),
  'must not look like an id',
);

export const createTenantInput = z.strictObject({ name: tenantNameInput });

const INSERT_TENANT = `insert into tenants (tenant_id, name, name_key, status, created_at)
  values ($1, $2, $3, 'active', $4)`;
const INSERT_DATA_KEY = `insert into tenant_data_keys (tenant_id, version, ring_key_id, wrapped, created_at)
  values ($1, $2, $3, $4, $5)`;

export const tenantOperations = (deps: TenantOperationDeps) => ({
  /** A tenant with its data key, in one transaction. @throws AppError `conflict` */
  createTenant: operation(createTenantInput, async ({ name }): Promise<TenantInfo> => {
    const tenantId = toTenantId(newId(deps.now, deps.random));
    const createdAt = new Date(deps.now());
    const dataKey = deps.tenantKeys.make(tenantId);
    try {
      await deps.database.asTenant(tenantId, async (tx) => {
        await tx.run(INSERT_TENANT, [tenantId, name, nameKey(name), createdAt]);
        const { version, ringKeyId, wrapped } = dataKey;
        await tx.run(INSERT_DATA_KEY, [tenantId, version, ringKeyId, wrapped, createdAt]);
        await deps.record.ofTenant(tx, tenantId, { action: 'tenant.created', subject: `tenant:${tenantId}` });
      });
    } catch (error) {
      throw error instanceof AppError && error.code === 'conflict' ? tenantNameTaken(error) : error;
    }
    return { tenantId, name, status: 'active', createdAt: createdAt.toISOString() };
  }),

  /** All tenants, by name. */
  listTenants: operation(noInput, () =>
    deps.database.asSystem('operate', (tx) =>
      tx.rows(tenantRow, `select ${TENANT_COLUMNS} from tenants order by name_key`),
    ),
  ),
});

export const tenantNameTaken = (cause: AppError): AppError =>
  new AppError('conflict', 'name: a tenant of that name exists already.', {
    field: 'name',
    hint: 'Choose another name; names are compared without regard to case.',
    cause,
  });
