/** Replicas as processes of their own, with the same stores, and one key for each agent on each replica. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** @typedef {import('./replica.mjs').Store} Store */
/** @typedef {import('./replica.mjs').Opened} Opened */
/**
 * @typedef {Opened & {
 *   cpuMicroseconds: () => Promise<number>,
 *   stop: () => Promise<void>,
 * }} Replica
 */

const program = fileURLToPath(new URL('replica.mjs', import.meta.url));

/** What every replica of a benchmark has: no limit of ours but the budget of a store is to be met. */
const COMMON = {
  NODE_ENV: 'test',
  PORT: '0',
  AUTH_BCRYPT_COST: '4',
  MCP_LIMIT_TENANT_CONCURRENCY: '1000',
  MCP_LIMIT_TENANT_QUEUE: '1000',
  // An order that was asked for is asked for again when all have had their turn, and shall then cost a request.
  CACHE_TTL_ORDERS: '1',
};

/**
 * @param {object} options
 * @param {string} options.orderDeskUrl
 * @param {readonly (string | undefined)[]} options.redisUrls one for each replica
 * @param {readonly Store[]} options.stores
 * @param {number} options.agentsPerStore
 * @param {Record<string, string>} [options.env]
 * @returns {Promise<Replica[]>}
 */
export function startFleet({ orderDeskUrl, redisUrls, stores, agentsPerStore, env = {} }) {
  return Promise.all(
    redisUrls.map((redisUrl) =>
      startReplica(
        {
          PATH: process.env.PATH ?? '',
          ...COMMON,
          UPSTREAM_REPLICAS: `${redisUrls.length}`,
          ORDERDESK_API_URL: orderDeskUrl,
          ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
          ...env,
        },
        { kind: 'open', stores: stores.map(({ id, apiKey }) => ({ id, apiKey })), agentsPerStore },
      ),
    ),
  );
}

/** @param {Record<string, string>} env @param {import('./replica.mjs').Open} open @returns {Promise<Replica>} */
async function startReplica(env, open) {
  const child = fork(program, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  /** @param {{ kind: string }} order */
  const ask = async (order) => {
    const answer = once(child, 'message');
    child.send(order);
    const [first] = await Promise.race([answer, ended.then(() => [undefined])]);
    if (first === undefined) throw new Error('A replica ended too early.');
    return first;
  };
  /** @type {Opened} */
  const opened = await ask(open);
  return {
    ...opened,
    async cpuMicroseconds() {
      const { user, system } = await ask({ kind: 'cpu' });
      return user + system;
    },
    async stop() {
      child.send({ kind: 'close' });
      await ended;
    },
  };
}
