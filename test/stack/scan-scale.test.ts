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
  let unread: string[];

  beforeAll(async () => {
    sandbox = await startSandbox({ stores: [STORE] });
    unread = sandbox
      .store(STORE.id)
      .orders()
      .map(({ id }) => id);
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

  const range = () => {
    const dates = sandbox
      .store(STORE.id)
      .orders()
      .map((order) => order.date_added.slice(0, 10));
    return { added_from: dates.at(0), added_to: dates.at(-1) };
  };

  function scan(name: string, args: object): Promise<Response> {
    const message = modern('tools/call', { name, arguments: args, _meta: { progressToken: 'scan' } });
    return fetch(program.url, {
      method: 'POST',
      headers: { ...message.headers, authorization: `Bearer ${keys.scanner}` },
      body: JSON.stringify(message.body),
    });
  }

  /** The answer to a scan; for each progress that it tells, the other key reads an order nobody has read yet. */
  async function watched(name: string, args: object) {
    const told: number[] = [];
    const waits: number[] = [];
    for await (const message of messagesOf(await scan(name, args))) {
      if (message.method !== 'notifications/progress') {
        return { answer: Object(message.result).structuredContent, told, waits };
      }
      told.push(Object(message.params).progress);
      const startedAt = performance.now();
      expect((await getOrder(unread.pop())).status).toBe(200);
      waits.push(performance.now() - startedAt);
    }
    throw new Error('The scan ended without an answer.');
  }

  /** Megabytes that `work` raised the most memory by, over what was resident before it. */
  async function raised<T>(pid: number, work: () => Promise<T>): Promise<{ done: T; more: number }> {
    await forgetPeak(pid);
    const idle = await residentBytes(pid);
    const done = await work();
    return { done, more: ((await peakBytes(pid)) - idle) / MEGABYTE };
  }

  it('keeps to 50 MB more memory, to the rate budget, and out of the way of others', async ({ annotate }) => {
    const { pid } = program.process;
    if (pid === undefined) throw new Error('The server has no process.');
    // A server that has answered one list and one order, as any that is in use.
    await callTool(program.url, keys.reader, 'list_orders', {});
    await getOrder(unread.pop());
    sandbox.resetCounters();

    const sum = await raised(pid, () => watched('summarize_orders', { ...range(), group_by: 'sku' }));
    const { answer, told } = sum.done;
    expect(answer).toMatchObject({ coverage: { scanned: 10_000, total: 10_000, complete: true } });
    expect(told.at(-1)).toBe(10_000);
    expect(told.length).toBeGreaterThan(20);
    expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
    expect(sum.more).toBeLessThan(50);

    const nowhere = { ...range(), text: 'no order says this' };
    const list = await raised(pid, async () => {
      const half = await watched('list_orders', nowhere);
      const cursor = half.answer.next_cursor;
      return { half, rest: await watched('list_orders', { ...nowhere, cursor }) };
    });
    const { half, rest } = list.done;
    expect(half.answer).toMatchObject({ rows: [], complete: false, next_cursor: expect.any(String) });
    expect(half.answer.scanned).toBeGreaterThan(4_900);
    expect(rest.answer).toMatchObject({ rows: [], scanned: 10_000, complete: true, next_cursor: null });
    expect(list.more).toBeLessThan(50);

    const wait = Math.max(...sum.done.waits, ...half.waits, ...rest.waits);
    expect(wait).toBeLessThan(1_000);
    const { requests, rateLimited } = sandbox.counters();
    expect(rateLimited).toBe(0);
    expect(requests['GET /orders']).toBeLessThanOrEqual(55);
    await annotate(
      `memory: ${sum.more.toFixed(0)} MB more for summarize_orders, ${list.more.toFixed(0)} MB more for list_orders; ` +
        `another key waited ${wait.toFixed(0)} ms at most`,
    );
  });
});
