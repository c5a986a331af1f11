/**
 * Whether a role is fit to be the service's: able to take the roles of its work, and unable, by itself or through any
 * role it could become, to get around the policies. Looks at attributes and ownership, not at names.
 */
import { z } from 'zod';
import { GROUP_ROLES } from './fenced.js';
import type { Database } from './port.js';
import { DatabaseUnfit } from './postgres-unfit.js';

const OLDEST_SERVER = 150_000;

const POWERS = {
  rolsuper: 'is a superuser',
  rolbypassrls: 'bypasses row-level security',
  rolcreaterole: 'may create roles',
  rolreplication: 'may replicate',
  predefined: 'is a predefined role of Postgres',
  owns: 'owns objects in this database',
} as const;

const reachableRow = z.object({
  name: z.string(),
  self: z.boolean(),
  inherited: z.boolean(),
  rolsuper: z.boolean(),
  rolbypassrls: z.boolean(),
  rolcreaterole: z.boolean(),
  rolreplication: z.boolean(),
  predefined: z.boolean(),
  owns: z.boolean(),
});

/** Every role that `$1` is, or is made able to become, directly or through others. */
const REACHABLE = `
  with recursive reachable as (
    select oid from pg_catalog.pg_roles where rolname = $1
    union
    select m.roleid from pg_catalog.pg_auth_members m join reachable on m.member = reachable.oid
  )
  select r.rolname::text as name, r.rolname = $1 as self,
    r.rolname <> $1 and pg_catalog.pg_has_role($1::name, r.oid, 'USAGE') as inherited,
    r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolreplication, r.rolname like 'pg\\_%' as predefined,
    exists (
      select from pg_catalog.pg_shdepend d
      where d.refclassid = 'pg_catalog.pg_authid'::regclass and d.refobjid = r.oid and d.deptype = 'o'
        and d.dbid in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
    ) as owns
  from pg_catalog.pg_roles r join reachable using (oid)
  order by r.rolname <> $1, r.rolname`;

export interface RoleReport {
  /** One sentence for each way around the policies that is open to the role. */
  readonly dangers: readonly string[];
  /** One sentence for what the role still lacks: what migrating grants. */
  readonly lacks: readonly string[];
}

/** @param role `undefined` is the role that `database` connects as */
export function examineServiceRole(database: Database, role?: string): Promise<RoleReport> {
  // The job that keeps the connection's own role.
  return database.asSystem('migrate', async (tx) => {
    const [connection] = await tx.rows(
      z.object({ role: z.string(), version: z.int() }),
      `select current_user::text as role, current_setting('server_version_num')::int as version`,
    );
    if (connection === undefined) throw new Error('The server did not say who we are.');
    if (connection.version < OLDEST_SERVER) throw new DatabaseUnfit('The server is older than Postgres 15.');
    return reportOn(await tx.rows(reachableRow, REACHABLE, [role ?? connection.role]));
  });
}

/** @throws DatabaseUnfit with all of `problems`, when there are any */
export function refuseRole(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new DatabaseUnfit(`The role of DATABASE_URL is not fit for the service. ${problems.join(' ')}`);
}

/** @throws DatabaseUnfit naming everything that is wrong with the role that `database` connects as */
export async function assertServiceRole(database: Database): Promise<void> {
  const { dangers, lacks } = await examineServiceRole(database);
  refuseRole([...dangers, ...lacks]);
}

function reportOn(reachable: readonly z.infer<typeof reachableRow>[]): RoleReport {
  const powers = reachable.flatMap((row) =>
    powersOf(row).map((power) =>
      row.self ? `It ${power}.` : `It can become "${row.name}", which ${power}.`,
    ),
  );
  // Membership means nothing to a superuser.
  if (reachable.some(({ self, rolsuper }) => self && rolsuper)) return { dangers: powers, lacks: [] };
  const inherited = reachable
    .filter((row) => row.inherited)
    .map(({ name }) => `It inherits the rights of "${name}" without taking its role (make it NOINHERIT).`);
  const names = new Set(reachable.map(({ name }) => name));
  const missing = GROUP_ROLES.filter((group) => !names.has(group)).join(', ');
  return {
    dangers: [...powers, ...inherited],
    lacks: missing === '' ? [] : [`It is not a member of ${missing}: run "orderdesk-mcp migrate".`],
  };
}

function powersOf(row: z.infer<typeof reachableRow>): string[] {
  const kinds = [
    'rolsuper',
    'rolbypassrls',
    'rolcreaterole',
    'rolreplication',
    'predefined',
    'owns',
  ] as const;
  return kinds.filter((kind) => row[kind]).map((kind) => POWERS[kind]);
}
