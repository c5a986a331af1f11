/**
 * Everything that a start needs, looked at piece by piece and without starting: what a start says one problem at a
 * time is said here all at once. Nothing found here holds a secret.
 */
import { describe } from '../config/problems.js';
import { ConfigError } from '../config.js';
import { reachOrderDesk } from '../orderdesk/reach.js';
import { databaseChecks } from './doctor-database.js';
import { fileChecks } from './doctor-files.js';
import { redisChecks } from './doctor-redis.js';
import {
  type Check,
  type Finding,
  failureCode,
  isCertificateTrouble,
  ok,
  refused,
  skipped,
  warned,
} from './finding.js';
import type { AppConfig } from './foundation.js';
import { readConfig } from './read-config.js';

export interface NamedFinding extends Finding {
  readonly name: string;
}

/**
 * @param now milliseconds since 1970, to hold the clocks of others against
 * @returns in the order of the checks; one for each problem of the configuration, without which nothing else can be looked at
 */
export async function examineInstallation(
  env: NodeJS.ProcessEnv,
  now: () => number = Date.now,
): Promise<readonly NamedFinding[]> {
  let config: AppConfig;
  try {
    config = readConfig(env);
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return [
      ...thrown.problems.map((problem) => ({ name: 'configuration', ...refused(describe(problem)) })),
      { name: 'everything else', ...skipped('It takes a configuration without problems.') },
    ];
  }
  const database = await databaseChecks(config, now);
  const redis = await redisChecks(config, now);
  try {
    return await runAll([
      configuration(config),
      ...fileChecks(config, env),
      ...database.checks,
      ...redis.checks,
      orderDesk(config),
    ]);
  } finally {
    redis.close();
    await database.close();
  }
}

async function runAll(checks: readonly Check[]): Promise<NamedFinding[]> {
  const findings: NamedFinding[] = [];
  for (const { name, run } of checks) findings.push({ name, ...(await run()) });
  return findings;
}

const configuration = ({ profile, warnings, overrides }: AppConfig): Check => ({
  name: 'configuration',
  async run() {
    const off = overrides.map(({ variable, accepts }) => `${variable} accepts ${accepts}.`);
    const words = [`Profile ${profile}.`, ...warnings, ...off].join(' ');
    return warnings.length === 0 ? ok(words) : warned(words);
  },
});

const orderDesk = ({ upstream: { baseUrl, proxy } }: AppConfig): Check => ({
  name: 'Order Desk',
  async run() {
    if (baseUrl === undefined) return skipped('The built-in sandbox serves in its place.');
    const { host } = new URL(baseUrl);
    const way = proxy === undefined ? '' : ' through the proxy';
    try {
      await reachOrderDesk(new URL(baseUrl), proxy);
      return ok(`${host} answers${way}. No credential was tried: "orderdesk-mcp store verify" does that.`);
    } catch (thrown) {
      // The transport fails with nothing but errors of its own.
      if (!(thrown instanceof Error)) throw thrown;
      const code = failureCode(thrown);
      return refused(`${host} does not answer${way} (${code}). ${adviceOn(code, proxy !== undefined)}`);
    }
  },
});

function adviceOn(code: string, isProxied: boolean): string {
  if (isCertificateTrouble(code)) {
    return 'Its certificate is not believed: name the file of its authority in NODE_EXTRA_CA_CERTS, in the environment of the process.';
  }
  return isProxied
    ? 'Look at HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and at what the proxy lets through.'
    : 'Look at ORDERDESK_API_URL, and at what this machine may reach.';
}
