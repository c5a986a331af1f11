import type { Database } from '../../../src/storage/port.js';
import type { AuditEntry } from '../../../src/tenancy/operations/audit.js';
import type { replica } from '../tenancy/support.js';

type Operations = ReturnType<typeof replica>['operations'];

/** The whole trail, page by page. */
export async function trail(operations: Operations, input: { tenant?: string; since?: string } = {}) {
  const entries: AuditEntry[] = [];
  let next: string | null | undefined;
  do {
    const page = await operations.readAudit.run(typeof next === 'string' ? { ...input, after: next } : input);
    entries.push(...page.entries);
    next = page.next;
  } while (next !== null);
  return entries;
}

/** What happened, without ids and times. */
export const told = (entries: readonly AuditEntry[]) =>
  entries.map(({ actor, action, subject, outcome }) => `${actor} ${action} ${subject} ${outcome}`);

/** Puts an entry into the trail as if it had been made so many days ago, by the clock of the database. */
export const insertOld = (database: Database, tenantId: Parameters<Database['asTenant']>[0], days: number) =>
  database.asTenant(tenantId, (tx) =>
    tx.run(
      `insert into audit_events (event_id, tenant_id, occurred_at, actor, action, subject, outcome)
       values (gen_random_uuid(), $1, now() - make_interval(days => $2::integer), 'operator', 'key.created', 'key:old', 'done')`,
      [tenantId, days],
    ),
  );
