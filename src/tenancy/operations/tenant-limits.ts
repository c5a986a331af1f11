/** Limits on inbound calls of one tenant, in the place of those of the installation. */
import { z } from 'zod';
import type { Database } from '../../storage/port.js';
import type { EventWriter } from '../audit/events.js';
import type { TenantId } from '../ids.js';
import { tenantLimitsInput } from '../keys/tenant-limits.js';
import { findTenant, tenantInput } from './find-tenant.js';
import { operation } from './operation.js';

export interface TenantLimitsDeps {
  readonly database: Database;
  readonly record: EventWriter;
  /** Brings what this process knows of keys up to date. */
  readonly refreshKeys: () => Promise<void>;
}

export const setTenantLimitsInput = tenantLimitsInput.extend({
  tenant: tenantInput,
  /** Forgets what was set before. */
  usual: z.boolean().default(false),
});

/** What is set for the tenant; a member that is `null` is as usual. */
export type TenantLimitsInfo = { readonly tenantId: TenantId; readonly name: string } & Record<
  keyof typeof tenantLimitsInput.shape,
  number | null
>;

export const tenantLimitsOperations = ({ database, record, refreshKeys }: TenantLimitsDeps) => ({
  /** Holds within two seconds on every replica. Without any member it only tells. @throws AppError `not_found` */
  setTenantLimits: operation(
    setTenantLimitsInput,
    async ({ tenant, usual, ...limits }): Promise<TenantLimitsInfo> => {
      const { tenantId, name } = await findTenant(database, tenant);
      const isChange = usual || Object.keys(limits).length > 0;
      const stored = await database.asTenant(tenantId, async (tx) => {
        if (isChange) {
          await tx.run(SET, [JSON.stringify(limits), tenantId, usual]);
          await record.ofTenant(tx, tenantId, {
            action: 'tenant.limits_changed',
            subject: `tenant:${tenantId}`,
            detail: { usual: usual ? 1 : 0, ...set(limits) },
          });
        }
        const [row] = await tx.rows(storedRow, 'select limits from tenants where tenant_id = $1', [tenantId]);
        return row?.limits ?? {};
      });
      if (isChange) await refreshKeys();
      return {
        tenantId,
        name,
        keyBurst: stored.keyBurst ?? null,
        keyPerSecond: stored.keyPerSecond ?? null,
        concurrency: stored.concurrency ?? null,
        queue: stored.queue ?? null,
        waitMs: stored.waitMs ?? null,
      };
    },
  ),
});

const SET = `update tenants set limits = (case when $3 then '{}'::jsonb else limits end) || $1::jsonb
  where tenant_id = $2`;

const storedRow = z.object({ limits: tenantLimitsInput.strip().catch({}) });

/** Without the members that are not given. */
const set = (limits: z.output<typeof tenantLimitsInput>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(limits).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
