/** Calls at a steady rate, whatever the answers do: half lists, three tenths orders, one fifth changes. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';

/** @typedef {{ key: string, orderIds: readonly string[] }} Shop */

/**
 * @param {object} options
 * @param {string} options.url
 * @param {readonly Shop[]} options.shops
 * @param {number} options.perSecond
 * @param {number} options.seconds
 */
export async function steadyLoad({ url, shops, perSecond, seconds }) {
  const pool = new Pool(new URL(url).origin, { connections: 64 });
  /** @type {Map<string, number>} */
  const failures = new Map();
  const under = new Set();
  let calls = 0;
  const began = performance.now();
  while (performance.now() - began < seconds * 1_000) {
    const due = Math.floor(((performance.now() - began) / 1_000) * perSecond);
    for (; calls < due; calls += 1) {
      const call = send(pool, shops, calls).then((failure) => {
        if (failure !== undefined) failures.set(failure, (failures.get(failure) ?? 0) + 1);
      });
      under.add(call);
      void call.finally(() => under.delete(call));
    }
    await pause(5);
  }
  await Promise.all(under);
  await pool.close();
  return { calls, failures: Object.fromEntries(failures) };
}

/** @param {Pool} pool @param {readonly Shop[]} shops @param {number} n @returns {Promise<string | undefined>} what failed */
async function send(pool, shops, n) {
  const shop = shops[n % shops.length];
  if (shop === undefined) throw new Error('no shop');
  const turn = Math.floor(n / shops.length);
  const orderId = shop.orderIds[turn % shop.orderIds.length] ?? '';
  try {
    const { statusCode, body } = await pool.request({
      path: '/mcp',
      method: 'POST',
      headers: {
        authorization: `Bearer ${shop.key}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: n,
        method: 'tools/call',
        params: callOf(turn % 10, orderId, n),
      }),
    });
    const answer = await body.text();
    if (statusCode !== 200) return `status ${statusCode}`;
    const { result, error } = JSON.parse(answer);
    if (result === undefined) return `protocol ${error?.message}`;
    return result.isError === true ? JSON.parse(result.content[0].text).error.code : undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

/** @param {number} die from 0 to 9 @param {string} orderId @param {number} n */
function callOf(die, orderId, n) {
  if (die < 5) return { name: 'list_orders', arguments: { limit: 25 } };
  if (die < 8) return { name: 'get_order', arguments: { order_id: orderId } };
  return {
    name: 'update_order',
    arguments: {
      order_id: orderId,
      changes: { shipping_method: `Method ${n}` },
      idempotency_key: randomUUID(),
    },
  };
}
