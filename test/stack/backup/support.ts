/** Backups as an operator makes them: the scripts themselves, and what a database holds. */
import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { type CommandOutcome, projectRoot } from '../../support/running-program.js';
import { postgresProgram } from '../../support/services/debian.js';

const run = promisify(execFile);

/** @param script `backup` or `restore` @param first a folder of programs that are found before those of Postgres */
export async function runScript(
  script: 'backup' | 'restore',
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  first = '',
): Promise<CommandOutcome> {
  const PATH = [first, dirname(postgresProgram('pg_dump')), process.env.PATH].filter(Boolean).join(':');
  try {
    const done = await run(join(projectRoot, `scripts/${script}.sh`), [...args], { env: { PATH, ...env } });
    return { code: 0, ...done };
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && 'stdout' in thrown && 'stderr' in thrown))
      throw thrown;
    return { code: Number(thrown.code), stdout: String(thrown.stdout), stderr: String(thrown.stderr) };
  }
}

/** The dump as SQL, as whoever finds it would read it. */
export const textOf = (dump: string): string =>
  execFileSync(postgresProgram('pg_restore'), ['--file=-', dump], { encoding: 'utf8', maxBuffer: 64 << 20 });

/** @throws with the words of `pg_dump` */
export const dumpWithoutScript = (url: string): string =>
  execFileSync(postgresProgram('pg_dump'), [`--dbname=${url}`], { encoding: 'utf8', stdio: 'pipe' });

export interface Spies {
  /** Holds programs that write down what they were given, and then do their work. */
  readonly folder: string;
  /** Of all calls: the arguments, and the password in the environment. */
  seen(): Promise<{ readonly given: string; readonly passwords: readonly string[] }>;
}

/** @param folder where to make them */
export async function spyOn(folder: string, programs: readonly string[]): Promise<Spies> {
  const spies = await mkdtemp(join(folder, 'spies-'));
  const [given, passwords] = ['given', 'passwords'].map((name) => join(spies, name));
  for (const program of programs) {
    const script = [
      '#!/bin/sh',
      `printf '%s\\n' "$@" >> '${given}'`,
      `printf '%s\\n' "$PGPASSWORD" >> '${passwords}'`,
      `exec '${postgresProgram(program)}' "$@"`,
    ];
    await writeFile(join(spies, program), `${script.join('\n')}\n`);
    await chmod(join(spies, program), 0o755);
  }
  const lines = async (file = '') => (await readFile(file, 'utf8')).trim().split('\n');
  return {
    folder: spies,
    seen: async () => ({ given: (await lines(given)).join('\n'), passwords: await lines(passwords) }),
  };
}

/** @param before statements on the same connection */
export async function rowsOf(
  url: string,
  sql: string,
  before: readonly string[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of before) await client.query(statement);
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Every table of the schema with the number of its rows. */
export async function countsOf(url: string): Promise<Readonly<Record<string, number>>> {
  const tables = await rowsOf(url, `select tablename from pg_tables where schemaname = 'public' order by 1`);
  const counted = tables.map(
    ({ tablename }) => `select '${tablename}' as name, count(*)::int as n from ${tablename}`,
  );
  return Object.fromEntries(
    (await rowsOf(url, counted.join(' union all '))).map(({ name, n }) => [name, Number(n)]),
  );
}

const SHAPES = {
  policies: `select tablename, policyname, permissive, roles::text, cmd, qual, with_check from pg_policies order by 1, 2`,
  fences: `select relname, relrowsecurity, relforcerowsecurity, relowner::regrole::text as owner from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
  rights: `select c.relname, g.grantee::regrole::text as grantee, g.privilege_type from pg_class c, aclexplode(c.relacl) g
    where c.relnamespace = 'public'::regnamespace order by 1, 2, 3`,
  columns: `select a.attrelid::regclass::text as relation, a.attname, format_type(a.atttypid, a.atttypmod) as type,
    a.attnotnull, pg_get_expr(d.adbin, d.adrelid) as standard, g.grantee::regrole::text as grantee, g.privilege_type
    from pg_attribute a join pg_class c on c.oid = a.attrelid and c.relkind = 'r'
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    left join lateral aclexplode(a.attacl) g on true
    where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped order by 1, 2, 6, 7`,
  constraints: `select conrelid::regclass::text as relation, conname, pg_get_constraintdef(oid) as rule, convalidated
    from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2`,
  indexes: `select indexdef from pg_indexes where schemaname = 'public' order by 1`,
  usage: `select g.grantee::regrole::text as grantee, g.privilege_type
    from pg_namespace n, aclexplode(n.nspacl) g where n.nspname = 'public' order by 1, 2`,
} as const;

/** Everything of a schema that holds the tenants apart, and everything else but the rows. */
export async function shapeOf(url: string): Promise<Readonly<Record<keyof typeof SHAPES, unknown>>> {
  const { policies, fences, rights, columns, constraints, indexes, usage } = SHAPES;
  return {
    policies: await rowsOf(url, policies),
    fences: await rowsOf(url, fences),
    rights: await rowsOf(url, rights),
    columns: await rowsOf(url, columns),
    constraints: await rowsOf(url, constraints),
    indexes: await rowsOf(url, indexes),
    usage: await rowsOf(url, usage),
  };
}
