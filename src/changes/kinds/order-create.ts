/**
 * Making an order. Order Desk has no keys against making it twice: the order carries the id of the change, and one that
 * may have been made is looked for by that, among the orders of its number or of its time. One without the mark may be it.
 */
import { createHash } from 'node:crypto';
import { AppError } from '../../errors.js';
import { dayOrInstant } from '../../orderdesk/parse/date.js';
import { isRecord, type JsonRecord, text } from '../../orderdesk/parse/json.js';
import type { Order } from '../../orderdesk/port.js';
import { diffFields } from '../../orders/field-changes.js';
import type { ChangeType, Plan, Step, Surroundings } from '../change-type.js';
import type { Intents } from '../intents.js';
import type { ChangeLine } from '../port.js';
import { ifReadable } from './order-part.js';
import { linesSent, onlyLine, replyOrder, verdicts } from './order-record.js';
import { isAlike, likenessOf } from './order-record-alike.js';
import { orderToBeMade, withMark } from './order-record-made.js';
import { orderBody } from './order-record-put.js';
import { isMarked, type Sought, seek } from './order-record-search.js';
import { asTaken, isThere } from './order-record-taken.js';
import { duplicate, duplicateOf, ordersOfNumber, shopOf, thereAlready } from './order-record-twin.js';

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
    const there = sourceId === undefined ? [] : await ordersOfNumber(around, sourceId, record);
    // A double that was deleted is made again beside the other, if Order Desk takes it.
    if (there.length > 0 && intent.asItWas !== true) throw duplicate(there);
    const line: ChangeLine = {
      target: { kind: 'order', id: null, ...(sourceId === undefined ? {} : { name: sourceId }) },
      outcome: 'applied',
      fields: diffFields({}, record),
    };
    const marked = withMark(record, around.changeId);
    return {
      lines: [line],
      steps: [
        {
          request: {
            method: 'POST',
            route: '/orders',
            body: orderBody(marked),
            ...(sourceId === undefined ? {} : { sourceId }),
          },
          lines: [{ index: 0, line }],
          probe: {
            sourceId: sourceId ?? null,
            shop: shopOf(record),
            dateAdded: dayOrInstant(record, 'date_added'),
            likeness: likenessOf(record),
            there,
            isMarked: isMarked(marked, around.changeId),
          },
        },
      ],
      seen: [],
      remarks: there.length === 0 ? [] : [`${thereAlready(there)} Order Desk may refuse another one.`],
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
    const others = found.filter(({ view }) => !probe.there.has(view.id));
    const own = others.find(({ raw }) => isMarked(raw, around.changeId)) ?? onlyUnmarked(others, probe);
    if (own !== undefined) return verdicts(step, 'applied', asMade(onlyLine(step), own.raw));
    // All of them came since: whose an order without the mark is cannot be told.
    const isPossible = (raw: JsonRecord) => shopOf(raw) === probe.shop || isAlike(raw, probe.likeness);
    const canBeTold = isComplete && (probe.isMarked || probe.sourceId !== undefined);
    return verdicts(
      step,
      canBeTold && !others.some(({ raw }) => isPossible(raw)) ? 'not_applied' : 'unclear',
    );
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

/** An order that was sent without a mark: the one of its number and shop that came since and is like it. */
function onlyUnmarked(found: readonly Order[], probe: Probe): Order | undefined {
  if (probe.isMarked || probe.sourceId === undefined) return undefined;
  const numbered = found.filter(
    ({ raw, view }) => isOfNumber(view.sourceId, probe) && shopOf(raw) === probe.shop,
  );
  const [only, second] = [...new Map(numbered.map((order) => [order.view.id, order])).values()];
  return only !== undefined && second === undefined && isAlike(only.raw, probe.likeness) ? only : undefined;
}

const isOfNumber = (sourceId: string | null, probe: Probe): boolean =>
  sourceId?.trim() === probe.sourceId?.trim();

interface Probe extends Sought {
  readonly shop: string | undefined;
  /** Orders that had this number before. */
  readonly there: ReadonlySet<unknown>;
  readonly isMarked: boolean;
}

function readProbe(probe: unknown): Probe {
  const { sourceId, shop, dateAdded, likeness, there, isMarked } = isRecord(probe) ? probe : {};
  return {
    sourceId: typeof sourceId === 'string' ? sourceId : undefined,
    shop: typeof shop === 'string' ? shop : undefined,
    dated: typeof dateAdded === 'string' ? new Date(dateAdded) : undefined,
    likeness: typeof likeness === 'string' ? likeness : '',
    there: new Set(Array.isArray(there) ? there : []),
    isMarked: isMarked === true,
  };
}
