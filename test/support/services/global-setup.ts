/**
 * Before a tier that needs them: Postgres and Redis are started, unless the environment names running ones
 * (`TEST_POSTGRES_URL` as a superuser, `TEST_REDIS_URL`) or an earlier tier of this run has them already.
 */
import type { TestProject } from 'vitest/node';
import { ServiceMissing } from './debian.js';
import { adoptPostgres, startPostgres } from './postgres.js';
import { startRedis } from './redis.js';
import './provided.js';

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const shared = project.vitest.getRootProject();
  if (shared.getProvidedContext().postgresUrl !== undefined) return undefined;
  const stops: (() => Promise<void>)[] = [];
  try {
    const { TEST_POSTGRES_URL: postgresUrl, TEST_REDIS_URL: redisUrl } = process.env;
    const redis = redisUrl === undefined ? await startRedis() : { url: redisUrl, stop: async () => {} };
    stops.push(redis.stop);
    const postgres =
      postgresUrl === undefined
        ? await startPostgres()
        : { ...(await adoptPostgres(postgresUrl)), stop: async () => {} };
    stops.push(postgres.stop);
    shared.provide('redisUrl', redis.url);
    shared.provide('postgresUrl', postgres.superuserUrl);
  } catch (thrown) {
    await Promise.all(stops.map((stop) => stop()));
    if (!(thrown instanceof ServiceMissing)) throw thrown;
    process.stderr.write(`${thrown.message}\n`);
    process.exit(1);
  }
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}
