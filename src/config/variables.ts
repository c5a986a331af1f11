/**
 * Every environment variable the server reads, in the order in which the documentation shows them. This table is the
 * only place that names a variable, its form, its default and its meaning: `loadConfig` reads by it, and the example
 * files are written from it.
 */
import { z } from 'zod';
import { DATA_VARIABLES } from './data-variables.js';
import * as kinds from './kinds.js';
import { LIMIT_VARIABLES } from './limit-variables.js';
import { NETWORK_VARIABLES } from './network-variables.js';
import { UPSTREAM_VARIABLES } from './upstream-variables.js';

export const PROFILES = ['development', 'staging', 'production', 'test'] as const;
export type Profile = (typeof PROFILES)[number];

/** The API of Order Desk itself. */
export const ORDER_DESK_API = 'https://app.orderdesk.me/api/v2';

export const GROUPS = [
  'Process',
  'Network',
  'Data',
  'Key material',
  'Order Desk',
  'Access',
  'Limits',
  'Cache',
  'Overrides',
] as const;

export interface Variable<Schema extends z.ZodType = z.ZodType> extends kinds.Kind<Schema> {
  readonly group: (typeof GROUPS)[number];
  /** What it does, with its unit, as one or two sentences. */
  readonly description: string;
  /** The default, as it would stand in the environment; `defaultIn` goes before it in the profiles it names. */
  readonly default?: string;
  readonly defaultIn?: Readonly<Partial<Record<Profile, string>>>;
  readonly example?: string;
  /** Also accepted as NAME_FILE, shown nowhere, never given a default. */
  readonly secret?: true;
  /** A name that other programs use too: also accepted in lower case, as they do. */
  readonly lowerCaseToo?: true;
  /** How to make a value, where that takes a command. */
  readonly make?: string;
  /** A name that nearly matches this one stops the start: the mistake would weaken a protection. */
  readonly safety?: true;
  /** The profiles that refuse to start without it. */
  readonly requiredIn?: readonly Profile[];
  /** The override that makes up for it where it is required. */
  readonly unless?: 'ALLOW_EMBEDDED' | 'ALLOW_NO_REDIS';
  /** The example files that show it. */
  readonly shownIn: readonly Profile[];
}

const variable = <Schema extends z.ZodType>(entry: Variable<Schema>): Variable<Schema> => entry;

const EVERYWHERE: readonly Profile[] = ['development', 'staging', 'production'];

const randomKey = (name: string) =>
  `node -p "'${name}:' + require('node:crypto').randomBytes(32).toString('base64')"`;

export const VARIABLES = {
  NODE_ENV: variable({
    ...kinds.oneOf(...PROFILES),
    group: 'Process',
    description: 'The profile. Production refuses to start with anything that is fit for evaluation only.',
    default: 'development',
    safety: true,
    shownIn: EVERYWHERE,
  }),
  LOG_LEVEL: variable({
    ...kinds.oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace'),
    group: 'Process',
    description: 'The least severe level that is logged.',
    default: 'info',
    shownIn: EVERYWHERE,
  }),
  DATA_DIR: variable({
    ...kinds.path,
    group: 'Process',
    description:
      'The folder of the embedded database, its lock and the key material of the demo start. With DATABASE_URL it holds nothing but the key of a demo start.',
    default: './data',
    shownIn: EVERYWHERE,
  }),
  MCP_SHUTDOWN_GRACE: variable({
    ...kinds.seconds(0, 300),
    group: 'Process',
    description:
      'Seconds that running requests are given to end after SIGTERM or SIGINT, once MCP_DRAIN_DELAY is over. A write that was sent is waited for all the same: how long a replica may take in all, doctor says.',
    default: '25',
    shownIn: EVERYWHERE,
  }),
  MCP_DRAIN_DELAY: variable({
    ...kinds.seconds(0, 120),
    group: 'Process',
    description:
      'Seconds after SIGTERM or SIGINT in which everything is still served while /health/ready says 503 and connections end with their next answer, so that proxies and balancers go elsewhere. Longer than they take to notice. The time that the host gives a replica to end grows with it: doctor says how much that is.',
    default: '0',
    defaultIn: { staging: '5', production: '5' },
    shownIn: EVERYWHERE,
  }),

  ...NETWORK_VARIABLES,

  ...DATA_VARIABLES,

  MCP_KMS_KEY: variable({
    ...kinds.optional(kinds.keyRing),
    group: 'Key material',
    description:
      'The ring that encrypts what is stored. Losing it loses every store credential. Outside production the first start makes one in DATA_DIR/secrets.',
    secret: true,
    make: randomKey('k1'),
    safety: true,
    requiredIn: ['production'],
    shownIn: EVERYWHERE,
  }),
  MCP_KEY_PEPPER: variable({
    ...kinds.optional(kinds.keyRing),
    group: 'Key material',
    description:
      'The ring that API keys are hashed with, independent of MCP_KMS_KEY. Losing it invalidates every API key. Outside production the first start makes one in DATA_DIR/secrets.',
    secret: true,
    make: randomKey('p1'),
    safety: true,
    requiredIn: ['production'],
    shownIn: EVERYWHERE,
  }),

  ORDERDESK_API_URL: variable({
    ...kinds.optional(kinds.apiUrl),
    group: 'Order Desk',
    description: 'The API of Order Desk. Outside production the built-in sandbox serves when it is not set.',
    defaultIn: { production: ORDER_DESK_API },
    example: ORDER_DESK_API,
    safety: true,
    shownIn: EVERYWHERE,
  }),
  ...UPSTREAM_VARIABLES,

  METRICS_TOKEN: variable({
    ...kinds.optional(kinds.secret(16)),
    group: 'Access',
    description:
      'The bearer token of /metrics. Without one, /metrics is closed, except in development and test on a loopback address.',
    secret: true,
    make: `node -p "require('node:crypto').randomBytes(24).toString('base64url')"`,
    safety: true,
    shownIn: EVERYWHERE,
  }),
  ADMIN_TOKEN: variable({
    ...kinds.optional(kinds.secret(16)),
    group: 'Access',
    description:
      'The bearer token of /health/detailed. Without one, /health/detailed is closed, except in development and test on a loopback address.',
    secret: true,
    make: `node -p "require('node:crypto').randomBytes(24).toString('base64url')"`,
    safety: true,
    shownIn: EVERYWHERE,
  }),
  AUTH_STALE_MAX: variable({
    ...kinds.seconds(0, 3600),
    group: 'Access',
    description: 'Seconds that a key already proven is accepted while the database cannot be reached.',
    default: '600',
    safety: true,
    shownIn: EVERYWHERE,
  }),
  AUTH_BCRYPT_COST: variable({
    ...kinds.integer(4, 15),
    group: 'Access',
    description: 'The bcrypt cost of API keys. Below 10 in development and test only.',
    default: '12',
    safety: true,
    shownIn: EVERYWHERE,
  }),

  ...LIMIT_VARIABLES,

  CACHE_TTL_ORDERS: variable({
    ...kinds.seconds(1, 3600),
    group: 'Cache',
    description: 'Seconds that an order read from Order Desk is served again.',
    default: '15',
    shownIn: EVERYWHERE,
  }),
  CACHE_TTL_INVENTORY: variable({
    ...kinds.seconds(1, 3600),
    group: 'Cache',
    description: 'Seconds that inventory read from Order Desk is served again.',
    default: '60',
    shownIn: EVERYWHERE,
  }),
  CACHE_TTL_STORE: variable({
    ...kinds.seconds(1, 86_400),
    group: 'Cache',
    description: "Seconds that a store's settings and folders are served again.",
    default: '300',
    shownIn: EVERYWHERE,
  }),

  ALLOW_EMBEDDED: variable({
    ...kinds.optional(kinds.flag),
    group: 'Overrides',
    description: 'Lets production run on the embedded database: one process, no replicas, no fsync.',
    safety: true,
    shownIn: ['production'],
  }),
  ALLOW_NO_REDIS: variable({
    ...kinds.optional(kinds.flag),
    group: 'Overrides',
    description: 'Lets production run without Redis: limits and cache are those of one process.',
    safety: true,
    shownIn: ['production'],
  }),
  ALLOW_UPSTREAM: variable({
    ...kinds.optional(kinds.apiUrl),
    group: 'Overrides',
    description:
      'Lets production send store credentials to an API other than that of Order Desk. Repeats the value of ORDERDESK_API_URL.',
    safety: true,
    shownIn: ['production'],
  }),
};

export type VariableName = keyof typeof VARIABLES;

/** The schema of the whole environment, one field a variable. */
export const ENVIRONMENT = z.object(schemas(VARIABLES));
export type Values = z.output<typeof ENVIRONMENT>;

export const isVariable = (name: string): name is VariableName => Object.hasOwn(VARIABLES, name);

/** The table as a list; the narrow types of the entries are not needed where all of them are treated alike. */
export const variableList: readonly (readonly [VariableName, Variable])[] = Object.entries(VARIABLES).flatMap(
  ([name, entry]) => (isVariable(name) ? [[name, entry] as const] : []),
);

export const defaultOf = (entry: Variable, profile: Profile): string | undefined =>
  entry.defaultIn?.[profile] ?? entry.default;

function schemas<Table extends Record<string, Variable>>(table: Table) {
  const shape = Object.fromEntries(Object.entries(table).map(([name, { schema }]) => [name, schema]));
  return shape as { [Name in keyof Table]: Table[Name]['schema'] };
}
