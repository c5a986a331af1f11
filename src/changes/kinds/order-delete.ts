/** Deleting an order. All that it was is kept, so that it can be made again; what cannot come back is said beforehand. */
import { diffFields } from '../../orders/field-changes.js';
import { isBlank } from '../../orders/same-value.js';
import type { ChangeType, Plan } from '../change-type.js';
import type { ChangeLine } from '../port.js';
import { unlessGone } from './order-part.js';
import {
  linesSent,
  onlyLine,
  orderIdOf,
  orderLock,
  orderTarget,
  unmarkedOrder,
  verdicts,
} from './order-record.js';
import { lost, makingAgain } from './order-record-again.js';
import { refuseOtherVersion } from './order-record-version.js';

export const orderDelete: ChangeType<'order_delete'> = {
  kind: 'order_delete',
  undoable: true,
  confirm: 'always',
  locks: ({ orderId }) => [orderLock(orderId)],
  calls: () => 2,
  effects: linesSent,

  async plan({ orderId, expectedVersion }, { reads, store, ctx }): Promise<Plan> {
    const { raw } = await reads.order(store, orderId, ctx);
    const version = refuseOtherVersion(raw, expectedVersion, {});
    // A field without a value tells a reader nothing; the record keeps it.
    const fields = diffFields(unmarkedOrder(raw), {}).filter(({ before }) => !isBlank(before));
    const line: ChangeLine = { target: orderTarget(orderId), outcome: 'applied', fields };
    return {
      lines: [line],
      steps: [
        {
          request: { method: 'DELETE', route: '/orders/{id}', ids: [orderId] },
          lines: [{ index: 0, line }],
          probe: null,
        },
      ],
      seen: [version],
      version,
      records: { [orderId]: raw },
      remarks: [
        'For 30 days the order can be made again from the record that is kept, under a new id.',
        ...lost(raw),
      ],
    };
  },

  async read(step) {
    return { lines: [onlyLine(step)] };
  },

  async look(step, { reads, store, ctx }) {
    const order = await unlessGone(() => reads.order(store, orderIdOf(step), ctx, { lenient: true }));
    return verdicts(step, order === undefined ? 'applied' : 'not_applied');
  },

  async besides() {
    return [];
  },

  inverse({ records, lines }) {
    const [line] = lines;
    const record = line?.target.id == null ? undefined : records[line.target.id];
    return makingAgain(record);
  },
};
