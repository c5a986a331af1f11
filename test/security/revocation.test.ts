/** A key that is revoked anywhere is refused everywhere, soon: two replicas as processes of their own on one Postgres. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { callTool } from '../support/call-tool.js';
import { replicaEnv } from '../support/replica-env.js';
import { type RunningProgram, runCommand, startProgram } from '../support/running-program.js';
import {
  createMigratedDatabase,
  type RedisServer,
  startRedis,
  type TestDatabase,
} from '../support/services/index.js';
import { suiteFolder } from '../support/temporary-folder.js';

const BOUND_MS = 2_000;

describe('a revoked key', () => {
  let folder: Awaited<ReturnType<typeof suiteFolder>>;
  let database: TestDatabase;
  let redis: RedisServer;
  let sandbox: Sandbox;
  let replicas: RunningProgram[];
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await suiteFolder();
    [database, redis, sandbox] = await Promise.all([
      createMigratedDatabase(),
      startRedis(),
      startSandbox({ stores: [], rateLimit: false }),
    ]);
    env = { ...replicaEnv(database.serviceUrl, sandbox.url), REDIS_URL: redis.url };
    replicas = await Promise.all([startProgram(folder.path, env), startProgram(folder.path, env)]);
    await command('tenant', 'create', 'acme');
  });
  afterAll(async () => {
    await Promise.all((replicas ?? []).map((replica) => replica.stop()));
    await Promise.all([sandbox?.close(), redis?.stop()]);
    await database?.drop();
    await folder?.remove();
  });

  async function command(...args: string[]): Promise<string> {
    const outcome = await runCommand(args, { dataDir: folder.path, env });
    expect(outcome.code, outcome.stderr).toBe(0);
    return outcome.stdout.trim();
  }

  const statusOn = async (replica: RunningProgram, key: string) =>
    (await callTool(replica.url, key, 'list_stores')).status;

  /**
   * When the last call began that the replica still accepted; it has the key in constant use until it refuses it. Whoever is
   * accepted was so after that moment: how long the machine takes for an answer is no part of it.
   */
  async function lastAcceptedAt(replica: RunningProgram, key: string): Promise<number> {
    const deadline = Date.now() + 30_000;
    let accepted = Number.NEGATIVE_INFINITY;
    while (Date.now() < deadline) {
      const startedAt = Date.now();
      const status = await statusOn(replica, key);
      if (status === 401) return accepted;
      expect(status).toBe(200);
      accepted = startedAt;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('the key was never refused');
  }

  async function revokedAt(kid: string): Promise<number> {
    const client = new pg.Client({ connectionString: database.superuserUrl });
    await client.connect();
    try {
      const { rows } = await client.query<{ revoked_at: Date }>(
        'select revoked_at from api_keys where kid = $1',
        [kid],
      );
      return Number(rows[0]?.revoked_at);
    } finally {
      await client.end();
    }
  }

  it.each(['up', 'stopped'])(
    'is refused on every replica within two seconds with Redis %s',
    async (situation) => {
      const key = await command('key', 'create', '--tenant', 'acme', '--name', `with Redis ${situation}`);
      const kid = key.slice(4, 14);
      for (const replica of replicas) expect(await statusOn(replica, key)).toBe(200);
      if (situation === 'stopped') await redis.stop();

      const accepted = Promise.all(replicas.map((replica) => lastAcceptedAt(replica, key)));
      await command('key', 'revoke', kid);
      const revoked = await revokedAt(kid);
      for (const at of await accepted) expect(at - revoked).toBeLessThanOrEqual(BOUND_MS);
    },
  );
});
