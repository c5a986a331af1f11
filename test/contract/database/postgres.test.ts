import { createTestDatabase } from '../../support/services/index.js';
import { postgresContract } from './postgres-suite.js';

postgresContract('Postgres, as installed', createTestDatabase);
