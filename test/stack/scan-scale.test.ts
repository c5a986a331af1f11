/** What reading ten thousand orders costs a running server, and those who use the same store meanwhile. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { callTool } from '../support/call-tool.js';
import { messagesOf } from '../support/event-stream.js';
import { modern } from '../support/mcp-messages.js';
import { forgetPeak, peakBytes, residentBytes } from '../support/peak-memory.js';
import { replicaEnv } from '../support/replica-env.js';
import { type RunningProgram, runCommand, startProgram } from '../support/running-program.js';
import { createMigratedDatabase, emptyRedis } from '../support/services/index.js';
import { suiteFolder } from '../support/temporary-folder.js';

/** One shipment in some twenty carries the picture of a label, 48 KB of it. */
const STORE = { id: '10001', name: 'Lamps', apiKey: 'sandbox-key-for-store-10001', orderCount: 10_000 };
const MEGABYTE = 1024 * 1024;

describe('a scan of 10,000 orders', () => {
  let sandbox: Sandbox;
  let program: RunningProgram;
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  let folder: Awaited<ReturnType<typeof suiteFolder>>;
  let keys: { readonly scanner: string; readonly reader: string };

  beforeAll(async () => {
    sandbox = await startSandbox({ stores: [STORE] });
    database = await createMigratedDatabase();
    folder = await suiteFolder();
    const env = { ...replicaEnv(database.serviceUrl, sandbox.url), REDIS_URL: (await emptyRedis()).url };
    program = await startProgram(folder.path, env);
    const run = async (args: string[], input = '') => {
      const outcome = await runCommand([...args, '--json'], { dataDir: folder.path, env, input });
      if (outcome.code !== 0) throw new Error(outcome.stderr);
      return JSON.parse(outcome.stdout);
    };
    const newKey = async (name: string) =>
      (await run(['key', 'create', '--tenant', 'acme', '--name', name])).key;
    await run(['tenant', 'create', 'Acme']);
    await run(['store', 'add', '--tenant', 'acme', '--id', STORE.id, '--default'], `${STORE.apiKey}\n`);
    keys = { scanner: await newKey('scanner'), reader: await newKey('reader') };
  });
  afterAll(async () => {
    await program?.stop();
    await sandbox?.close();
    await database?.drop();
    await folder?.remove();
  });

  const getOrder = (id: string | undefined) =>
    callTool(program.url, keys.reader, 'get_order', { order_id: id });

  function summarize(): Promise<Response> {
    const dates = sandbox
      .store(STORE.id)
      .orders()
      .map((order) => order.date_added.slice(0, 10));
    const message = modern('tools/call', {
      name: 'summarize_orders',
      arguments: { added_from: dates.at(0), added_to: dates.at(-1), group_by: 'sku' },
      _meta: { progressToken: 'scan' },
    });
    return fetch(program.url, {
      method: 'POST',
      headers: { ...message.headers, authorization: `Bearer ${keys.scanner}` },
      body: JSON.stringify(message.body),
    });
  }

  it('keeps to 50 MB more memory, to the rate budget, and out of the way of others', async ({ annotate }) => {
    const { pid } = program.process;
    if (pid === undefined) throw new Error('The server has no process.');
    const ids = sandbox
      .store(STORE.id)
      .orders()
      .map(({ id }) => id);
    // A server that has answered one list and one order, as any that is in use.
    await callTool(program.url, keys.reader, 'list_orders', {});
    await getOrder(ids.at(-1));
    sandbox.resetCounters();
    await forgetPeak(pid);
    const idle = await residentBytes(pid);

    const told: number[] = [];
    const waits: number[] = [];
    let answer: Record<string, unknown> = {};
    for await (const message of messagesOf(await summarize())) {
      if (message.method !== 'notifications/progress') {
        answer = message;
        continue;
      }
      told.push(Object(message.params).progress);
      const startedAt = performance.now();
      const order = await getOrder(ids[told.length]);
      waits.push(performance.now() - startedAt);
      expect(order.status).toBe(200);
    }
    const more = ((await peakBytes(pid)) - idle) / MEGABYTE;

    expect(answer).toMatchObject({
      result: { structuredContent: { coverage: { scanned: 10_000, total: 10_000, complete: true } } },
    });
    expect(told.at(-1)).toBe(10_000);
    expect(told.length).toBeGreaterThan(20);
    expect(told.every((progress, index) => index === 0 || progress > (told[index - 1] ?? 0))).toBe(true);
    expect(more).toBeLessThan(50);
    expect(Math.max(...waits)).toBeLessThan(1_000);
    const { requests, rateLimited } = sandbox.counters();
    expect(rateLimited).toBe(0);
    expect(requests['GET /orders']).toBeLessThanOrEqual(25);
    await annotate(
      `${more.toFixed(0)} MB over ${(idle / MEGABYTE).toFixed(0)} MB; another key waited ${Math.max(...waits).toFixed(0)} ms at most`,
    );
  });
});
