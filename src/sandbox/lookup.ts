/** Finding the order that a path names. */
import { type Answer, failure } from './envelope.js';
import type { HandlerContext } from './handler.js';
import type { OrderRecord } from './types.js';

export function withOrder(
  { records, switches }: HandlerContext,
  ids: readonly string[],
  answer: (order: OrderRecord) => Answer,
): Answer {
  const order = records.order(ids[0] ?? '');
  return order === undefined ? failure(switches.unknownId, 'Order Not Found') : answer(order);
}
