/** Deleting an inventory item. The whole record is kept, so that it can be made again under a new id. */
import { AppError } from '../../errors.js';
import { isRecord } from '../../orderdesk/parse/json.js';
import { withPlainWriter } from '../../orderdesk/parse/marks.js';
import type { InventoryItem } from '../../orderdesk/port.js';
import { isBlank } from '../../orders/same-value.js';
import type { ChangeType, Plan, Surroundings, Verdict } from '../change-type.js';
import type { Intents } from '../intents.js';
import type { ChangeLine } from '../port.js';
import {
  canBeAsked,
  INVENTORY_LOCK,
  itemById,
  itemsByCodes,
  itemTarget,
  seenItem,
  withCode,
} from './inventory-items.js';

/** What Order Desk gives an item by itself. */
const NOT_SENT: ReadonlySet<string> = new Set(['id', 'date_added', 'date_updated', 'update_source']);

export const inventoryDelete: ChangeType<'inventory_delete'> = {
  kind: 'inventory_delete',
  undoable: true,
  confirm: 'deletes',
  locks: () => [INVENTORY_LOCK],
  calls: () => 2,
  effects: ({ steps }) => steps.length,

  async plan(intent, around): Promise<Plan> {
    const item = await find(intent, around);
    const line: ChangeLine = {
      target: itemTarget(item),
      outcome: 'applied',
      // A field without a value tells a reader nothing; the record keeps it.
      fields: Object.entries(withPlainWriter(item.raw))
        .filter(([, before]) => !isBlank(before))
        .map(([name, before]) => ({ path: [name], before })),
    };
    return {
      lines: [line],
      steps: [
        {
          request: { method: 'DELETE', route: '/inventory-items/{id}', ids: [item.view.id] },
          lines: [{ index: 0, line }],
          probe: null,
        },
      ],
      seen: [seenItem(item)],
      records: { [item.view.id]: item.raw },
      remarks: ['The item can be made again from the record that is kept for 30 days, under a new id.'],
    };
  },

  read: async (step) => ({ lines: step.lines.map(({ line }) => line) }),

  look: (step, around) =>
    Promise.all(
      step.lines.map(async ({ index, line }): Promise<Verdict> => {
        const item = await itemById(line.target.id ?? '', around);
        return { index, found: item === undefined ? 'applied' : 'not_applied' };
      }),
    ),

  besides: async () => [
    'Orders keep their items; Order Desk no longer takes what is sold under this code off any stock.',
  ],

  inverse({ lines, records }) {
    const id = lines[0]?.target.id ?? '';
    const record = Object.hasOwn(records, id) ? records[id] : undefined;
    if (!isRecord(record)) {
      throw new AppError('cannot_undo', 'The record of the deleted item is not kept any more.');
    }
    const item = Object.fromEntries(Object.entries(record).filter(([name]) => !NOT_SENT.has(name)));
    return {
      kind: 'inventory_create',
      intent: { item, asItWas: true },
      remarks: ['The item is made again under a new id, with the stock that it had when it was deleted.'],
    };
  },
};

async function find({ id, code }: Intents['inventory_delete'], around: Surroundings): Promise<InventoryItem> {
  if ((id === undefined) === (code === undefined)) {
    throw new AppError('invalid_argument', 'Name the item by its code or by its id, one of the two.');
  }
  if (id !== undefined) return only([await itemById(id, around)]);
  if (code === undefined || !canBeAsked(code)) {
    throw new AppError(
      'invalid_argument',
      'A code with a comma in it cannot be asked for: name the item by its id.',
      {
        field: 'code',
      },
    );
  }
  return only(withCode(await itemsByCodes([code], around), code));
}

function only([item, another]: readonly (InventoryItem | undefined)[]): InventoryItem {
  if (item === undefined) {
    throw new AppError('not_found', 'Order Desk has no such inventory item in this store.');
  }
  if (another !== undefined) {
    throw new AppError(
      'invalid_argument',
      'Several inventory items have this code: name the one by its id.',
      {
        field: 'code',
      },
    );
  }
  return item;
}
