/** `orderdesk-mcp migrate`, and what `start` says before it was run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replicaEnv } from '../support/replica-env.js';
import { runCommand, startProgram } from '../support/running-program.js';
import { createTestDatabase, type TestDatabase } from '../support/services/index.js';
import { suiteFolder } from '../support/temporary-folder.js';

describe('orderdesk-mcp on Postgres', () => {
  let folder: Awaited<ReturnType<typeof suiteFolder>>;
  let database: TestDatabase;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    folder = await suiteFolder();
    database = await createTestDatabase();
    env = replicaEnv(database.serviceUrl, 'http://127.0.0.1:1/api/v2');
  });
  afterAll(async () => {
    await database?.drop();
    await folder?.remove();
  });
  const run = (args: string[], more: NodeJS.ProcessEnv = {}) =>
    runCommand(args, { dataDir: folder.path, env: { ...env, ...more } });

  it('does not start on a database that nobody has migrated, and says what to do', async () => {
    const outcome = await run(['start']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('Run "orderdesk-mcp migrate" first.');
  });

  it('does not start with a role that could get around the fence between tenants', async () => {
    const { code, stderr } = await run(['start'], { DATABASE_URL: database.superuserUrl });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The role of DATABASE_URL is not fit for the service\. It is a superuser\..*\n$/);
  });

  it('asks for the address of migrations', async () => {
    const outcome = await run(['migrate']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('MIGRATE_DATABASE_URL is not set.');
  });

  it('migrates, run by three at once and again', async () => {
    const migrateUrl = { MIGRATE_DATABASE_URL: database.migrateUrl };
    const outcomes = await Promise.all([1, 2, 3].map(() => run(['migrate'], migrateUrl)));
    for (const { code, stdout, stderr } of [...outcomes, await run(['migrate'], migrateUrl)]) {
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(/^The database has schema \d+; service_\w+ may work on it\.\n$/);
    }
  });

  it('starts then, and takes commands beside the running server', async () => {
    const program = await startProgram(folder.path, env);
    expect((await run(['tenant', 'create', 'Acme'])).code).toBe(0);
    expect((await run(['tenant', 'list'])).stdout).toContain('Acme');
    expect(await program.stop()).toBe(0);
    expect(program.output().stdout).not.toContain(new URL(database.serviceUrl).username);
  });

  it('says in a command that the database is away, and ends', async () => {
    const nowhere = new URL(database.serviceUrl);
    nowhere.port = '1';
    const outcome = await run(['tenant', 'list'], { DATABASE_URL: nowhere.href });
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toContain('The database cannot be reached.');
  });

  it('refuses the role that owns the database', async () => {
    const { code, stderr } = await run(['start'], { DATABASE_URL: database.migrateUrl });
    expect(code).toBe(1);
    expect(stderr).toMatch(/not fit for the service.*owns objects in this database/);
  });
});
