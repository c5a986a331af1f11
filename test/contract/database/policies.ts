import { z } from 'zod';
import type { Tx } from '../../../src/storage/port.js';

const POLICY_TEXT = `tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid`;
const TENANT_ROLE = 'orderdesk_tenant';
const JOB_ROLES = new Set([
  'orderdesk_authenticate',
  'orderdesk_operate',
  'orderdesk_rewrap',
  'orderdesk_audit',
  'orderdesk_retention',
  'orderdesk_sweep',
]);
/** Relations that belong to no tenant. */
const GLOBAL = new Set(['schema_migrations', 'operator_events', 'auth_refusals', 'change_locks']);

const relation = z.object({ name: z.string(), kind: z.string(), enabled: z.boolean(), forced: z.boolean() });
const policy = z.object({
  relation: z.string(),
  command: z.string(),
  roles: z.array(z.string()),
  using: z.string().nullable(),
  check: z.string().nullable(),
});

/** Names every relation of the schema whose rows are not fenced by the one policy text. */
export async function unfencedRelations(tx: Tx): Promise<string[]> {
  const relations = await tx.rows(
    relation,
    `select c.relname as name, c.relkind::text as kind, c.relrowsecurity as enabled, c.relforcerowsecurity as forced
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
       and c.relkind in ('r', 'p', 'v', 'm', 'f')
     order by c.relname`,
  );
  const policies = await tx.rows(
    policy,
    `select tablename as relation, cmd as command, roles::text[] as roles, qual as using, with_check as check
     from pg_policies`,
  );
  const expected = await asStored(tx, POLICY_TEXT);
  return relations
    .filter(({ name }) => !GLOBAL.has(name))
    .filter(({ name, kind, enabled, forced }) => {
      const [ofTenants, others] = partition(policies.filter((p) => p.relation === name));
      const [fence] = ofTenants;
      const fenced =
        ofTenants.length === 1 &&
        fence?.command === 'ALL' &&
        fence.using === expected &&
        fence.check === expected;
      const jobsOnly = others.every((p) => p.roles.every((role) => JOB_ROLES.has(role)));
      return !((kind === 'r' || kind === 'p') && enabled && forced && fenced && jobsOnly);
    })
    .map(({ name }) => name);
}

function partition(policies: readonly z.infer<typeof policy>[]) {
  const isTenants = (p: z.infer<typeof policy>) => p.roles.includes(TENANT_ROLE);
  return [policies.filter(isTenants), policies.filter((p) => !isTenants(p))] as const;
}

/** An expression the way this server prints it back. */
async function asStored(tx: Tx, expression: string): Promise<string | undefined> {
  await tx.run('create table policy_probe (tenant_id uuid)');
  await tx.run(`create policy probe on policy_probe using (${expression})`);
  const [stored] = await tx.rows(
    z.object({ qual: z.string() }),
    `select qual from pg_policies where tablename = 'policy_probe'`,
  );
  await tx.run('drop table policy_probe');
  return stored?.qual;
}
