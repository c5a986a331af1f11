/**
 * Everything that a start needs, looked at piece by piece and without starting: what a start says one problem at a
 * time is said here all at once. Nothing found here holds a secret.
 */
import { describe } from '../config/problems.js';
import { ConfigError } from '../config.js';
import { connectRedis } from '../redis/connection.js';
import { databaseChecks } from './doctor-database.js';
import { type Check, type Finding, failureCode, ok, refused, skipped } from './finding.js';
import type { AppConfig } from './foundation.js';
import { readConfig } from './read-config.js';

export interface NamedFinding extends Finding {
  readonly name: string;
}

const ORDER_DESK_WAIT_MS = 5_000;

/** In the order of the checks; one for each problem of the configuration, without which nothing else can be looked at. */
export async function examineInstallation(env: NodeJS.ProcessEnv): Promise<readonly NamedFinding[]> {
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
  const database = await databaseChecks(config);
  try {
    return await runAll([configuration(config), ...database.checks, redis(config), orderDesk(config)]);
  } finally {
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
    return ok([`Profile ${profile}.`, ...warnings, ...off].join(' '));
  },
});

const redis = ({ redisUrl }: AppConfig): Check => ({
  name: 'Redis',
  async run() {
    if (redisUrl === undefined) return skipped('REDIS_URL is not set: limits are those of each process.');
    let reason: Error | undefined;
    const client = await connectRedis(redisUrl.reveal(), {
      onError: (error) => {
        reason ??= error;
      },
    });
    try {
      await client.ping();
      return ok('It answers.');
    } catch (thrown) {
      // The client fails with nothing but errors of the connection or of the server.
      if (!(thrown instanceof Error)) throw thrown;
      const code = failureCode(reason ?? thrown);
      return refused(
        `It cannot be used (${code}). Look at REDIS_URL, and whether it runs; until then limits are those of each process.`,
      );
    } finally {
      client.disconnect();
    }
  },
});

const orderDesk = ({ upstream: { baseUrl } }: AppConfig): Check => ({
  name: 'Order Desk',
  async run() {
    if (baseUrl === undefined) return skipped('The built-in sandbox serves in its place.');
    const { host } = new URL(baseUrl);
    try {
      const answer = await fetch(baseUrl, {
        method: 'HEAD',
        redirect: 'manual',
        signal: AbortSignal.timeout(ORDER_DESK_WAIT_MS),
      });
      await answer.body?.cancel();
      return ok(`${host} answers. No credential was tried: "orderdesk-mcp store verify" does that.`);
    } catch (thrown) {
      // Of fetch: TypeError when there is no connection, a DOMException when the time is over.
      if (!(thrown instanceof TypeError || thrown instanceof DOMException)) throw thrown;
      return refused(
        `${host} does not answer (${failureCode(thrown)}). Look at ORDERDESK_API_URL, and at what this machine may reach.`,
      );
    }
  },
});
