/** The variables of the group Data: where replicas keep what they share. */
import * as kinds from './kinds.js';
import type { Profile, Variable } from './variables.js';

const EVERYWHERE: readonly Profile[] = ['development', 'staging', 'production'];
const DEPLOYED: readonly Profile[] = ['staging', 'production'];

export const DATA_VARIABLES = {
  DATABASE_URL: {
    ...kinds.optional(kinds.postgresUrl),
    group: 'Data',
    description:
      'The Postgres database (15 or newer) that all replicas share, as a role that owns nothing. Without it the server keeps its data in an embedded database in DATA_DIR. With it the key rings below must be given.',
    example: 'postgres://orderdesk_service:PASSWORD@db.example.com:5432/orderdesk?sslmode=verify-full',
    secret: true,
    safety: true,
    requiredIn: ['production'],
    unless: 'ALLOW_EMBEDDED',
    shownIn: EVERYWHERE,
  },
  MIGRATE_DATABASE_URL: {
    ...kinds.optional(kinds.postgresUrl),
    group: 'Data',
    description:
      'The same database as the role that owns it and may create roles. Only "orderdesk-mcp migrate" reads it; running servers do not need it.',
    example: 'postgres://orderdesk_owner:PASSWORD@db.example.com:5432/orderdesk?sslmode=verify-full',
    secret: true,
    safety: true,
    shownIn: DEPLOYED,
  },
  DATABASE_POOL_MAX: {
    ...kinds.integer(1, 200),
    group: 'Data',
    description: 'Connections to Postgres that one replica opens at most.',
    default: '10',
    shownIn: EVERYWHERE,
  },
  REDIS_URL: {
    ...kinds.optional(kinds.redisUrl),
    group: 'Data',
    description: 'The Redis that all replicas share. Without it limits and cache are those of one process.',
    example: 'redis://redis.example.com:6379',
    secret: true,
    safety: true,
    requiredIn: ['production'],
    unless: 'ALLOW_NO_REDIS',
    shownIn: EVERYWHERE,
  },
} as const satisfies Record<string, Variable>;
