import { afterAll, beforeAll } from 'vitest';
import { type PostgresServer, startPostgres } from '../../support/services/index.js';
import { postgresContract } from './postgres-suite.js';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ release: 'newer' });
});
afterAll(() => server?.stop());

postgresContract('Postgres, a newer release', () => server.createDatabase());
