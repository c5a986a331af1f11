/** What the kinds that work on one order have in common. */
import { isRecord, type JsonRecord, list } from '../../orderdesk/parse/json.js';
import type { LookedUp, OpenStep, Plan, Verdict } from '../change-type.js';
import type { ChangeLine, Target } from '../port.js';
import { unmarked } from './order-part.js';

/** Whoever changes an order replaces all of it, so one at a time does. */
export const orderLock = (orderId: string): string => `order:${orderId}`;

export const orderTarget = (orderId: string): Target => ({ kind: 'order', id: orderId });

/** The order that an answer of Order Desk holds; `undefined` where it holds none. */
export const replyOrder = (body: JsonRecord): JsonRecord | undefined =>
  isRecord(body.order) ? body.order : undefined;

/** Lines that are sent, each an effect at Order Desk. */
export const linesSent = (plan: Plan): number => plan.steps.reduce((sum, { lines }) => sum + lines.length, 0);

/** The line of a change of a single thing, in whatever process. */
export function onlyLine(step: Pick<OpenStep, 'lines'>): ChangeLine {
  const [only] = step.lines;
  if (only === undefined) throw new Error('A change of one order has a step without a line.');
  return only.line;
}

export function orderIdOf(step: Pick<OpenStep, 'lines'>): string {
  const { id } = onlyLine(step).target;
  if (id === null) throw new Error('A step on an order that is there does not name it.');
  return id;
}

/** The same verdict on every line of the step; `line` where more is known now. */
export const verdicts = (step: OpenStep, found: LookedUp, line?: ChangeLine): readonly Verdict[] =>
  step.lines.map(({ index }) => ({ index, found, ...(line === undefined ? {} : { line }) }));

/** The order without the marks of this server. */
export const unmarkedOrder = (order: JsonRecord): JsonRecord => ({
  ...order,
  ...('order_metadata' in order ? { order_metadata: unmarked(order.order_metadata) } : {}),
  order_items: list(order, 'order_items', '').map((item) =>
    isRecord(item) && 'metadata' in item ? { ...item, metadata: unmarked(item.metadata) } : item,
  ),
});

/** The entries of an order's history; `undefined` where the record comes without it. */
export const historyOf = (order: JsonRecord): readonly JsonRecord[] | undefined =>
  order.order_history === undefined ? undefined : list(order, 'order_history', '').filter(isRecord);
