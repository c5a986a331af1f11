/**
 * Everything that a start needs, looked at piece by piece and without starting: what a start says one problem at a
 * time is said here all at once. Nothing found here holds a secret.
 */
import { describe } from '../config/problems.js';
import { ConfigError } from '../config.js';
import { databaseChecks } from './doctor-database.js';
import { fileChecks } from './doctor-files.js';
import { orderDeskCheck } from './doctor-order-desk.js';
import { redisChecks } from './doctor-redis.js';
import { type Check, type Finding, ok, refused, skipped, warned } from './finding.js';
import type { AppConfig } from './foundation.js';
import { readConfig } from './read-config.js';
import { secondsToEnd } from './shutdown.js';

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
      orderDeskCheck(config),
      shutdown(config),
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

const shutdown = (config: AppConfig): Check => ({
  name: 'shutdown',
  run: async () =>
    ok(`Give a replica ${secondsToEnd(config)} s between SIGTERM and SIGKILL; most end much sooner.`),
});
