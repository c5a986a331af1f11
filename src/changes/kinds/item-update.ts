/** Changing an item of an order. */
import { mergeItem } from '../../orders/merge/order.js';
import type { ChangeType } from '../change-type.js';
import type { Intents } from '../intents.js';
import { lookAtPart, type PartToUpdate, planPartUpdate, takenBack } from './order-part-update.js';
import { linesSent, onlyLine, orderLock } from './order-record.js';

/** What Order Desk does by itself when the items of an order change. */
export const TOTALS_FOLLOW =
  'Order Desk computes the totals of the order anew; what was paid stays as it is.';

const part = ({ orderId, itemId }: Intents['item_update']): PartToUpdate => ({
  parts: 'order_items',
  orderId,
  id: itemId,
  merge: mergeItem,
});

export const itemUpdate: ChangeType<'item_update'> = {
  kind: 'item_update',
  undoable: true,
  locks: ({ orderId }) => [orderLock(orderId)],
  calls: () => 2,
  effects: linesSent,
  plan: (intent, around) => planPartUpdate(part(intent), intent, around),

  async read(step) {
    return { lines: [onlyLine(step)] };
  },

  look: lookAtPart,

  async besides() {
    return [TOTALS_FOLLOW];
  },

  inverse(change) {
    const { orderId, id, fields } = takenBack(change);
    return { kind: 'item_update', intent: { orderId, itemId: id, fields }, remarks: [] };
  },
};
