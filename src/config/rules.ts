/** Rules that look at more than one variable: what each profile demands, refuses and closes. */
import type { ConfigProblem } from './problems.js';
import { ORDER_DESK_API, type Profile, type Values, type VariableName, variableList } from './variables.js';

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
  const reports = [production, upstream].map((rule) => rule(profile, values));
  return {
    problems: [
      ...required(profile, given),
      ...strength(profile, values),
      ...order(values),
      ...reports.flatMap((report) => report.problems),
    ],
    overrides: reports.flatMap((report) => report.overrides),
  };
}

function required(profile: Profile, given: ReadonlySet<VariableName>): ConfigProblem[] {
  return variableList
    .filter(([name, entry]) => entry.requiredIn?.includes(profile) && !given.has(name))
    .map(([name, entry]) => ({
      variable: name,
      problem: `is required in ${profile}`,
      remedy: `Set it to ${entry.form}.${entry.make === undefined ? '' : ` Make one with: ${entry.make}`}`,
    }));
}

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

  const token = values.METRICS_TOKEN?.reveal();
  if (token !== undefined && new Set(token).size < 8) {
    problems.push({
      variable: 'METRICS_TOKEN',
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

/** What production runs on only when the operator says so by name. */
function production(profile: Profile, values: Values): RuleReport {
  if (profile !== 'production') return { problems: [], overrides: [] };
  const accepted = [
    {
      variable: 'ALLOW_EMBEDDED',
      on: values.ALLOW_EMBEDDED,
      accepts: 'the embedded database, without replicas or fsync',
    },
    {
      variable: 'ALLOW_NO_REDIS',
      on: values.ALLOW_NO_REDIS,
      accepts: 'limits and cache of this process alone, without Redis',
    },
  ] as const;
  return {
    overrides: accepted.filter(({ on }) => on).map(({ variable, accepts }) => ({ variable, accepts })),
    problems: accepted
      .filter(({ on }) => !on)
      .map(({ variable, accepts }) => ({
        variable,
        problem: 'is not set to 1',
        remedy: `This version has no other way to run, so set it to accept ${accepts}.`,
      })),
  };
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
