/** An installation that has been worked with: tenants with a store, a key and a change each, all by the product's own acts. */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { openFoundation, openUpstream } from '../../src/app/foundation.js';
import { readConfig } from '../../src/app/read-config.js';
import { createServer, type McpServer } from '../../src/app.js';
import { callTool } from './call-tool.js';

export interface Replica {
  readonly url: string;
  readonly server: McpServer;
}

/** A whole server in this process. End it with `server.close()`. @throws what a start would say */
export async function startReplica(env: NodeJS.ProcessEnv): Promise<Replica> {
  const config = readConfig(env);
  const log = pino({ level: 'silent' });
  const server = await createServer(
    await openFoundation(config, log),
    await openUpstream(config),
    config,
    log,
  );
  const url = await server.listen();
  server.declareReady();
  return { url, server };
}

/** Stores of a sandbox whose credentials are found nowhere else. */
export const madeUpStores = (count: number) =>
  Array.from({ length: count }, (_, seed) => ({
    id: `${801 + seed}`,
    apiKey: `sandbox-key-${randomBytes(12).toString('hex')}`,
    name: `Shop ${801 + seed}`,
    timeZone: 'UTC',
    seed,
  }));

export interface SeededTenant {
  readonly tenant: string;
  readonly storeId: string;
  /** An agent's, in clear. */
  readonly key: string;
  readonly orderId: string;
}

/** @param note what each tenant's agent writes on an order of its store */
export async function seedTenants(
  { url, server: { operations } }: Replica,
  stores: ReturnType<typeof madeUpStores>,
  note: string,
): Promise<readonly SeededTenant[]> {
  const seeded: SeededTenant[] = [];
  for (const { id: storeId, apiKey } of stores) {
    const tenant = `tenant of ${storeId}`;
    await operations.createTenant.run({ name: tenant });
    await operations.addStore.run({ tenant, orderDeskStoreId: storeId, apiKey });
    const { key } = await operations.createKey.run({ tenant, name: 'agent', role: 'agent' });
    const listed = await callTool(url, key, 'list_orders', { limit: 1 });
    const orderId: string = JSON.parse(JSON.stringify(listed.result?.structuredContent)).rows[0].id;
    const noted = await callTool(url, key, 'add_order_note', { order_id: orderId, note, as: 'staff_note' });
    if (noted.result === undefined || noted.result.isError === true) throw new Error(noted.text);
    seeded.push({ tenant, storeId, key, orderId });
  }
  return seeded;
}
