import { describe, expect, it, onTestFinished } from 'vitest';
import { fencedDatabase } from '../../../src/storage/fenced.js';
import { openPostgres, openPostgresDriver } from '../../../src/storage/postgres.js';
import { migratePostgres } from '../../../src/storage/postgres-migrate.js';
import { assertServiceRole, examineServiceRole } from '../../../src/storage/postgres-role.js';
import type { TestDatabase } from '../../support/services/index.js';
import type { DatabaseAdapter } from './adapter.js';
import { databaseContract } from './suite.js';

/** The contract, and what only a server with roles can show. @param create makes an empty database on it */
export function postgresContract(name: string, create: () => Promise<TestDatabase>): void {
  databaseContract(postgresAdapter(name, create));

  describe(`the roles: ${name}`, () => {
    it('of a migrated database hold the service to the fence, also when three migrate at once', async () => {
      const made = await create();
      onTestFinished(() => made.drop());
      await Promise.all([migratePostgres(made), migratePostgres(made), migratePostgres(made)]);
      const database = openPostgres({ url: made.serviceUrl });
      onTestFinished(() => database.close());
      expect(await examineServiceRole(database)).toEqual({ dangers: [], lacks: [] });
      await expect(
        database.asSystem('migrate', (tx) => tx.run('select tenant_id from stores')),
      ).rejects.toMatchObject({ cause: { code: '42501' } });
    });

    it('of the owner and of the superuser are refused', async () => {
      const made = await create();
      onTestFinished(() => made.drop());
      await migratePostgres(made);
      for (const url of [made.migrateUrl, made.superuserUrl]) {
        const database = openPostgres({ url });
        onTestFinished(() => database.close());
        await expect(assertServiceRole(database)).rejects.toMatchObject({ name: 'DatabaseUnfit' });
      }
    });
  });
}

function postgresAdapter(name: string, create: () => Promise<TestDatabase>): DatabaseAdapter {
  return {
    name,
    async open() {
      const made = await create();
      await migratePostgres(made);
      const database = openPostgres({ url: made.serviceUrl });
      const owner = fencedDatabase(openPostgresDriver({ url: made.migrateUrl, poolMax: 2 }));
      return {
        database,
        owner,
        async close() {
          await Promise.all([database.close(), owner.close()]);
          await made.drop();
        },
      };
    },
  };
}
