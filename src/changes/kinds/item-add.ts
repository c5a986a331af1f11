/**
 * Adding an item to an order. Order Desk's answer does not tell its id, so the order is read afterwards: the item is found by
 * the mark that it carries, which also tells of an answer that was lost. One like it without a mark may be it.
 */
import { AppError } from '../../errors.js';
import { isRecord, type JsonRecord } from '../../orderdesk/parse/json.js';
import { MARK } from '../../orders/merge/caps.js';
import { newItem } from '../../orders/merge/create.js';
import { asList, asMap } from '../../orders/merge/raw.js';
import { orderVersion } from '../../orders/version.js';
import type { ChangeType, Plan } from '../change-type.js';
import type { Intents } from '../intents.js';
import type { ChangeLine } from '../port.js';
import { TOTALS_FOLLOW } from './item-update.js';
import { ifReadable, madeId, madePart, NO_ID, unlessGone, unmarked, wholeFields } from './order-part.js';
import { linesSent, onlyLine, orderIdOf, orderLock, orderTarget, verdicts } from './order-record.js';
import { isAlikeItem } from './order-record-alike.js';
import { accepted } from './order-record-refused.js';

export const itemAdd: ChangeType<'item_add'> = {
  kind: 'item_add',
  undoable: true,
  locks: ({ orderId }) => [orderLock(orderId)],
  calls: (_intent, previewed) => (previewed === true ? 3 : 2),
  effects: linesSent,

  async plan(intent, { reads, store, ctx, changeId, previewed }): Promise<Plan> {
    const { orderId } = intent;
    const item = itemToAdd(intent);
    // Nothing of the order is sent: only a preview needs to know it.
    const version = previewed ? orderVersion((await reads.order(store, orderId, ctx)).raw) : undefined;
    const fields = wholeFields('order_items', NO_ID, item, 'after');
    const line: ChangeLine = { target: orderTarget(orderId), outcome: 'applied', fields };
    const body = JSON.stringify({ ...item, metadata: { ...asMap(item.metadata), [MARK]: changeId } });
    return {
      lines: [line],
      steps: [
        {
          request: { method: 'POST', route: '/orders/{id}/order-items', ids: [orderId], body },
          lines: [{ index: 0, line }],
          probe: null,
        },
      ],
      seen: version === undefined ? [] : [version],
      version,
      remarks: [],
    };
  },

  async read(step, _body, { reads, store, ctx, changeId }) {
    const line = onlyLine(step);
    const order = await ifReadable(() => reads.order(store, orderIdOf(step), ctx, { lenient: true }));
    if (order === undefined) return { lines: [{ ...line, message: ID_UNKNOWN }] };
    const made = markedItem(order.raw, changeId);
    return {
      lines: [made === undefined ? withoutMark(line, order.raw) : asMade(line, made)],
      order: order.raw,
    };
  },

  async look(step, { reads, store, ctx, changeId }) {
    const order = await unlessGone(() => reads.order(store, orderIdOf(step), ctx, { lenient: true }));
    if (order === undefined) return verdicts(step, 'unclear');
    const made = markedItem(order.raw, changeId);
    const line = onlyLine(step);
    if (made !== undefined) return verdicts(step, 'applied', asMade(line, made));
    return verdicts(step, isAnyAlike(line, order.raw) ? 'unclear' : 'not_applied');
  },

  async besides() {
    return [TOTALS_FOLLOW];
  },

  inverse({ lines }) {
    const [line] = lines;
    const itemId = line === undefined ? undefined : madeId(line);
    if (line === undefined || line.target.id === null || itemId === undefined) {
      throw new AppError('cannot_undo', 'The id of the item that was added is not known.', {
        hint: 'Read the order for the id of the item, and remove it by that.',
      });
    }
    const intent = { orderId: line.target.id, itemId, unchangedFrom: madePart(line.fields) };
    return { kind: 'item_remove', intent, remarks: [GOES_TOO] };
  },
};

const ID_UNKNOWN = 'The item was added; its id could not be read. Read the order with its items for it.';
const NO_MARK =
  'The item was added; which item of the order it is is not known, since it does not carry the mark of this change.';
const NOT_SHOWN =
  'Order Desk says that the item was added, and the order does not show it. Read the order again before adding it once more.';

const GOES_TOO =
  'The item goes as it is now: what others set in fields of it that the change did not name goes with it.';

/** Without our mark. @throws AppError `invalid_argument` */
function itemToAdd({ item, asItWas }: Intents['item_add']): JsonRecord {
  const record = asItWas === true ? item : accepted(newItem(item)).record;
  const { id: _id, metadata, ...rest } = record;
  return metadata === undefined ? rest : { ...rest, metadata: unmarked(metadata) };
}

const itemsOf = (order: JsonRecord): readonly JsonRecord[] =>
  (asList(order.order_items) ?? []).filter(isRecord);

const markedItem = (order: JsonRecord, changeId: string): JsonRecord | undefined =>
  itemsOf(order).find(({ metadata }) => isRecord(metadata) && metadata[MARK] === changeId);

/** Whether the order has an item like the one that was sent, of no change that is known. */
const isAnyAlike = (line: ChangeLine, order: JsonRecord): boolean =>
  itemsOf(order).some((item) => isAlikeItem(item, madePart(line.fields)));

/** What an answer that says yes means for an item that cannot be found by its mark. */
const withoutMark = (line: ChangeLine, order: JsonRecord): ChangeLine =>
  isAnyAlike(line, order)
    ? { ...line, message: NO_MARK }
    : { ...line, outcome: 'unknown', message: NOT_SHOWN };

/** What was sent, as Order Desk holds it now. */
function asMade(line: ChangeLine, made: JsonRecord): ChangeLine {
  const sent = madePart(line.fields);
  const held = Object.keys(sent).map((name) => [
    name,
    name === 'metadata' ? unmarked(made.metadata) : (made[name] ?? null),
  ]);
  return { ...line, fields: wholeFields('order_items', String(made.id), Object.fromEntries(held), 'after') };
}
