/** A hundred agents who ask for the same order at the same moment cost Order Desk one request, whoever of them leaves. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { modern } from '../../support/mcp-messages.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '301', apiKey: 'key-of-301', name: 'Asked', orderCount: 5 };
const CALLERS = 100;
/** Long enough for another to ask, and for the first to leave, while the answer is under way. */
const SLOW_MS = 6_000;
const ASKED = { 'GET /orders/{id}': 1 };

describe('a hundred identical reads at the same time', () => {
  let server: TestServer;
  let key: string;
  let orderId: string;
  let missedBefore: number;
  let tests = 0;
  let endDelay = (): void => {};

  beforeAll(async () => {
    server = await startTestServer({
      stores: [STORE],
      env: {
        MCP_LIMIT_TENANT_CONCURRENCY: `${CALLERS}`,
        MCP_LIMIT_TENANT_QUEUE: `${CALLERS}`,
        // Nothing here ends because it took too long.
        UPSTREAM_TIMEOUT: '60',
        UPSTREAM_DEADLINE: '60',
      },
    });
    ({ key } = await server.addTenant('asking', STORE.id));
    // The settings of the store are asked for as well, and kept: here the order alone is of interest.
    await ask('get_store', {}).answer;
  });
  afterAll(() => server.close());

  beforeEach(async () => {
    endDelay();
    // An order that nobody has asked for yet.
    orderId = server.sandbox.store(STORE.id).orders()[tests]?.id ?? '';
    tests += 1;
    missedBefore = await counted('cache_operations_total', 'miss');
    server.sandbox.resetCounters();
  });

  function ask(name: string, args: Record<string, unknown>) {
    const caller = new AbortController();
    const { headers, body } = modern('tools/call', { name, arguments: args });
    const response = fetch(server.url, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
      signal: caller.signal,
    });
    const answer = response.then((it) => it.text());
    // Who leaves is not waited for.
    answer.catch(() => undefined);
    return { answer, leave: () => caller.abort() };
  }

  const askForOrder = () => ask('get_order', { order_id: orderId });
  const delayed = (ms: number) => {
    endDelay = server.sandbox.fail({ kind: 'delay', ms, match: { path: '/orders/{id}' }, times: CALLERS });
  };

  /** What the metric says of the order, or of the tool that gets one. */
  async function counted(metric: string, label: string): Promise<number> {
    const metrics = await (await fetch(new URL('/metrics', server.url))).text();
    const lines = metrics
      .split('\n')
      .filter((line) => line.startsWith(metric) && line.includes(`"${label}"`));
    const line = lines.find((text) => text.includes('="order"') || text.includes('="get_order"'));
    return Number(line?.split(' ').at(-1) ?? 0);
  }

  /** So many have looked for the order in the cache in vain, so that they wait for the answer. */
  const waiting = (callers: number) =>
    expect.poll(async () => (await counted('cache_operations_total', 'miss')) - missedBefore).toBe(callers);

  function expectOneAnswer(answers: readonly string[]): void {
    const orders = answers.map((text) => JSON.parse(text).result.structuredContent.order);
    expect(orders[0]).toMatchObject({ id: orderId });
    for (const order of orders) expect(order).toEqual(orders[0]);
    expect(server.sandbox.counters().requests).toEqual(ASKED);
  }

  it('are one request to Order Desk and one answer for all', async () => {
    delayed(300);
    const answers = await Promise.all(Array.from({ length: CALLERS }, () => askForOrder().answer));
    expect(answers).toHaveLength(CALLERS);
    expectOneAnswer(answers);
  });

  it('stay so when the one who asked first leaves', async () => {
    delayed(SLOW_MS);
    const first = askForOrder();
    await expect.poll(() => server.sandbox.counters().requests).toEqual(ASKED);
    const second = askForOrder();
    await waiting(2);
    const others = Array.from({ length: CALLERS - 2 }, () => askForOrder().answer);
    first.leave();
    await expect(first.answer).rejects.toThrow();
    expectOneAnswer(await Promise.all([second.answer, ...others]));
    expect(await counted('mcp_tool_calls_total', 'client')).toBe(1);
  });

  it('end their one request when all have left', async () => {
    delayed(60_000);
    const callers = Array.from({ length: CALLERS }, askForOrder);
    await waiting(CALLERS);
    expect(underWay()).toBe(1);
    for (const { leave } of callers.slice(1)) leave();
    const [last] = callers;
    // Whoever comes and goes: as long as one waits, it goes on.
    await ask('list_stores', {}).answer;
    expect(underWay()).toBe(1);
    last?.leave();
    await expect.poll(underWay).toBe(0);
  });

  /** Requests of the store that the sandbox has not answered: what goes on is counted anew. */
  function underWay(): number {
    server.sandbox.resetCounters();
    return server.sandbox.counters().byStore[STORE.id]?.largestConcurrency ?? 0;
  }
});
