/**
 * One replica as a process of its own, as it runs in production but for its log: on Postgres and Redis, configured by
 * its environment. Asked for it, it collects its garbage and tells what is left. Ends when its parent does.
 */
import { readdirSync } from 'node:fs';
import { pino } from 'pino';

/** @typedef {{ id: string, apiKey: string }} Store */
/** @typedef {{ heap: number, rss: number, handles: Record<string, number>, files: number }} Left bytes; open handles by kind */

/** @param {string} path of a built module */
const load = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);

const { openFoundation, openUpstream } = await load('app/foundation.js');
const { readConfig } = await load('app/read-config.js');
const { createServer } = await load('app.js');

const config = readConfig(process.env);
const log = pino({ level: 'error' }, pino.destination({ fd: 2, sync: true }));
const server = await createServer(await openFoundation(config, log), await openUpstream(config), config, log);
const url = await server.listen();
server.declareReady();

/** @param {{ stores: Store[] }} order */
async function open({ stores }) {
  const { createTenant, addStore, createKey } = server.operations;
  const keys = [];
  for (const { id, apiKey } of stores) {
    const tenant = `merchant-${id}`;
    await createTenant.run({ name: tenant });
    await addStore.run({ tenant, orderDeskStoreId: id, apiKey });
    keys.push((await createKey.run({ tenant, name: 'agent', role: 'agent' })).key);
  }
  return { url, keys };
}

/** @returns {Left} */
function left() {
  // Twice: what a finalizer of the first lets go is collected by the second.
  globalThis.gc?.();
  globalThis.gc?.();
  /** @type {Record<string, number>} */
  const handles = {};
  for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
  const { heapUsed: heap, rss } = process.memoryUsage();
  return { heap, rss, handles, files: readdirSync('/proc/self/fd').length };
}

process.on('message', async (/** @type {any} */ order) => {
  if (order.kind === 'open') return process.send?.(await open(order));
  if (order.kind === 'left') return process.send?.(left());
  await server.close();
  process.disconnect();
  return undefined;
});
process.once('disconnect', () => process.exit());
