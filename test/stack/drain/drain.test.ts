/** What a client and a probe see of a process that gets SIGTERM, from the signal to its end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ApiRequest, type Sandbox, startSandbox } from '../../../src/sandbox/index.js';
import { callTool } from '../../support/call-tool.js';
import { messagesOf } from '../../support/event-stream.js';
import { legacy, modern } from '../../support/mcp-messages.js';
import { replicaEnv } from '../../support/replica-env.js';
import { cliFile, type RunningProgram, runCommand, startProgram } from '../../support/running-program.js';
import { createMigratedDatabase, type TestDatabase } from '../../support/services/index.js';
import { suiteFolder } from '../../support/temporary-folder.js';

const STORE = { id: '731', apiKey: 'sandbox-key-731', name: 'Drained', orderCount: 1_500 };
/** Of another process on a busy machine. */
const SOON = { timeout: 20_000, interval: 20 };

const GRACE_IS_OVER = 'calls are ended: the time of grace is over';

let sandbox: Sandbox;
let database: TestDatabase;
let env: NodeJS.ProcessEnv;
let key: string;
let folder: Awaited<ReturnType<typeof suiteFolder>>;
let program: RunningProgram;
const asked: ApiRequest[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({
    stores: [STORE],
    rateLimit: false,
    onRequest: (each) => asked.push(each),
  });
  database = await createMigratedDatabase();
  env = {
    ...replicaEnv(database.serviceUrl, sandbox.url),
    UPSTREAM_BUDGET_BURST: '100000',
    UPSTREAM_BUDGET_RATE: '10000',
  };
  folder = await suiteFolder();
  const run = async (args: string[], input = '') => {
    const outcome = await runCommand([...args, '--json'], { dataDir: folder.path, env, input });
    if (outcome.code !== 0) throw new Error(outcome.stderr);
    return JSON.parse(outcome.stdout);
  };
  await run(['tenant', 'create', 'Acme']);
  await run(['store', 'add', '--tenant', 'acme', '--id', STORE.id, '--default'], `${STORE.apiKey}\n`);
  ({ key } = await run(['key', 'create', '--tenant', 'acme', '--name', 'test']));
});
afterAll(async () => {
  await folder?.remove();
  await sandbox?.close();
  await database?.drop();
});
afterEach(async () => {
  await program.stop('SIGKILL');
});

async function start(more: NodeJS.ProcessEnv): Promise<void> {
  program = await startProgram(folder.path, { ...env, ...more });
  expect((await callTool(program.url, key, 'get_store')).status).toBe(200);
  asked.length = 0;
}

const probe = async (path: string) => {
  const response = await fetch(new URL(path, program.url));
  const body: unknown = await response.json();
  return { status: response.status, body };
};
const arrived = (method: string) =>
  vi.waitFor(() => expect(asked.some((each) => each.method === method)).toBe(true), SOON);
const drains = () =>
  vi.waitFor(
    async () =>
      expect(await probe('/health/ready')).toMatchObject({ status: 503, body: { status: 'draining' } }),
    SOON,
  );

/** A connection to the program, on which nothing has been sent. @throws what the system says of one that is refused */
async function quietConnection() {
  const socket = connect(Number(new URL(program.url).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}
const portIsGivenUp = () =>
  expect
    .poll(
      () =>
        quietConnection().then(
          (socket) => void socket.destroy(),
          ({ code }) => code,
        ),
      SOON,
    )
    .toBe('ECONNREFUSED');
const order = (at: number) => sandbox.store(STORE.id).orders()[at]?.id ?? '';
const update = (at: number, email: string) =>
  callTool(program.url, key, 'update_order', { order_id: order(at), changes: { email } });

/** For the rest of this test. */
const spoil = (rule: Parameters<Sandbox['fail']>[0]) => onTestFinished(sandbox.fail(rule));
const ordersTake = (ms: number) =>
  spoil({ kind: 'delay', ms, times: 20, match: { method: 'GET', path: '/orders' } });

/** A call that is answered with an event stream: it has begun when this resolves. */
async function scan(): Promise<Response> {
  const message = modern('tools/call', {
    name: 'summarize_orders',
    arguments: {
      added_from: new Date(Date.now() - 90 * 86_400_000).toISOString(),
      added_to: new Date(Date.now() + 86_400_000).toISOString(),
    },
    _meta: { progressToken: 'p' },
  });
  const response = await fetch(program.url, {
    method: 'POST',
    headers: { ...message.headers, authorization: `Bearer ${key}` },
    body: JSON.stringify(message.body),
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  return response;
}

async function messages(stream: Response): Promise<readonly Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  for await (const each of messagesOf(stream)) all.push(each);
  return all;
}

/** A whole answer with its headers, on the connections of an agent. */
async function post(agent: Agent, message: ReturnType<typeof modern> | ReturnType<typeof legacy>) {
  const response = await request(program.url, {
    dispatcher: agent,
    method: 'POST',
    headers: { ...message.headers, authorization: `Bearer ${key}` },
    body: JSON.stringify(message.body),
  });
  return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
}

describe('a process that gets SIGTERM', () => {
  it('is unready at once, serves everything for the delay, and ends each connection there was with its answer', async () => {
    await start({ MCP_DRAIN_DELAY: '60' });
    expect(await probe('/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ready', degraded: [] },
    });
    const agents = [new Agent({ connections: 1 }), new Agent({ connections: 1 })] as const;
    const list = { name: 'list_orders', arguments: { limit: 1 } };
    const messages = [modern('tools/call', list), legacy('tools/call', list, '2025-06-18')];
    for (const agent of agents) {
      expect((await post(agent, modern('tools/call', list))).headers.connection).not.toBe('close');
    }

    program.process.kill('SIGTERM');
    await drains();
    expect(await probe('/health/live')).toMatchObject({ status: 200 });
    for (const [at, agent] of agents.entries()) {
      const message = messages[at] ?? modern('ping');
      expect(await post(agent, message)).toMatchObject({ status: 200, headers: { connection: 'close' } });
      // Whoever comes back meanwhile is served on one connection.
      const again = await post(agent, message);
      expect(again.status).toBe(200);
      expect(again.headers.connection).not.toBe('close');
    }
    const written = await update(0, 'drained@example.com');
    expect(written.result?.structuredContent).toMatchObject({ outcome: 'applied' });
    // All of that was within the delay.
    expect(await probe('/health/ready')).toMatchObject({ status: 503 });
    for (const agent of agents) await agent.close();
  });

  it('ends in order, and no sooner than the delay', async () => {
    await start({ MCP_DRAIN_DELAY: '1' });
    const signalledAt = Date.now();
    expect(await program.stop('SIGTERM')).toBe(0);
    expect(Date.now() - signalledAt).toBeGreaterThanOrEqual(1_000);
    await expect(probe('/health/live')).rejects.toThrow('fetch failed');
  });

  it('finishes a write that was sent in the delay and is answered after it, and has written it down', async () => {
    await start({ MCP_DRAIN_DELAY: '5' });
    // The delay has begun when it is sent, and is over when it is answered.
    spoil({ kind: 'delay', ms: 6_000, match: { method: 'PUT' } });
    const ended = program.stop('SIGTERM');
    await drains();
    const call = update(1, 'late@example.com');
    expect((await call).result?.structuredContent).toMatchObject({ outcome: 'applied' });
    expect(await ended).toBe(0);
    expect(sandbox.store(STORE.id).order(order(1))?.email).toBe('late@example.com');
    expect(asked.filter(({ method }) => method === 'PUT')).toHaveLength(1);
    const { stdout } = await runCommand(
      ['changes', 'list', '--tenant', 'acme', '--order', order(1), '--json'],
      {
        dataDir: folder.path,
        env,
      },
    );
    expect(JSON.parse(stdout)).toMatchObject([{ state: 'applied' }]);
  });

  it('lets a stream end with what it has read', async () => {
    await start({ MCP_SHUTDOWN_GRACE: '4' });
    ordersTake(1_000);
    const stream = await scan();
    const pages = () => asked.filter(({ url }) => url.includes('/orders')).length;
    // The second is asked for once the first has been read.
    await vi.waitFor(() => expect(pages()).toBeGreaterThan(1), SOON);
    const ended = program.stop('SIGTERM');
    const last = (await messages(stream)).at(-1);
    expect(last).toMatchObject({ id: 1, result: { structuredContent: { coverage: { complete: false } } } });
    expect(last).not.toMatchObject({ result: { isError: true } });
    expect(await ended).toBe(0);
  });

  it('ends a stream that has nothing yet with an error, before the time of grace is over', async () => {
    await start({ MCP_SHUTDOWN_GRACE: '60' });
    ordersTake(30_000);
    const stream = await scan();
    await arrived('GET');
    const ended = program.stop('SIGTERM');
    const last = (await messages(stream)).at(-1);
    expect(last).toMatchObject({ id: 1, result: { isError: true } });
    expect(JSON.stringify(last)).toMatch(/shutting_down.*retry_after_s/);
    expect(await ended).toBe(0);
    expect(program.output().stdout).not.toContain(GRACE_IS_OVER);
  });

  it('ends a call that still waits for Order Desk with an error, once the time of grace is over', async () => {
    await start({ MCP_SHUTDOWN_GRACE: '1' });
    spoil({ kind: 'hang', times: 20, match: { method: 'GET', path: '/orders/{id}' } });
    const call = callTool(program.url, key, 'get_order', { order_id: order(2) });
    await arrived('GET');
    const ended = program.stop('SIGTERM');
    expect((await call).error).toMatchObject({ code: 'shutting_down' });
    expect(await ended).toBe(0);
    expect(program.output().stdout).toContain(GRACE_IS_OVER);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends at once at a second signal (%s)', async (signal) => {
    await start({ MCP_DRAIN_DELAY: '60' });
    const signalledAt = Date.now();
    program.process.kill(signal);
    await drains();
    expect(await program.stop(signal)).toBe(1);
    expect(Date.now() - signalledAt).toBeLessThan(60_000);
  });
});

describe('a connection that was made before the port is given up, and says nothing until after it', () => {
  it('is served', async () => {
    await start({ MCP_DRAIN_DELAY: '5' });
    const ended = program.stop('SIGTERM');
    await drains();
    const socket = await quietConnection();
    await portIsGivenUp();
    socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(String(answer)).toMatch(/\r\nconnection: close\r\n/i);
    socket.destroy();
    expect(await ended).toBe(0);
  });
});

describe('a process that gets a signal while it starts', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    'ends by itself (%s): as the first process of a container nobody else would end it',
    async (signal, code) => {
      // A database that takes the connection and says nothing: the start stands still there.
      const silent = createServer();
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const connected = once(silent, 'connection');
      const child = spawn(process.execPath, [cliFile, 'start'], {
        env: {
          ...env,
          PATH: process.env.PATH,
          PORT: '0',
          DATA_DIR: folder.path,
          DATABASE_URL: `postgres://service@127.0.0.1:${port}/orders`,
        },
        stdio: 'ignore',
      });
      try {
        await connected;
        child.kill(signal);
        expect(await once(child, 'exit')).toEqual([code, null]);
      } finally {
        child.kill('SIGKILL');
        silent.close();
      }
    },
  );
});
