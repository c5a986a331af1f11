/**
 * A load of tool calls at a constant rate, as long as the answers keep up; calls that were held back are sent as soon as
 * they may be, so that a server that stalls gets no rest afterwards. Every answer is looked at, and what came of every
 * write is kept, so that it can be held against ledger and store.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { legacy, modern } from '../mcp-messages.js';

export interface LoadOptions {
  /** Of the MCP endpoint; `https` with the certificate in `ca`. */
  readonly url: string;
  readonly ca?: string;
  readonly perSecond: number;
  /** Those who call, in turns. */
  readonly callers: readonly Caller[];
}

export interface Caller {
  readonly key: string;
  /** The store's id at Order Desk, for the account. */
  readonly storeId: string;
  readonly orderIds: readonly string[];
}

export type Era = 'modern' | 'legacy';
export type LoadTool = 'list_orders' | 'get_order' | 'update_order';

export interface Failure {
  readonly tool: LoadTool;
  readonly era: Era;
  /** Milliseconds since the start of the load. */
  readonly sentAt: number;
  readonly endedAt: number;
  readonly what: string;
}

/** A change that was asked for: one e-mail address of one order, which no other change asks for. */
export interface AskedChange {
  readonly storeId: string;
  readonly orderId: string;
  readonly email: string;
  readonly idempotencyKey: string;
  /** `failed` says nothing of whether it was applied. */
  readonly answer: 'applied' | 'failed';
}

export interface LoadReport {
  readonly sent: Readonly<Record<LoadTool, number>>;
  readonly eras: Readonly<Record<Era, number>>;
  readonly failures: readonly Failure[];
  readonly changes: readonly AskedChange[];
  /** Calls that were really sent, on average. */
  readonly perSecond: number;
  /** Calls that were sent late, because as many as may be were under way. */
  readonly heldBack: number;
  /** Milliseconds, of the calls that were answered well. */
  readonly p50: number;
  readonly p99: number;
}

export interface Load {
  /** Calls that have no answer yet. */
  underWay(): number;
  /** Calls so far, with an answer or without. */
  begun(): number;
  failures(): readonly Failure[];
  /** Milliseconds since the start. */
  elapsed(): number;
  /** Sends no more and waits for the answers. */
  stop(): Promise<LoadReport>;
}

/** Of ten calls: half of them lists, three orders, two updates. */
const MIX: readonly LoadTool[] = [
  'list_orders',
  'get_order',
  'list_orders',
  'update_order',
  'list_orders',
  'get_order',
  'list_orders',
  'get_order',
  'list_orders',
  'update_order',
];
/** Calls that may be under way, each on a connection of its own. */
const MOST_UNDER_WAY = 64;
/** Milliseconds without a word after which a call has failed: longer than any machine takes that carries some load. */
const ANSWERED_WITHIN_MS = 30_000;
const LEGACY_REVISION = '2025-06-18';

/** Loads of this process: no two of them ask for the same change. */
let loads = 0;

export function startLoad(options: LoadOptions): Load {
  const { callers, perSecond } = options;
  loads += 1;
  const name = `load${loads}`;
  const { origin, pathname } = new URL(options.url);
  const pool = new Pool(origin, {
    connections: MOST_UNDER_WAY,
    keepAliveTimeout: 10_000,
    headersTimeout: ANSWERED_WITHIN_MS,
    bodyTimeout: ANSWERED_WITHIN_MS,
    ...(options.ca === undefined ? {} : { connect: { ca: options.ca } }),
  });
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  const sent: Record<LoadTool, number> = { list_orders: 0, get_order: 0, update_order: 0 };
  const eras: Record<Era, number> = { modern: 0, legacy: 0 };
  const failures: Failure[] = [];
  const changes: AskedChange[] = [];
  const durations: number[] = [];
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  let heldBack = 0;
  const begun = () => eras.modern + eras.legacy;

  async function ask(call: Call): Promise<void> {
    const sentAt = elapsed();
    let what: string | undefined;
    try {
      const { headers, body } = call.message;
      const response = await pool.request({
        method: 'POST',
        path: pathname,
        headers: { ...headers, authorization: `Bearer ${call.caller.key}` },
        body: JSON.stringify(body),
      });
      const text = await response.body.text();
      what = problemOf(response.statusCode, text, body.id);
    } catch (thrown) {
      what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    }
    const { tool, era, change } = call;
    if (change !== undefined) changes.push({ ...change, answer: what === undefined ? 'applied' : 'failed' });
    if (what === undefined) durations.push(elapsed() - sentAt);
    else failures.push({ tool, era, sentAt, endedAt: elapsed(), what });
  }

  async function run(): Promise<void> {
    for (let number = 0; !stopping.signal.aborted; number += 1) {
      const ahead = (number * 1_000) / perSecond - elapsed();
      if (ahead > 0) await pause(ahead, undefined, { signal: stopping.signal }).catch(() => {});
      if (underWay.size >= MOST_UNDER_WAY) {
        heldBack += 1;
        await Promise.race(underWay);
      }
      if (stopping.signal.aborted) return;
      const call = callNumber(number, name, callers);
      sent[call.tool] += 1;
      eras[call.era] += 1;
      const asked = ask(call).finally(() => underWay.delete(asked));
      underWay.add(asked);
    }
  }
  const running = run();

  return {
    underWay: () => underWay.size,
    failures: () => failures,
    begun,
    elapsed,
    async stop() {
      const rate = begun() / (elapsed() / 1_000);
      stopping.abort();
      await running;
      await Promise.all(underWay);
      await pool.close();
      durations.sort((a, b) => a - b);
      const quantile = (q: number) => Math.round(durations[Math.floor(durations.length * q)] ?? 0);
      return {
        ...{ sent, eras, failures, changes, heldBack },
        perSecond: Math.round(rate * 10) / 10,
        ...{ p50: quantile(0.5), p99: quantile(0.99) },
      };
    },
  };
}

interface Call {
  readonly tool: LoadTool;
  readonly era: Era;
  readonly caller: Caller;
  readonly message: ReturnType<typeof modern> | ReturnType<typeof legacy>;
  readonly change: Omit<AskedChange, 'answer'> | undefined;
}

/** One caller in so many changes orders; what the others read is mostly in the cache, as it is in a working day. */
const READERS_TO_A_WRITER = 4;
/** Orders that a caller looks at again and again. */
const ORDERS_IN_HAND = 5;

/** Calls go round: tools in the order of the mix, callers after each whole mix, eras alternating, orders one by one. */
function callNumber(number: number, load: string, callers: readonly Caller[]): Call {
  const round = Math.floor(number / MIX.length);
  const tool = MIX[number % MIX.length] ?? 'list_orders';
  const isWrite = tool === 'update_order';
  const some = isWrite ? callers.filter((_caller, at) => at % READERS_TO_A_WRITER === 0) : callers;
  const caller = some[(number + round) % some.length];
  if (caller === undefined) throw new Error('A load has one caller at least.');
  const orders = isWrite ? caller.orderIds : caller.orderIds.slice(0, ORDERS_IN_HAND);
  const orderId = orders[round % orders.length] ?? '';
  const era: Era = (number + round) % 2 === 0 ? 'modern' : 'legacy';
  const email = `${load}-${number}@example.com`;
  const idempotencyKey = `${load}-${number}`;
  const args = {
    list_orders: { limit: 10 },
    get_order: { order_id: orderId },
    update_order: { order_id: orderId, changes: { email }, idempotency_key: idempotencyKey },
  }[tool];
  const params = { name: tool, arguments: args };
  const message =
    era === 'modern'
      ? modern('tools/call', params, number)
      : legacy('tools/call', params, LEGACY_REVISION, number);
  const change =
    tool === 'update_order' ? { storeId: caller.storeId, orderId, email, idempotencyKey } : undefined;
  return { tool, era, caller, message, change };
}

/** What is wrong with an answer, in a line; `undefined` for a result. */
function problemOf(status: number, text: string, id: number | string): string | undefined {
  if (status !== 200) return `status ${status}: ${text.slice(0, 200)}`;
  const answer = messageIn(text);
  if (answer === undefined) return `no JSON-RPC message: ${text.slice(0, 200)}`;
  if (answer.id !== id) return `the answer to another call: ${String(answer.id)} instead of ${id}`;
  const { result } = answer;
  if (typeof result !== 'object' || result === null) return `error: ${JSON.stringify(answer.error)}`;
  if ('isError' in result && result.isError === true) return `error of the tool: ${text.slice(0, 400)}`;
  return undefined;
}

interface Answer {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** The message of a JSON body, or the last one of an event stream. */
function messageIn(text: string): Answer | undefined {
  const last = text.startsWith('{')
    ? text
    : text
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .at(-1)
        ?.slice('data:'.length);
  if (last === undefined) return undefined;
  try {
    const message: unknown = JSON.parse(last);
    return typeof message === 'object' && message !== null ? message : undefined;
  } catch {
    return undefined;
  }
}
