/**
 * One replica as a process of its own: the whole server on a database in memory, configured by its environment.
 * It is told its stores, answers with its address and one key for each agent, and ends when its parent does.
 */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';

/** @typedef {{ id: string, apiKey: string }} Store */
/** @typedef {{ kind: 'open', stores: Store[], agentsPerStore: number }} Open */
/** @typedef {{ url: string, keys: string[][] }} Opened keys by store, then by agent */

/** @param {string} path of a built module */
const load = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);

const { CONTACT_MADE } = await load('app/foundation.js');
const { readConfig } = await load('app/read-config.js');
const { createServer } = await load('app.js');
const { openInMemory } = await load('storage/embedded.js');
const { makeRingText, parseKeyRing } = await load('tenancy/rings/key-ring.js');

const config = readConfig(process.env);
const database = await openInMemory();
const foundation = {
  database,
  contact: CONTACT_MADE,
  kmsRing: parseKeyRing(makeRingText('k1', randomBytes), 'MCP_KMS_KEY'),
  pepperRing: parseKeyRing(makeRingText('p1', randomBytes), 'MCP_KEY_PEPPER'),
  close: () => database.close(),
};
const upstream = {
  baseUrl: new URL(config.upstream.baseUrl),
  sandboxStores: undefined,
  close: async () => {},
};
const log = pino({ level: 'error' }, pino.destination({ fd: 2, sync: true }));
const server = await createServer(foundation, upstream, config, log);
const url = await server.listen();
server.declareReady();

/** A tenant for each store, as merchants are. @param {Open} order @returns {Promise<Opened>} */
async function open({ stores, agentsPerStore }) {
  const { createTenant, addStore, createKey } = server.operations;
  const keys = [];
  for (const { id, apiKey } of stores) {
    const tenant = `merchant-${id}`;
    await createTenant.run({ name: tenant });
    await addStore.run({ tenant, orderDeskStoreId: id, apiKey });
    const agents = [];
    for (let agent = 1; agent <= agentsPerStore; agent += 1) {
      const { key } = await createKey.run({ tenant, name: `agent-${agent}`, role: 'agent' });
      agents.push(key);
    }
    keys.push(agents);
  }
  return { url, keys };
}

process.on('message', async (/** @type {Open | { kind: 'cpu' } | { kind: 'close' }} */ order) => {
  if (order.kind === 'open') return process.send?.(await open(order));
  if (order.kind === 'cpu') return process.send?.(process.cpuUsage());
  await server.close();
  process.disconnect();
  return undefined;
});
process.once('disconnect', () => process.exit());
