/** Agents that read one order after the other over MCP, each call on another replica, as behind a balancer. */
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';

/** @typedef {{ code: string, retryAfterS: number | undefined }} Refusal */
/** @typedef {{ startedAt: number, ms: number, refusal: Refusal | undefined }} Call */

/** @param {readonly import('./fleet.mjs').Replica[]} replicas */
export function connectAgents(replicas) {
  const pools = replicas.map(({ url }) => new Pool(new URL(url).origin, { connections: 64 }));

  /**
   * One call of `get_order`.
   * @param {{ replica: number, store: number, agent: number, orderId: string }} call
   * @returns {Promise<Call>}
   */
  async function getOrder({ replica, store, agent, orderId }) {
    const pool = pools[replica];
    const key = replicas[replica]?.keys[store]?.[agent];
    if (pool === undefined || key === undefined) throw new Error('no such replica, store or agent');
    const startedAt = performance.now();
    const { body } = await pool.request({
      path: '/mcp',
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'get_order', arguments: { order_id: orderId } },
      }),
    });
    const refusal = refusalIn(await body.text());
    return { startedAt, ms: performance.now() - startedAt, refusal };
  }

  return { getOrder, close: () => Promise.all(pools.map((pool) => pool.close())) };
}

/** @param {string} text @returns {Refusal | undefined} */
function refusalIn(text) {
  const { result, error } = JSON.parse(text);
  if (result === undefined) return { code: `protocol: ${error?.message}`, retryAfterS: undefined };
  if (result.isError !== true) return undefined;
  const refused = JSON.parse(result.content[0].text).error;
  return { code: refused.code, retryAfterS: refused.retry_after_s };
}

/**
 * All agents at work until `signal` ends; a call under way then is waited for. An agent that is told to wait does.
 * @param {object} options
 * @param {ReturnType<typeof connectAgents>} options.agents
 * @param {number} options.replicas
 * @param {number} options.agentsPerStore
 * @param {readonly (readonly string[])[]} options.orderIds by store; each is asked for in its turn
 * @param {AbortSignal} options.signal
 * @returns {Promise<Call[]>}
 */
export async function work({ agents, replicas, agentsPerStore, orderIds, signal }) {
  /** @type {Call[]} */
  const calls = [];
  setMaxListeners(0, signal);
  const turns = orderIds.map((ids) => turnsOf(ids));

  /** @param {number} store @param {number} agent */
  const agentAtWork = async (store, agent) => {
    for (let n = 0; !signal.aborted; n += 1) {
      const replica = (store + agent + n) % replicas;
      const call = await agents.getOrder({ replica, store, agent, orderId: turns[store]?.() ?? '' });
      calls.push(call);
      if (call.refusal !== undefined) await rest(call.refusal.retryAfterS ?? 1, signal);
    }
  };
  const everybody = orderIds.flatMap((_, store) =>
    Array.from({ length: agentsPerStore }, (_, agent) => agentAtWork(store, agent)),
  );
  await Promise.all(everybody);
  return calls;
}

/** @param {readonly string[]} ids */
function turnsOf(ids) {
  let turn = 0;
  return () => {
    turn += 1;
    return ids[turn % ids.length] ?? '';
  };
}

/** @param {number} seconds @param {AbortSignal} signal */
const rest = (seconds, signal) =>
  pause(seconds * 1_000, undefined, { signal }).catch((/** @type {Error} */ thrown) => {
    if (thrown.name !== 'AbortError') throw thrown;
  });
