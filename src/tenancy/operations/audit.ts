/** The trail, read in pages. Entries of all kinds come in one shape and in the order in which they were made. */
import { z } from 'zod';
import type { Database } from '../../storage/port.js';
import { isUuid } from '../ids.js';
import { findTenant, tenantInput } from './find-tenant.js';
import { operation } from './operation.js';

export interface AuditOperationDeps {
  readonly database: Database;
}

export interface AuditEntry {
  readonly id: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** `null` for what concerns no tenant. */
  readonly tenantId: string | null;
  /** `operator`, `server`, `key:<kid>`, or `unknown` for whoever sent a refused key. */
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly outcome: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** To be given as `after` for the next page; `null` behind the last. */
  readonly next: string | null;
}

const PAGE = 2_000;

export const readAuditInput = z.strictObject({
  /** A name, or an id: also that of a tenant that was deleted. Left out for everything. */
  tenant: tenantInput.optional(),
  since: z.iso.datetime({ offset: true, error: 'must be a time such as 2030-01-31T00:00:00Z' }).optional(),
  after: z.uuid('must be what the page before gave').optional(),
});

export const auditOperations = ({ database }: AuditOperationDeps) => ({
  /** @throws AppError `not_found` for the tenant */
  readAudit: operation(readAuditInput, async ({ tenant, since, after }): Promise<AuditPage> => {
    const tenantId = tenant === undefined ? null : await idOf(database, tenant);
    const from = since === undefined ? null : new Date(since);
    const entries = await database.asSystem('audit', (tx) =>
      tx.rows(entryRow, SELECT_PAGE, [tenantId, from, after ?? null, PAGE]),
    );
    return { entries, next: entries.length < PAGE ? null : (entries.at(-1)?.id ?? null) };
  }),
});

async function idOf(database: Database, tenant: string): Promise<string> {
  const id = tenant.toLowerCase();
  return isUuid(id) ? id : (await findTenant(database, tenant)).tenantId;
}

// Each part is limited by itself, so that a page reads no more than a page of each table.
const SELECT_PAGE = `select id, at, tenant_id, actor, action, subject, outcome, detail from (
    (select event_id as id, occurred_at as at, tenant_id, actor, action, subject, outcome, detail from audit_events
      where ($1::uuid is null or tenant_id = $1::uuid) and ($2::timestamptz is null or occurred_at >= $2::timestamptz)
        and ($3::uuid is null or event_id > $3::uuid)
      order by event_id limit $4::integer)
    union all
    (select event_id, occurred_at, null::uuid, actor, action, subject, outcome, detail from operator_events
      where $1::uuid is null and ($2::timestamptz is null or occurred_at >= $2::timestamptz)
        and ($3::uuid is null or event_id > $3::uuid)
      order by event_id limit $4::integer)
    union all
    (select refusal_id, minute, null::uuid, 'unknown', 'key.refused', 'address:' || address, 'refused',
        jsonb_build_object('reason', reason, 'count', refusals) from auth_refusals
      where $1::uuid is null and ($2::timestamptz is null or minute >= $2::timestamptz)
        and ($3::uuid is null or refusal_id > $3::uuid)
      order by refusal_id limit $4::integer)
  ) as entries order by id limit $4::integer`;

const entryRow = z
  .object({
    id: z.string(),
    at: z.date(),
    tenant_id: z.string().nullable(),
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    outcome: z.string(),
    detail: z.record(z.string(), z.unknown()),
  })
  .transform(
    ({ at, tenant_id, ...row }): AuditEntry => ({ ...row, at: at.toISOString(), tenantId: tenant_id }),
  );
