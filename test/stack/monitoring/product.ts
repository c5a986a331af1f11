/** A product that has had a bit of everything: calls of all outcomes, writes, refused keys, an Order Desk that fails. */
import { callTool } from '../../support/call-tool.js';
import { emptyRedis } from '../../support/services/index.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '10001', apiKey: 'key-of-10001', name: 'First', timeZone: 'America/Los_Angeles' };

export interface BusyProduct {
  /** Of its `/metrics`. */
  readonly metricsUrl: URL;
  /** Has some more calls. */
  work(): Promise<void>;
  /** Has Order Desk fail for a while; the store is left alone for some seconds after it. */
  trouble(): Promise<void>;
  close(): Promise<void>;
}

export async function startBusyProduct(): Promise<BusyProduct> {
  const server = await startTestServer({
    stores: [STORE],
    database: 'postgres',
    env: { REDIS_URL: (await emptyRedis()).url },
  });
  const { key } = await server.addTenant('acme', STORE.id);
  return {
    metricsUrl: new URL('/metrics', server.url),
    work: () => work(server, key),
    trouble: () => trouble(server, key),
    close: () => server.close(),
  };
}

async function work({ url, sandbox }: TestServer, key: string): Promise<void> {
  const listed = await callTool(url, key, 'list_orders', { limit: 5 });
  const id = sandbox.store(STORE.id).orders()[0]?.id ?? '';
  if (listed.result === undefined) throw new Error(`The product does not work: ${listed.text}`);
  await callTool(url, key, 'list_orders', { limit: 5 });
  await callTool(url, key, 'get_order', { order_id: id });
  await callTool(url, key, 'get_order', { order_id: '1' });
  await callTool(url, key, 'add_order_note', { order_id: id, note: 'Made by a test' });
  await fetch(url, { method: 'POST', headers: { authorization: 'Bearer odm_not-a-key' } });
  await fetch(new URL('/health', url));
}

/** Order Desk fails until the store is left alone. Lists that differ, since what is cached needs no Order Desk. */
async function trouble({ url, sandbox }: TestServer, key: string): Promise<void> {
  const heal = sandbox.fail({ kind: 'reset', times: Number.POSITIVE_INFINITY });
  for (let limit = 10; limit < 17; limit += 1) await callTool(url, key, 'list_orders', { limit });
  heal();
}
