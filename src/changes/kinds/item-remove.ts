/** Removing an item from an order. All that it was is kept, so that it can be added again. */
import { AppError } from '../../errors.js';
import { isRecord } from '../../orderdesk/parse/json.js';
import type { ChangeType, Plan } from '../change-type.js';
import type { ChangeLine } from '../port.js';
import { TOTALS_FOLLOW } from './item-update.js';
import {
  changedSince,
  differing,
  noSuchPart,
  partOf,
  partPath,
  unlessGone,
  unmarked,
  wholeFields,
} from './order-part.js';
import { linesSent, onlyLine, orderIdOf, orderLock, orderTarget, verdicts } from './order-record.js';
import { refuseOtherVersion } from './order-record-version.js';

const NEW_ID = 'The item can be added again from the record that is kept for 30 days, under a new id.';

export const itemRemove: ChangeType<'item_remove'> = {
  kind: 'item_remove',
  undoable: true,
  confirm: 'deletes',
  locks: ({ orderId }) => [orderLock(orderId)],
  calls: () => 2,
  effects: linesSent,

  async plan({ orderId, itemId, expectedVersion, unchangedFrom }, { reads, store, ctx }): Promise<Plan> {
    const { raw } = await reads.order(store, orderId, ctx);
    const version = refuseOtherVersion(raw, expectedVersion, {});
    const item = partOf(raw, 'order_items', itemId);
    const target = orderTarget(orderId);
    if (item === undefined) {
      if (unchangedFrom === undefined) throw noSuchPart('order_items');
      // An undo finds the item gone: there is nothing left to be taken back.
      const line: ChangeLine = { target, outcome: 'already', fields: [] };
      return { lines: [line], steps: [], seen: [version], version, remarks: [] };
    }
    const differs = differing(item, unchangedFrom ?? {});
    if (differs.length > 0) throw changedSince('order_items', differs);
    const shown = 'metadata' in item ? { ...item, metadata: unmarked(item.metadata) } : item;
    const fields = wholeFields('order_items', itemId, shown, 'before');
    const line: ChangeLine = { target, outcome: 'applied', fields };
    return {
      lines: [line],
      steps: [
        {
          request: { method: 'DELETE', route: '/orders/{id}/order-items/{id}', ids: [orderId, itemId] },
          lines: [{ index: 0, line }],
          probe: itemId,
        },
      ],
      seen: [version],
      version,
      records: { [recordName(itemId)]: item },
      remarks: [NEW_ID],
    };
  },

  async read(step) {
    return { lines: [onlyLine(step)] };
  },

  async look(step, { reads, store, ctx }) {
    const order = await unlessGone(() => reads.order(store, orderIdOf(step), ctx, { lenient: true }));
    if (order === undefined) return verdicts(step, 'unclear');
    const item = partOf(order.raw, 'order_items', String(step.probe));
    return verdicts(step, item === undefined ? 'applied' : 'not_applied');
  },

  async besides() {
    return [TOTALS_FOLLOW];
  },

  inverse({ lines, records }) {
    const [line] = lines;
    const itemId = line?.fields[0]?.path[1]?.slice(1);
    const item = itemId === undefined ? undefined : records[recordName(itemId)];
    if (line === undefined || line.target.id === null || !isRecord(item)) {
      throw new AppError('cannot_undo', 'The record of the removed item is not kept any more.');
    }
    const { id: _id, metadata, ...rest } = item;
    return {
      kind: 'item_add',
      intent: {
        orderId: line.target.id,
        item: metadata === undefined ? rest : { ...rest, metadata: unmarked(metadata) },
        asItWas: true,
      },
      remarks: ['The item comes back under a new id, at the end of the order.'],
    };
  },
};

const recordName = (itemId: string): string => partPath('order_items', itemId).join('.');
