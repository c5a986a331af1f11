/**
 * The environment as one frozen value. Everything that is wrong is found in one go and said with a remedy; nothing
 * reads the environment after this. The table of variables is in `config/variables.ts`, the rules beside it.
 */
import { authorityFileProblem } from './config/authority-file.js';
import { deepFreeze } from './config/deep-freeze.js';
import { type ReadFile, readGiven } from './config/given.js';
import { LOOPBACK_HOSTS } from './config/kinds.js';
import { checkNames } from './config/names.js';
import { ConfigError, type ConfigProblem, describe } from './config/problems.js';
import { proxyFor } from './config/proxies.js';
import { checkRules, type Override } from './config/rules.js';
import { shownSettings } from './config/shown.js';
import {
  defaultOf,
  ENVIRONMENT,
  isVariable,
  PROFILES,
  type Profile,
  VARIABLES,
  type Values,
  type VariableName,
  variableList,
} from './config/variables.js';
import { AppError } from './errors.js';
import type { Secret } from './tenancy/secret.js';

export { ConfigError } from './config/problems.js';
export type { Profile } from './config/variables.js';

/** `Ring` is whatever the given ring parser makes. Durations are in milliseconds. */
export interface Config<Ring> {
  readonly profile: Profile;
  readonly logLevel: Values['LOG_LEVEL'];
  readonly dataDir: string;
  readonly shutdownGraceMs: number;
  readonly drainDelayMs: number;
  readonly database:
    | { readonly kind: 'embedded' }
    | {
        readonly kind: 'postgres';
        readonly url: Secret;
        /** As the role that owns the database; only migrating needs it. */
        readonly migrateUrl: Secret | undefined;
        readonly poolMax: number;
      };
  /** `undefined`: limits and cache are those of this process. */
  readonly redisUrl: Secret | undefined;
  readonly http: {
    /** 0 takes any free port. */
    readonly port: number;
    readonly host: string;
    /** Without a trailing slash. */
    readonly publicUrl: string | undefined;
    /** Host names, in lower case and without ports, that a Host header may carry. */
    readonly allowedHosts: readonly string[];
    readonly allowedOrigins: readonly string[];
    /** IP addresses and CIDR ranges of proxies. */
    readonly trustProxy: readonly string[];
  };
  /** `undefined` outside production when not set: the start then makes or finds them in the data folder. */
  readonly keys: { readonly kmsRing: Ring | undefined; readonly pepperRing: Ring | undefined };
  readonly auth: { readonly staleMaxMs: number; readonly bcryptCost: number };
  readonly upstream: {
    /** Without a trailing slash; `undefined` means the built-in sandbox. */
    readonly baseUrl: string | undefined;
    /** The HTTP proxy on the way there, which may hold a password; `undefined` means the direct way. */
    readonly proxy: Secret | undefined;
    readonly timeoutMs: number;
    readonly deadlineMs: number;
    /** The same for a call that reads many orders and tells its progress. */
    readonly scanDeadlineMs: number;
    readonly maxBodyBytes: number;
    /** What all replicas together send to one store. */
    readonly budget: { readonly capacity: number; readonly perSecond: number };
    /** How many replicas share a store's budget at most. */
    readonly replicas: number;
  };
  readonly limits: LimitConfig;
  readonly cache: {
    readonly ordersTtlMs: number;
    readonly inventoryTtlMs: number;
    readonly storeTtlMs: number;
  };
  /** Who may read `/metrics`. */
  readonly metrics: TokenAccess;
  /** Who may read `/health/detailed`. */
  readonly admin: TokenAccess;
  /** What is in force, variable by variable, for the operator; of secrets only whether they are set. */
  readonly settings: Readonly<Record<string, string>>;
  /** Protections switched off on purpose; each is logged at start. */
  readonly overrides: readonly Override[];
  /** Sentences for the log. */
  readonly warnings: readonly string[];
}

export interface LimitConfig {
  /** Messages of one key. */
  readonly key: { readonly burst: number; readonly perSecond: number };
  /** Failures to authenticate from one address. */
  readonly address: { readonly burst: number; readonly perSecond: number };
  readonly tenant: { readonly concurrency: number; readonly queue: number; readonly waitMs: number };
  readonly pressure: { readonly maxDelayMs: number; readonly maxUtilization: number };
}

/** To something that is not for everybody. */
export type TokenAccess =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'token'; readonly token: Secret };

/** What reading needs from elsewhere. The two functions on rings throw an AppError that holds no key material. */
export interface ConfigSources<Ring> {
  readonly readFile: ReadFile;
  readonly parseRing: (text: string, variable: string) => Ring;
  readonly assertRingsDiffer: (first: NamedRing<Ring>, second: NamedRing<Ring>) => void;
}

export interface NamedRing<Ring> {
  readonly variable: string;
  readonly ring: Ring;
}

/** @throws ConfigError with every problem found */
export function loadConfig<Ring>(env: NodeJS.ProcessEnv, sources: ConfigSources<Ring>): Config<Ring> {
  const present = new Map(
    Object.entries(env).flatMap(([name, value]): [string, string][] =>
      value === undefined || value.trim() === '' ? [] : [[name, value]],
    ),
  );
  const names = checkNames(present);
  const given = readGiven(present, sources.readFile);
  const problems = [...names.problems, ...given.problems];

  const profile = profileOf(given.values.get('NODE_ENV'));
  const values = readValues(profile, given.values, problems);
  const { kmsRing, pepperRing } = readRings(values, sources, problems);

  const authorities = authorityFileProblem(values.NODE_EXTRA_CA_CERTS, sources.readFile);
  if (authorities !== undefined) problems.push(authorities);

  const mentioned = new Set(
    problems.map(({ variable }) => variable.replace(/_FILE$/, '')).filter(isVariable),
  );
  const rules = checkRules(profile, values, new Set([...given.values.keys(), ...mentioned]));
  problems.push(
    ...rules.problems.filter(({ variable }) => !isVariable(variable) || !mentioned.has(variable)),
  );
  if (problems.length > 0) throw new ConfigError(problems);

  return deepFreeze({
    profile,
    logLevel: values.LOG_LEVEL,
    dataDir: values.DATA_DIR,
    shutdownGraceMs: values.MCP_SHUTDOWN_GRACE,
    drainDelayMs: values.MCP_DRAIN_DELAY,
    database: databaseChosen(values),
    redisUrl: values.REDIS_URL,
    http: {
      port: values.PORT,
      host: values.MCP_HOST,
      publicUrl: values.PUBLIC_URL,
      allowedHosts: allowedHosts(values),
      allowedOrigins: values.ALLOWED_ORIGINS ?? [],
      trustProxy: values.TRUST_PROXY ?? [],
    },
    keys: { kmsRing, pepperRing },
    auth: { staleMaxMs: values.AUTH_STALE_MAX, bcryptCost: values.AUTH_BCRYPT_COST },
    upstream: {
      baseUrl: values.ORDERDESK_API_URL,
      proxy: values.ORDERDESK_API_URL === undefined ? undefined : proxyFor(values.ORDERDESK_API_URL, values),
      timeoutMs: values.UPSTREAM_TIMEOUT,
      deadlineMs: values.UPSTREAM_DEADLINE,
      scanDeadlineMs: values.MCP_SCAN_DEADLINE_S,
      maxBodyBytes: values.UPSTREAM_MAX_BODY_MB,
      budget: { capacity: values.UPSTREAM_BUDGET_BURST, perSecond: values.UPSTREAM_BUDGET_RATE },
      replicas: values.REDIS_URL === undefined ? 1 : values.UPSTREAM_REPLICAS,
    },
    limits: {
      key: { burst: values.MCP_LIMIT_KEY_BURST, perSecond: values.MCP_LIMIT_KEY_RATE },
      address: {
        burst: values.MCP_LIMIT_ADDRESS_FAILURES_BURST,
        perSecond: values.MCP_LIMIT_ADDRESS_FAILURES_RATE / 60,
      },
      tenant: {
        concurrency: values.MCP_LIMIT_TENANT_CONCURRENCY,
        queue: values.MCP_LIMIT_TENANT_QUEUE,
        waitMs: values.MCP_LIMIT_TENANT_WAIT,
      },
      pressure: {
        maxDelayMs: values.MCP_LIMIT_EVENT_LOOP_DELAY,
        maxUtilization: values.MCP_LIMIT_EVENT_LOOP_UTILIZATION,
      },
    },
    cache: {
      ordersTtlMs: values.CACHE_TTL_ORDERS,
      inventoryTtlMs: values.CACHE_TTL_INVENTORY,
      storeTtlMs: values.CACHE_TTL_STORE,
    },
    metrics: accessWith(values.METRICS_TOKEN, profile, values),
    admin: accessWith(values.ADMIN_TOKEN, profile, values),
    settings: shownSettings(profile, given.values),
    overrides: rules.overrides,
    warnings: names.warnings.map(describe),
  });
}

/** A profile that cannot be read is judged by the strictest rules; that it cannot be read is reported by the table. */
const profileOf = (text: string | undefined): Profile =>
  text === undefined ? 'development' : (PROFILES.find((profile) => profile === text.trim()) ?? 'production');

/** Values of all variables. One that is wrong is reported and replaced by its default, so that the rest can be judged. */
function readValues(
  profile: Profile,
  given: ReadonlyMap<VariableName, string>,
  problems: ConfigProblem[],
): Values {
  const defaults = variableList.map(([name, entry]) => [name, defaultOf(entry, profile)]);
  const raw = { ...Object.fromEntries(defaults), ...Object.fromEntries(given) };
  const result = ENVIRONMENT.safeParse(raw);
  if (result.success) return result.data;

  const good = new Map(given);
  for (const issue of result.error.issues) {
    const name = String(issue.path[0]);
    if (!isVariable(name)) continue;
    good.delete(name);
    problems.push({ variable: name, problem: issue.message, remedy: remedyFor(name) });
  }
  return readValues(profile, good, []);
}

function remedyFor(name: VariableName): string {
  const { make, example, default: standard }: (typeof variableList)[number][1] = VARIABLES[name];
  if (make !== undefined) return `Make one with: ${make}`;
  const sample = example ?? standard;
  return sample === undefined ? 'Correct or remove it.' : `For example ${name}=${sample}`;
}

function readRings<Ring>(values: Values, sources: ConfigSources<Ring>, problems: ConfigProblem[]) {
  const read = (variable: 'MCP_KMS_KEY' | 'MCP_KEY_PEPPER'): Ring | undefined => {
    const text = values[variable]?.reveal();
    return text === undefined
      ? undefined
      : reportingRing(variable, problems, () => sources.parseRing(text, variable));
  };
  const kmsRing = read('MCP_KMS_KEY');
  const pepperRing = read('MCP_KEY_PEPPER');
  if (kmsRing !== undefined && pepperRing !== undefined) {
    reportingRing('MCP_KEY_PEPPER', problems, () =>
      sources.assertRingsDiffer(
        { variable: 'MCP_KMS_KEY', ring: kmsRing },
        { variable: 'MCP_KEY_PEPPER', ring: pepperRing },
      ),
    );
  }
  return { kmsRing, pepperRing };
}

/** The result of `work`, or `undefined` and one more problem when it refuses the ring. */
function reportingRing<T>(variable: VariableName, problems: ConfigProblem[], work: () => T): T | undefined {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const what = thrown.message
      .replace(`${variable}: `, '')
      .replace(thrown.hint ?? '', '')
      .replace(/\.\s*$/, '');
    problems.push({ variable, problem: `is not a usable key ring: ${what}`, remedy: remedyFor(variable) });
    return undefined;
  }
}

function databaseChosen(values: Values): Config<unknown>['database'] {
  const { DATABASE_URL: url, MIGRATE_DATABASE_URL: migrateUrl, DATABASE_POOL_MAX: poolMax } = values;
  return url === undefined ? { kind: 'embedded' } : { kind: 'postgres', url, migrateUrl, poolMax };
}

function allowedHosts(values: Values): readonly string[] {
  const own = values.PUBLIC_URL === undefined ? [] : [new URL(values.PUBLIC_URL).hostname];
  return [...new Set([...own, ...LOOPBACK_HOSTS, ...(values.MCP_ALLOWED_HOSTS ?? [])])];
}

/** Fails closed: what is reachable from elsewhere, or meant for it, shows nothing of this to anybody without a token. */
function accessWith(token: Secret | undefined, profile: Profile, values: Values): TokenAccess {
  if (token !== undefined) return { kind: 'token', token };
  const local = values.MCP_HOST === '::1' || values.MCP_HOST.startsWith('127.');
  return { kind: local && (profile === 'development' || profile === 'test') ? 'open' : 'closed' };
}
