/** Agents that update orders over HTTP, each one call after the other, on whatever replica a balancer would give them. */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Prng } from '../../../src/sandbox/seed/prng.js';
import { callTool } from '../call-tool.js';
import type { OrderName } from './order-log.js';

export interface PlannedUpdate {
  readonly on: OrderName;
  /** Which replica is asked, as a number from 0. */
  readonly replica: number;
  /** One of the maps gets an entry that no other update touches. */
  readonly own: { readonly part: 'checkout_data' | 'order_metadata'; readonly key: string };
  readonly note: string | undefined;
  /** Also others set this field. */
  readonly shippingMethod: string | undefined;
  readonly idempotencyKey: string | undefined;
}

/** @param agents for each its updates, in turn; the same numbers give the same plan */
export function planUpdates(
  prng: Prng,
  agents: number,
  each: number,
  orders: readonly [OrderName, ...OrderName[]],
  replicas: number,
): readonly (readonly PlannedUpdate[])[] {
  const one = (number: number): PlannedUpdate => ({
    on: prng.pick(orders),
    replica: prng.int(0, replicas - 1),
    own: { part: prng.pick(['checkout_data', 'order_metadata']), key: `ours${number}` },
    note: prng.chance(0.3) ? `Note ${number} of ours` : undefined,
    shippingMethod: prng.chance(0.3) ? `Method ${number} of ours` : undefined,
    idempotencyKey: prng.chance(0.5) ? `update-${number}` : undefined,
  });
  return Array.from({ length: agents }, (_, agent) =>
    Array.from({ length: each }, (__, turn) => one(agent * each + turn)),
  );
}

const answered = z.object({
  outcome: z.literal('applied'),
  change_id: z.string(),
  remarks: z.array(z.string()).optional(),
  results: z.tuple([
    z.object({
      changes: z.array(
        z.object({ field: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }),
      ),
    }),
  ]),
});

export interface AppliedUpdate {
  readonly update: PlannedUpdate;
  readonly changeId: string;
  readonly changes: z.output<typeof answered>['results'][0]['changes'];
  /** Codes of the refusals after which it was made again. */
  readonly retriedAfter: readonly string[];
}

/** What says: nothing was written, come again. */
const COME_AGAIN: ReadonlySet<string> = new Set([
  'in_progress',
  'rate_budget_exhausted',
  'store_busy',
  'storage_unavailable',
]);
const MOST_TRIES = 60;

/** @throws Error for any other answer, and for one who comes in vain */
export async function makeUpdate(url: string, key: string, update: PlannedUpdate): Promise<AppliedUpdate> {
  const retriedAfter: string[] = [];
  while (retriedAfter.length < MOST_TRIES) {
    const reply = await callTool(url, key, 'update_order', argumentsOf(update));
    if (reply.error !== undefined && COME_AGAIN.has(reply.error.code)) {
      retriedAfter.push(reply.error.code);
      // Sooner than they are told to: it has to hold for the impatient too.
      await pause(250);
      continue;
    }
    const { change_id: changeId, results } = applied(reply.text, reply.result?.structuredContent);
    return { update, changeId, changes: results[0].changes, retriedAfter };
  }
  throw new Error(`An update came ${MOST_TRIES} times in vain.`);
}

function applied(text: string, content: unknown): z.output<typeof answered> {
  const parsed = answered.safeParse(content);
  if (!parsed.success) throw new Error(`An update was answered: ${text}`);
  return parsed.data;
}

function argumentsOf({ on, own, note, shippingMethod, idempotencyKey }: PlannedUpdate) {
  return {
    store: on.store,
    order_id: on.order,
    changes: {
      [own.part]: { [own.key]: own.key },
      ...(note === undefined ? {} : { order_notes: [note] }),
      ...(shippingMethod === undefined ? {} : { shipping_method: shippingMethod }),
    },
    ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }),
  };
}
