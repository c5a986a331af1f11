/** Tenants as the operator names them. */
import { z } from 'zod';
import { AppError } from '../../errors.js';
import type { Database } from '../../storage/port.js';
import { isUuid, type TenantId, toTenantId } from '../ids.js';
import { nameKey } from '../names.js';

export interface TenantInfo {
  readonly tenantId: TenantId;
  readonly name: string;
  readonly status: 'active' | 'suspended';
  /** ISO 8601 in UTC, as all times of the operations. */
  readonly createdAt: string;
}

/** A tenant by name (any case) or id. */
export const tenantInput = z.string('must be the name or id of a tenant').trim().min(1, 'must not be empty');

export const tenantRow = z
  .object({
    tenant_id: z.string().transform(toTenantId),
    name: z.string(),
    status: z.enum(['active', 'suspended']),
    created_at: z.date(),
  })
  .transform((row) => ({
    tenantId: row.tenant_id,
    name: row.name,
    status: row.status,
    createdAt: row.created_at.toISOString(),
  }));

export const TENANT_COLUMNS = 'tenant_id, name, status, created_at';

/** @throws AppError `not_found` */
export async function findTenant(database: Database, requested: string): Promise<TenantInfo> {
  const id = requested.toLowerCase();
  const [tenant] = await database.asSystem('operate', (tx) =>
    isUuid(id)
      ? tx.rows(tenantRow, `select ${TENANT_COLUMNS} from tenants where tenant_id = $1`, [id])
      : tx.rows(tenantRow, `select ${TENANT_COLUMNS} from tenants where name_key = $1`, [nameKey(requested)]),
  );
  if (tenant !== undefined) return tenant;
  throw new AppError('not_found', 'tenant: there is no tenant of that name or id.', {
    field: 'tenant',
    hint: 'List tenants with "orderdesk-mcp tenant list".',
  });
}
