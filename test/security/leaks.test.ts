/**
 * Seeds that cannot be mistaken, in every place where a secret or a customer's data can stand, and a run that passes
 * all of them through success and failure. The log must hold none of them; with redaction off it must hold them, or
 * the check would prove nothing.
 */
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/telemetry/logger.js';
import { callTool } from '../support/call-tool.js';
import { legacy } from '../support/mcp-messages.js';
import { startTestServer } from '../support/test-server.js';

const SEEDS = {
  name: 'Zebulonqx',
  email: 'zebulonqx.seed@example.com',
  phone: '555-0199-7788',
  street: '77 Zebulonqx Crescent',
  storeKey: 'seeded-order-desk-key-qx81',
};
const STORE = { id: '901', apiKey: SEEDS.storeKey, name: 'Seeded', timeZone: 'UTC', seed: 3 };
const ADDRESS = {
  first_name: SEEDS.name,
  last_name: SEEDS.name,
  company: '',
  address1: SEEDS.street,
  address2: '',
  address3: '',
  address4: '',
  city: 'Springfield',
  state: 'OR',
  postal_code: '97477',
  country: 'US',
  phone: SEEDS.phone,
};

interface Run {
  readonly log: string;
  /** Error answers, but for the one that quotes Order Desk's words to the tenant's own agent. */
  readonly errors: string;
  readonly quoted: string;
  readonly metrics: string;
  /** What the agent was rightly shown. */
  readonly data: string;
  /** The agent's key. */
  readonly key: string;
  readonly smtpPassword: string;
}

async function run(redaction: 'on' | 'off'): Promise<Run> {
  const lines: string[] = [];
  const log = createLogger({
    level: 'debug',
    pretty: false,
    redaction,
    destination: { write: (line) => lines.push(line) },
  });
  const server = await startTestServer({ stores: [STORE], log });
  const { key } = await server.addTenant('seeded', STORE.id);
  const store = server.sandbox.store(STORE.id);
  const order = store.insertOrder({ email: SEEDS.email, shipping: ADDRESS, customer: ADDRESS });
  const call = async (name: string, args: Record<string, unknown> = {}) =>
    (await callTool(server.url, key, name, args)).text;
  const post = async (
    path: string,
    headers: Record<string, string>,
    body = JSON.stringify(legacy('ping').body),
  ) => {
    const response = await fetch(new URL(path, server.url), {
      method: 'POST',
      headers: { ...legacy('ping').headers, authorization: `Bearer ${key}`, ...headers },
      body,
    });
    return response.text();
  };

  const data = [
    await call('get_order', { order_id: order.id, include: ['addresses'] }),
    await call('list_orders', { email: SEEDS.email, first_name: SEEDS.name, fields: ['email'] }),
    await call('get_store'),
  ];
  const errors = [
    await call('list_orders', { folder: SEEDS.name }),
    await call('list_orders', { store: SEEDS.email }),
    await call('get_order', { order_id: '404404404' }),
    await call('list_orders', { cursor: SEEDS.name }),
    await call('list_orders', { limit: SEEDS.phone }),
    await post(`/mcp?key=${key}`, {}),
    await post('/mcp', { authorization: `Bearer ${key}x` }),
    await post('/mcp', { 'x-request-id': key }, `{"name":"${SEEDS.name}`),
    await post('/mcp', { 'x-request-id': key }),
  ];
  const words = `no ${SEEDS.name} ${SEEDS.email} ${SEEDS.storeKey} ${store.smtpPassword}`;
  for (const fault of [
    { kind: 'malformed' },
    { kind: 'html' },
    { kind: 'status', status: 500, message: words },
    { kind: 'status', status: 401, message: words },
    { kind: 'truncated' },
    { kind: 'reset' },
  ] as const) {
    store.changeOrder(order.id, { shipping_method: fault.kind });
    // As often as the call is repeated.
    const heal = server.sandbox.fail({ ...fault, times: Number.POSITIVE_INFINITY });
    errors.push(await call('list_orders', { limit: 1, source_name: `fault ${errors.length}` }));
    heal();
  }
  server.sandbox.fail({ kind: 'error200', message: words });
  const quoted = await call('list_orders', { limit: 2, source_name: 'quoted' });
  const metrics = await (await fetch(new URL('/metrics', server.url))).text();
  await server.close();
  return {
    log: lines.join(''),
    errors: errors.join('\n'),
    quoted,
    metrics,
    data: data.join('\n'),
    key,
    smtpPassword: store.smtpPassword,
  };
}

const secretsOf = ({ key, smtpPassword }: Run) => [key, key.slice(15), SEEDS.storeKey, smtpPassword];
const personal = [SEEDS.name, SEEDS.email, SEEDS.phone, SEEDS.street];
const found = (text: string, seeds: readonly string[]) => seeds.filter((seed) => text.includes(seed));

describe('seeded secrets and customers', () => {
  it('reach the agent that may see them, and no log, error or metric', async () => {
    const seen = await run('on');
    expect(found(seen.data, personal)).toEqual(personal);
    expect(seen.log).toContain('"msg":"tool call"');
    expect(seen.errors).toContain('"code\\":\\"upstream_malformed');
    for (const text of [seen.log, seen.errors, seen.metrics]) {
      const seeds = found(text, [...secretsOf(seen), ...personal]);
      expect(
        seeds,
        text
          .split('\n')
          .filter((line) => found(line, seeds).length > 0)
          .join('\n'),
      ).toEqual([]);
    }
    expect(found(seen.data + seen.quoted, secretsOf(seen).slice(0, 3))).toEqual([]);
  });

  it('are found by the same check when redaction is off', async () => {
    const seen = await run('off');
    const seeds = [SEEDS.name, SEEDS.email, seen.smtpPassword];
    expect(found(seen.log, seeds)).toEqual(seeds);
  });
});
