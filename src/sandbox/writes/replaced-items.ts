/** What becomes of an order's items when the order is replaced. */
import type { HandlerContext } from '../handler.js';
import type { ItemRecord, OrderRecord } from '../types.js';
import type { JsonObject } from './json.js';

/** Items with an id of the order are updated; all others are added, so an item sent back without its id is doubled. */
export function replacedItems(
  { records, switches }: HandlerContext,
  current: OrderRecord,
  sent: OrderRecord,
  source: JsonObject,
): readonly ItemRecord[] {
  if (source.order_items === undefined) {
    return switches.absentOrderItems === 'kept' ? current.order_items : [];
  }
  const ids = new Set(current.order_items.map(({ id }) => id));
  const sentIds = new Set(sent.order_items.map(({ id }) => id));
  const missing = current.order_items.filter(({ id }) => !sentIds.has(id));
  return [
    ...sent.order_items.map((item) => (ids.has(item.id) ? item : { ...item, id: records.newItemId() })),
    ...(switches.missingOrderItems === 'kept' ? missing : []),
  ];
}
