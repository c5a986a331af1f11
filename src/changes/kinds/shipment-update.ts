/** Changing a shipment of an order. */
import { mergeShipment } from '../../orders/merge/order.js';
import type { ChangeType } from '../change-type.js';
import type { Intents } from '../intents.js';
import { lookAtPart, type PartToUpdate, planPartUpdate, takenBack } from './order-part-update.js';
import { linesSent, onlyLine, orderLock } from './order-record.js';

const part = ({ orderId, shipmentId }: Intents['shipment_update']): PartToUpdate => ({
  parts: 'order_shipments',
  orderId,
  id: shipmentId,
  merge: mergeShipment,
});

export const shipmentUpdate: ChangeType<'shipment_update'> = {
  kind: 'shipment_update',
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
    return [
      'The customer and the shop may have been told of the shipment as it was: whether Order Desk tells them of the change is not known.',
    ];
  },

  inverse(change) {
    const { orderId, id, fields } = takenBack(change);
    return { kind: 'shipment_update', intent: { orderId, shipmentId: id, fields }, remarks: [] };
  },
};
