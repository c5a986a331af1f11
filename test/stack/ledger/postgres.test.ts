import { openPostgres } from '../../../src/storage/postgres.js';
import { createMigratedDatabase } from '../../support/services/index.js';
import { ledgerContract } from './suite.js';

ledgerContract('Postgres', async () => {
  const made = await createMigratedDatabase();
  const database = openPostgres({ url: made.serviceUrl });
  return {
    database,
    async close() {
      await database.close();
      await made.drop();
    },
  };
});
