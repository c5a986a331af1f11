/** Rules that look at more than one variable: what each profile demands, refuses and closes. */
import { LOOPBACK_HOSTS } from './kinds.js';
import type { ConfigProblem } from './problems.js';
import {
  ORDER_DESK_API,
  type Profile,
  VARIABLES,
  type Values,
  type VariableName,
  variableList,
} from './variables.js';

/** A protection that the operator has switched off on purpose. */
export interface Override {
  readonly variable: VariableName;
  /** What is accepted by it, for the log. */
  readonly accepts: string;
}

export interface RuleReport {
  readonly problems: readonly ConfigProblem[];
  readonly overrides: readonly Override[];
}

/** @param given the variables that were set, well or badly: a badly set one is not reported as missing as well */
export function checkRules(profile: Profile, values: Values, given: ReadonlySet<VariableName>): RuleReport {
  const elsewhere = upstream(profile, values);
  return {
    problems: [
      ...required(profile, values, given),
      ...strength(profile, values),
      ...order(values),
      ...database(profile, values, given),
      ...elsewhere.problems,
    ],
    overrides: [...standIns(profile, values), ...elsewhere.overrides, ...beyondBudget(profile, values)],
  };
}

function required(profile: Profile, values: Values, given: ReadonlySet<VariableName>): ConfigProblem[] {
  return variableList
    .filter(([name, entry]) => entry.requiredIn?.includes(profile) && !given.has(name))
    .filter(([, { unless }]) => unless === undefined || values[unless] !== true)
    .map(([name, { form, make, unless }]) => ({
      variable: name,
      problem: `is required in ${profile}`,
      remedy: `Set it to ${form}.${make === undefined ? '' : ` Make one with: ${make}`}${
        unless === undefined ? '' : ` Or set ${unless}=1 to accept ${ACCEPTS[unless]}.`
      }`,
    }));
}

/** What production runs on only when the operator says so by name. */
const ACCEPTS = {
  ALLOW_EMBEDDED: 'the embedded database, without replicas or fsync',
  ALLOW_NO_REDIS: 'limits and cache of this process alone, without Redis',
} as const;

/** What is too weak for data of real customers. */
function strength(profile: Profile, values: Values): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (values.AUTH_BCRYPT_COST < 10 && (profile === 'staging' || profile === 'production')) {
    problems.push({
      variable: 'AUTH_BCRYPT_COST',
      problem: `is below 10 in ${profile}`,
      remedy: 'Set it to 10 or more; 12 is the default.',
    });
  }
  if (profile !== 'production') return problems;

  for (const variable of ['METRICS_TOKEN', 'ADMIN_TOKEN'] as const) {
    const token = values[variable]?.reveal();
    if (token === undefined || new Set(token).size >= 8) continue;
    problems.push({
      variable,
      problem: 'is a repeated pattern, not a random secret',
      remedy: 'Make a new one from a random source.',
    });
  }
  return problems;
}

function order(values: Values): ConfigProblem[] {
  return values.UPSTREAM_TIMEOUT <= values.UPSTREAM_DEADLINE
    ? []
    : [
        {
          variable: 'UPSTREAM_TIMEOUT',
          problem: 'is longer than UPSTREAM_DEADLINE',
          remedy:
            'A single request must fit into the time of the whole call: lower it or raise the deadline.',
        },
      ];
}

/** What replicas share must not differ between them, and the service must not be the role that guards it. */
function database(profile: Profile, values: Values, given: ReadonlySet<VariableName>): ConfigProblem[] {
  const { DATABASE_URL: service, MIGRATE_DATABASE_URL: migrate } = values;
  if (service === undefined) {
    if (migrate === undefined || given.has('DATABASE_URL')) return [];
    return [
      {
        variable: 'MIGRATE_DATABASE_URL',
        problem: 'is set, but DATABASE_URL is not',
        remedy: 'Set DATABASE_URL too: migrating grants its role what the service needs.',
      },
    ];
  }
  const problems: ConfigProblem[] = [];
  const { hostname, username, searchParams } = new URL(service.reveal());
  if (profile === 'production' && !isNearby(hostname) && !searchParams.has('sslmode')) {
    problems.push({
      variable: 'DATABASE_URL',
      problem: 'does not say whether the connection is encrypted',
      remedy: 'Add sslmode=verify-full, or sslmode=disable where the network itself is trusted.',
    });
  }
  if (migrate !== undefined && new URL(migrate.reveal()).username === username) {
    problems.push({
      variable: 'MIGRATE_DATABASE_URL',
      problem: 'names the same role as DATABASE_URL',
      remedy: 'The role of the service must own nothing: give migrations a role of their own.',
    });
  }
  for (const ring of ['MCP_KMS_KEY', 'MCP_KEY_PEPPER'] as const) {
    if (given.has(ring) || profile === 'production') continue;
    problems.push({
      variable: ring,
      problem: 'is required with DATABASE_URL',
      remedy: `All replicas need the same one. Make one with: ${VARIABLES[ring].make}`,
    });
  }
  return problems;
}

/** On this machine: loopback, or a folder of sockets. */
const isNearby = (host: string): boolean =>
  host === '' || LOOPBACK_HOSTS.includes(host) || /^%2f/i.test(host);

/** The overrides that make up for something that is not there: one for what is there changes nothing. */
function standIns(profile: Profile, values: Values): Override[] {
  if (profile !== 'production') return [];
  return variableList.flatMap(([name, { unless }]) =>
    unless !== undefined && values[name] === undefined && values[unless] === true
      ? [{ variable: unless, accepts: ACCEPTS[unless] }]
      : [],
  );
}

/** What Order Desk is known to grant each store: 20 requests at once and 3 a second. More than that means 429s. */
function beyondBudget(profile: Profile, values: Values): Override[] {
  if (profile !== 'production') return [];
  const accepts = 'more requests to a store than Order Desk is known to grant';
  return [
    ...(values.UPSTREAM_BUDGET_BURST > 20 ? [{ variable: 'UPSTREAM_BUDGET_BURST', accepts } as const] : []),
    ...(values.UPSTREAM_BUDGET_RATE > 3 ? [{ variable: 'UPSTREAM_BUDGET_RATE', accepts } as const] : []),
  ];
}

/** Store credentials go to Order Desk, over TLS, or where the operator has said they may go. */
function upstream(profile: Profile, values: Values): RuleReport {
  const { ORDERDESK_API_URL: url, ALLOW_UPSTREAM: allowed } = values;
  const restricted = url !== undefined && profile === 'production' && url !== ORDER_DESK_API;
  if (!restricted) return { problems: [], overrides: [] };
  return url === allowed
    ? {
        problems: [],
        overrides: [{ variable: 'ALLOW_UPSTREAM', accepts: 'an API other than that of Order Desk' }],
      }
    : {
        problems: [
          {
            variable: 'ORDERDESK_API_URL',
            problem: `is not ${ORDER_DESK_API} in production`,
            remedy: 'Remove it, or repeat its value in ALLOW_UPSTREAM to send store credentials there.',
          },
        ],
        overrides: [],
      };
}
