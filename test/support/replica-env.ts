/** The environment of a replica on a shared Postgres: the same key rings for all, as in an installation. */
import { randomBytes } from 'node:crypto';
import { makeRingText } from '../../src/tenancy/rings/key-ring.js';

/** Call it once for all replicas of a test: the rings are made anew each time. */
export const replicaEnv = (databaseUrl: string, orderDeskUrl: string): NodeJS.ProcessEnv => ({
  NODE_ENV: 'test',
  PORT: '0',
  DATABASE_URL: databaseUrl,
  ORDERDESK_API_URL: orderDeskUrl,
  MCP_KMS_KEY: makeRingText('k1', randomBytes),
  MCP_KEY_PEPPER: makeRingText('p1', randomBytes),
  AUTH_BCRYPT_COST: '4',
});
