/**
 * SIGTERM while the program makes changes: what was sent is waited for and written down, what was not is not sent and leaves
 * nothing, and another replica goes on with what is left of a batch.
 */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ApiRequest, type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { callTool } from '../support/call-tool.js';
import { openRoad, type Road } from '../support/changes/road.js';
import { modern } from '../support/mcp-messages.js';
import { replicaEnv } from '../support/replica-env.js';
import { type RunningProgram, runCommand, startProgram } from '../support/running-program.js';
import { createMigratedDatabase, type TestDatabase } from '../support/services/index.js';
import { suiteFolder } from '../support/temporary-folder.js';

const STORE = { id: '701', apiKey: 'sandbox-key-701', name: 'Going down', orderCount: 200 };

interface Row {
  readonly state: string;
  readonly resumable: boolean;
  readonly effects: number;
}

let sandbox: Sandbox;
let road: Road;
let database: TestDatabase;
let superuser: pg.Pool;
let env: NodeJS.ProcessEnv;
let key: string;
let program: RunningProgram;
const programs: {
  readonly started: RunningProgram;
  readonly folder: Awaited<ReturnType<typeof suiteFolder>>;
}[] = [];
const asked: ApiRequest[] = [];

async function start(): Promise<RunningProgram> {
  const folder = await suiteFolder();
  const started = await startProgram(folder.path, env);
  programs.push({ started, folder });
  return started;
}

beforeAll(async () => {
  sandbox = await startSandbox({
    stores: [STORE],
    rateLimit: false,
    onRequest: (request) => asked.push(request),
  });
  road = await openRoad(sandbox.url);
  database = await createMigratedDatabase();
  superuser = new pg.Pool({ connectionString: database.superuserUrl, max: 2 });
  // Its end does not wait for its connections: some are there when the database is dropped.
  superuser.on('error', () => {});
  env = {
    ...replicaEnv(database.serviceUrl, road.url),
    UPSTREAM_BUDGET_BURST: '100000',
    UPSTREAM_BUDGET_RATE: '10000',
  };
  const folder = await suiteFolder();
  const run = async (args: string[], input = '') => {
    const outcome = await runCommand([...args, '--json'], { dataDir: folder.path, env, input });
    if (outcome.code !== 0) throw new Error(outcome.stderr);
    return JSON.parse(outcome.stdout);
  };
  await run(['tenant', 'create', 'Acme']);
  await run(['store', 'add', '--tenant', 'acme', '--id', STORE.id, '--default'], `${STORE.apiKey}\n`);
  ({ key } = await run(['key', 'create', '--tenant', 'acme', '--name', 'test']));
  await folder.remove();
});
afterAll(async () => {
  await superuser?.end();
  await road?.close();
  await sandbox?.close();
  await database?.drop();
});
beforeEach(async () => {
  await superuser.query('truncate changes, change_locks, write_counts cascade');
  program = await start();
  asked.length = 0;
});
afterEach(async () => {
  for (const { started, folder } of programs.splice(0)) {
    await started.stop('SIGKILL');
    await folder.remove();
  }
});

const rows = async (): Promise<readonly Row[]> =>
  (await superuser.query<Row>('select state, resumable, effects from changes')).rows;
const heldLocks = async (): Promise<number> =>
  (await superuser.query('select from change_locks')).rowCount ?? 0;
const counted = async (): Promise<number> =>
  (await superuser.query<{ n: number }>('select coalesce(sum(effects), 0)::integer as n from write_counts'))
    .rows[0]?.n ?? 0;
const writes = () => asked.filter(({ method }) => method !== 'GET');
const arrived = (method: string, times = 1) =>
  vi.waitFor(() => expect(asked.filter((request) => request.method === method)).toHaveLength(times), {
    timeout: 20_000,
    interval: 10,
  });
const isListening = () =>
  new Promise<boolean>((resolve) => {
    const socket = connect(Number(new URL(program.url).port), '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
/** From there on it lets no write begin. */
const portIsGivenUp = () =>
  vi.waitFor(async () => expect(await isListening()).toBe(false), { timeout: 20_000, interval: 20 });
const order = (at: number) => sandbox.store(STORE.id).orders()[at]?.id ?? '';
const emailOf = (id: string) => sandbox.store(STORE.id).order(id)?.email;
const update = (id: string, email: string) =>
  callTool(program.url, key, 'update_order', { order_id: id, changes: { email } });

/** A 2026-07-28 call whose connection can be closed. */
function updateThatHangsUp(id: string, email: string): { hangUp(): Promise<void> } {
  const connection = new AbortController();
  const params = { name: 'update_order', arguments: { order_id: id, changes: { email } } };
  const { headers, body } = modern('tools/call', params);
  const call = fetch(program.url, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
    signal: connection.signal,
  });
  return {
    async hangUp() {
      connection.abort();
      await expect(call).rejects.toThrow('abort');
    },
  };
}

describe('a server that gets SIGTERM', () => {
  it('during an update ends when that has its answer, and has written it down', async () => {
    const letGo = road.hold('PUT');
    const call = update(order(0), 'wanted@example.com');
    await arrived('PUT');
    const ended = program.stop('SIGTERM');
    await portIsGivenUp();
    letGo();
    expect((await call).result?.structuredContent).toMatchObject({ outcome: 'applied' });
    expect(await ended).toBe(0);
    expect(await rows()).toEqual([{ state: 'applied', resumable: false, effects: 1 }]);
    expect(await heldLocks()).toBe(0);
    expect(emailOf(order(0))).toBe('wanted@example.com');
    expect(writes()).toHaveLength(1);
  });

  it('during a batch stops after the request under way; the same call goes on at another replica', async () => {
    const [first, second] = sandbox.store(STORE.id).folders();
    const ids = Array.from({ length: 150 }, (_none, at) => order(at));
    const moves = (id: string) =>
      sandbox
        .store(STORE.id)
        .history(id)
        .filter(({ note }) => note.startsWith('Order Moved')).length;
    const before = ids.map(moves);
    const made = () => ids.map((id, index) => moves(id) - (before[index] ?? 0));
    const folder = ids.every((id) => sandbox.store(STORE.id).order(id)?.folder_id === first?.id)
      ? second
      : first;
    const args = { order_ids: ids, folder: String(folder?.id), idempotency_key: 'batch' };
    const other = await start();
    const letGo = road.hold('POST');
    const call = callTool(program.url, key, 'move_orders', args);
    await arrived('POST');
    const ended = program.stop('SIGTERM');
    await portIsGivenUp();
    letGo();
    expect((await call).result?.structuredContent).toMatchObject({ outcome: 'partly' });
    expect(await ended).toBe(0);
    expect(made()).toEqual(ids.map((_id, at) => (at < 100 ? 1 : 0)));
    expect(await rows()).toEqual([{ state: 'applied', resumable: true, effects: 100 }]);
    expect(await heldLocks()).toBe(0);

    const again = await callTool(other.url, key, 'move_orders', args);
    expect(again.result?.structuredContent).toMatchObject({ outcome: 'applied' });
    expect(new Set(made())).toEqual(new Set([1]));
    expect(writes()).toHaveLength(2);
    expect(await rows()).toEqual([{ state: 'applied', resumable: false, effects: 150 }]);
    expect(await counted()).toBe(150);
  });

  it('sends no write that has not begun, and leaves nothing of it', async () => {
    const letGo = road.hold('GET');
    const call = update(order(1), 'never@example.com');
    await arrived('GET');
    const ended = program.stop('SIGTERM');
    await portIsGivenUp();
    letGo();
    expect((await call).error).toMatchObject({ code: 'shutting_down' });
    expect(await ended).toBe(0);
    expect(writes()).toEqual([]);
    expect(await rows()).toEqual([]);
    expect(await heldLocks()).toBe(0);
    expect(await counted()).toBe(0);
  });

  it('lets nobody wait for a lock any more', async () => {
    const letGo = road.hold('PUT');
    const finished: string[] = [];
    const noted = <T>(name: string, call: Promise<T>): Promise<T> => call.finally(() => finished.push(name));
    const first = noted('first', update(order(2), 'first@example.com'));
    await arrived('PUT');
    const second = noted('second', update(order(2), 'second@example.com'));
    await vi.waitFor(async () => expect(await rows()).toHaveLength(2), { timeout: 10_000, interval: 20 });
    const ended = program.stop('SIGTERM');
    expect((await second).error).toMatchObject({ code: 'shutting_down' });
    letGo();
    expect((await first).result?.structuredContent).toMatchObject({ outcome: 'applied' });
    expect(finished).toEqual(['second', 'first']);
    expect(await ended).toBe(0);
    expect(await rows()).toMatchObject([{ state: 'applied' }]);
    expect(emailOf(order(2))).toBe('first@example.com');
  });
});

describe('a client that has hung up before SIGTERM', () => {
  it('while its write was under way: the write is waited for all the same', async () => {
    const letGo = road.hold('PUT');
    const call = updateThatHangsUp(order(3), 'gone@example.com');
    await arrived('PUT');
    await call.hangUp();
    const ended = program.stop('SIGTERM');
    await portIsGivenUp();
    letGo();
    expect(await ended).toBe(0);
    expect(await rows()).toEqual([{ state: 'applied', resumable: false, effects: 1 }]);
    expect(await heldLocks()).toBe(0);
    expect(emailOf(order(3))).toBe('gone@example.com');
  });

  it('before its write was sent: nothing is sent, and nothing is left', async () => {
    const letGo = road.hold('GET');
    const call = updateThatHangsUp(order(4), 'never@example.com');
    await arrived('GET');
    await call.hangUp();
    const ended = program.stop('SIGTERM');
    await portIsGivenUp();
    letGo();
    expect(await ended).toBe(0);
    await pause(100);
    expect(writes()).toEqual([]);
    expect(await rows()).toEqual([]);
    expect(await heldLocks()).toBe(0);
  });
});
