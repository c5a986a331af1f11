/**
 * Making an order. Order Desk has no keys against making it twice: the order carries the id of the change, and one that
 * may have been made is looked for by that, among the orders of its number or of its time.
 */
import { createHash } from 'node:crypto';
import { AppError } from '../../errors.js';
import { dayOrInstant } from '../../orderdesk/parse/date.js';
import { isRecord, type JsonRecord, text } from '../../orderdesk/parse/json.js';
import { diffFields } from '../../orders/field-changes.js';
import type { ChangeType, Plan, Step, Surroundings } from '../change-type.js';
import type { Intents } from '../intents.js';
import type { ChangeLine } from '../port.js';
import { ifReadable } from './order-part.js';
import { linesSent, onlyLine, replyOrder, verdicts } from './order-record.js';
import { orderToBeMade, withMark } from './order-record-made.js';
import { orderBody } from './order-record-put.js';
import { isMarked, type Sought, seek } from './order-record-search.js';
import { asTaken, isThere } from './order-record-taken.js';
import { duplicateOf, refuseDuplicate, shopOf } from './order-record-twin.js';

export const orderCreate: ChangeType<'order_create'> = {
  kind: 'order_create',
  undoable: false,
  locks(intent) {
    const sourceId = sourceIdOf(intent.order);
    if (sourceId === undefined) return [];
    return [`source:${createHash('sha256').update(sourceId).digest('hex')}`];
  },
  calls: ({ order }) => (sourceIdOf(order) === undefined ? 1 : 2),
  effects: linesSent,

  async plan(intent, around): Promise<Plan> {
    const record = orderToBeMade(intent, around);
    const sourceId = sourceIdOf(record);
    if (sourceId !== undefined) await refuseDuplicate(around, sourceId, record);
    const line: ChangeLine = {
      target: { kind: 'order', id: null, ...(sourceId === undefined ? {} : { name: sourceId }) },
      outcome: 'applied',
      fields: diffFields({}, record),
    };
    const body = orderBody(withMark(record, around.changeId));
    return {
      lines: [line],
      steps: [
        {
          request: {
            method: 'POST',
            route: '/orders',
            body,
            ...(sourceId === undefined ? {} : { sourceId }),
          },
          lines: [{ index: 0, line }],
          probe: {
            sourceId: sourceId ?? null,
            shop: shopOf(record),
            dateAdded: dayOrInstant(record, 'date_added'),
          },
        },
      ],
      seen: [],
      remarks: [],
    };
  },

  async read(step, body, around) {
    const line = onlyLine(step);
    const order = replyOrder(body) ?? (await madeOrder(step, around));
    if (order === undefined) {
      return {
        lines: [
          { ...line, message: "Order Desk made the order, but its answer did not tell the order's id." },
        ],
      };
    }
    return { lines: [asMade(line, order)], order };
  },

  refusedAs: (step, refusal, around) => duplicateOf(readProbe(step.probe).sourceId, refusal, around),

  async look(step, around) {
    const probe = readProbe(step.probe);
    const { found, isComplete } = await seek(around, probe, step.sentAt);
    const own = found.find(({ raw }) => isMarked(raw, around.changeId));
    if (own !== undefined) return verdicts(step, 'applied', asMade(onlyLine(step), own.raw));
    // There was none of this number and shop before: whose it is without the mark cannot be told.
    const isNone = isComplete && !found.some(({ raw }) => shopOf(raw) === probe.shop);
    return verdicts(step, isNone ? 'not_applied' : 'unclear');
  },

  async besides() {
    return [
      "The store's rules for imported orders may run: mail to the customer, and sending to fulfilment. What they do cannot be taken back.",
      'Order Desk computes the totals of quantity, weight, products and discounts, and the total of the order.',
    ];
  },

  inverse() {
    throw new AppError('cannot_undo', 'The making of an order cannot be undone.', {
      hint: 'delete_order deletes it, if it is to be gone.',
    });
  },
};

function sourceIdOf({ source_id: sourceId }: Intents['order_create']['order']): string | undefined {
  return typeof sourceId === 'string' && sourceId.trim() !== '' ? sourceId : undefined;
}

function asMade(line: ChangeLine, order: JsonRecord): ChangeLine {
  const { target, ...rest } = asTaken(line, order, isThere);
  const name = text(order, 'source_id', 'order') ?? target.name;
  return {
    ...rest,
    target: { kind: 'order', id: text(order, 'id', 'order'), ...(name === undefined ? {} : { name }) },
  };
}

/** The order that an answer does not hold, where it can be found. */
const madeOrder = (step: Step, around: Surroundings): Promise<JsonRecord | undefined> =>
  ifReadable(async () => {
    const { found } = await seek(around, readProbe(step.probe), around.now());
    return found.find(({ raw }) => isMarked(raw, around.changeId))?.raw;
  });

interface Probe extends Sought {
  readonly shop: string | undefined;
}

function readProbe(probe: unknown): Probe {
  const { sourceId, shop, dateAdded } = isRecord(probe) ? probe : {};
  return {
    sourceId: typeof sourceId === 'string' ? sourceId : undefined,
    shop: typeof shop === 'string' ? shop : undefined,
    dated: typeof dateAdded === 'string' ? new Date(dateAdded) : undefined,
  };
}
