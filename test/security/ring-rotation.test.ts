/**
 * Both rings are rotated while agents work: two replicas as processes on one Postgres, restarted one after the other at
 * each step, as a rolling update does it. No call fails, and at the end the old keys are in nobody's environment.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { makeRingText } from '../../src/tenancy/rings/key-ring.js';
import { callTool } from '../support/call-tool.js';
import { replicaEnv } from '../support/replica-env.js';
import { type RunningProgram, runCommand, startProgram } from '../support/running-program.js';
import { createMigratedDatabase, type TestDatabase } from '../support/services/index.js';
import { suiteFolder } from '../support/temporary-folder.js';

const STORE = { id: '901', apiKey: 'sandbox-key-901', name: 'Rotating goods', timeZone: 'UTC', seed: 9 };
const [k1, k2] = ['k1', 'k2'].map((id) => makeRingText(id, randomBytes));
const [p1, p2] = ['p1', 'p2'].map((id) => makeRingText(id, randomBytes));
const REHASH_PATIENCE_MS = 60_000;

const status = z.object({ rings: z.array(z.object({ id: z.string(), neededBy: z.number() })) });

describe('a rotation of both rings under load', () => {
  let folder: Awaited<ReturnType<typeof suiteFolder>>;
  let database: TestDatabase;
  let sandbox: Sandbox;
  let env: NodeJS.ProcessEnv;
  const replicas: RunningProgram[] = [];
  /** Where a balancer would send the next call. */
  let inRotation: RunningProgram[] = [];
  const keys: string[] = [];
  /** Ends when the calls do that a replica has been sent so far. */
  const underWay = new Map<RunningProgram, Promise<unknown>>();

  beforeAll(async () => {
    folder = await suiteFolder();
    [database, sandbox] = await Promise.all([
      createMigratedDatabase(),
      startSandbox({ stores: [STORE], rateLimit: false }),
    ]);
    env = replicaEnv(database.serviceUrl, sandbox.url);
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await sandbox?.close();
    await database?.drop();
    await folder?.remove();
  });

  const rings = (kms: readonly (string | undefined)[], peppers: readonly (string | undefined)[]) => {
    env = { ...env, MCP_KMS_KEY: kms.join(','), MCP_KEY_PEPPER: peppers.join(',') };
  };

  async function command(args: readonly string[], input?: string): Promise<string> {
    const outcome = await runCommand(args, {
      dataDir: folder.path,
      env,
      ...(input === undefined ? {} : { input }),
    });
    expect(outcome.code, outcome.stderr).toBe(0);
    return outcome.stdout.trim();
  }

  /** A tenant made with the ring of the moment; its agents join the load. */
  async function addTenant(name: string): Promise<void> {
    await command(['tenant', 'create', name]);
    await command(['store', 'add', '--tenant', name, '--id', STORE.id], `${STORE.apiKey}\n`);
    keys.push(await command(['key', 'create', '--tenant', name, '--name', 'agent']));
  }

  /** Restarts the replicas with the environment of the moment; `between` runs while they differ. */
  async function rollOut(between?: () => Promise<void>): Promise<void> {
    for (const [place, old] of [...replicas].entries()) {
      inRotation = inRotation.filter((replica) => replica !== old);
      await underWay.get(old);
      expect(await old.stop()).toBe(0);
      const next = await startProgram(folder.path, env);
      replicas[place] = next;
      inRotation = [...inRotation, next];
      if (place === 0) await between?.();
    }
  }

  function startLoad() {
    const failures: string[] = [];
    let calls = 0;
    let ended = false;
    const agents = Array.from({ length: 4 }, async (_, agent) => {
      for (let turn = agent; !ended; turn += 1) {
        const replica = inRotation[turn % inRotation.length];
        const key = keys[turn % keys.length];
        if (replica === undefined || key === undefined) throw new Error('nobody to call');
        const call = callTool(replica.url, key, 'list_orders', { limit: 1 }).catch((thrown: unknown) => ({
          status: 0,
          text: String(thrown),
          error: undefined,
        }));
        underWay.set(replica, Promise.all([underWay.get(replica), call]));
        const reply = await call;
        calls += 1;
        if (reply.status !== 200 || reply.error !== undefined) failures.push(`${reply.status} ${reply.text}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    });
    return {
      failures,
      calls: () => calls,
      async end() {
        ended = true;
        await Promise.all(agents);
      },
    };
  }

  const neededBy = async (id: string) => {
    const { rings: uses } = status.parse(JSON.parse(await command(['vault', 'status', '--json'])));
    return uses.find((use) => use.id === id)?.neededBy;
  };

  it('fails no call at any step', { timeout: 300_000 }, async () => {
    rings([k1], [p1]);
    await addTenant('before');
    replicas.push(await startProgram(folder.path, env), await startProgram(folder.path, env));
    inRotation = [...replicas];
    const load = startLoad();

    rings([k1, k2], [p1, p2]);
    await rollOut(() => addTenant('added'));
    rings([k2, k1], [p2, p1]);
    await rollOut(() => addTenant('promoted'));
    expect(await neededBy('k1')).toBe(2);

    await command(['vault', 'rewrap', '--batch', '1']);
    await rollOut();
    expect([await neededBy('k1'), await neededBy('k2')]).toEqual([0, 3]);
    const patience = Date.now() + REHASH_PATIENCE_MS;
    while ((await neededBy('p1')) !== 0) {
      expect(Date.now(), 'keys stay on the old pepper').toBeLessThan(patience);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }

    expect(await command(['vault', 'retire', 'k1'])).toContain('Remove the entry "k1:…"');
    expect(await command(['vault', 'retire', 'p1', '--pepper'])).toContain('Remove the entry "p1:…"');
    rings([k2], [p2]);
    await rollOut(() => addTenant('retired'));
    await load.end();

    expect(load.failures).toEqual([]);
    expect(load.calls()).toBeGreaterThan(100);
    for (const replica of replicas) {
      for (const key of keys) expect((await callTool(replica.url, key, 'list_orders')).status).toBe(200);
    }
  });

  it('ends with a dump that does not start beside the old ring, and says why', async () => {
    rings([k1], [p2]);
    const refused = await runCommand(['start'], { dataDir: folder.path, env });
    expect(refused).toMatchObject({ code: 1, stdout: expect.not.stringContaining('"url"') });
    expect(refused.stderr).toContain('MCP_KMS_KEY does not open this database: it holds no key "k2"');
    expect(refused.stderr).not.toContain(String(k1).slice(3));
  });
});
