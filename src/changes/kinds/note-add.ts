/**
 * A note in an order's history. It is only ever added to, so nothing is read before and nothing can be undone; only a
 * preview looks whether the order is there and its history has room.
 */
import { AppError } from '../../errors.js';
import { type JsonRecord, text } from '../../orderdesk/parse/json.js';
import { WRITER } from '../../orderdesk/parse/marks.js';
import { checkedNote } from '../../orders/merge/create.js';
import { sameValue } from '../../orders/same-value.js';
import type { ChangeType, Plan, Surroundings } from '../change-type.js';
import type { ChangeLine, FieldChange } from '../port.js';
import { unlessGone } from './order-part.js';
import {
  historyOf,
  linesSent,
  onlyLine,
  orderIdOf,
  orderTarget,
  replyOrder,
  verdicts,
} from './order-record.js';
import { accepted } from './order-record-refused.js';

/** Order Desk API, order history: entries of an order. */
const MOST_ENTRIES = 250;

const NOT_KEPT = `Order Desk keeps ${MOST_ENTRIES} entries of an order's history: this order has as many, so the note is not kept.`;

export const noteAdd: ChangeType<'note_add'> = {
  kind: 'note_add',
  undoable: false,
  // Adding to the history takes nothing from anybody, whatever else is done to the order meanwhile.
  locks: () => [],
  calls: (_intent, previewed) => (previewed === true ? 2 : 1),
  effects: linesSent,

  async plan(intent, around): Promise<Plan> {
    const { orderId } = intent;
    const { note } = accepted(checkedNote(intent.note));
    const remarks = around.previewed ? await roomLeft(orderId, around) : [];
    const line: ChangeLine = { target: orderTarget(orderId), outcome: 'applied', fields: noteField(note) };
    const body = JSON.stringify({ note, source_name: writerOf(around.changeId) });
    return {
      lines: [line],
      steps: [
        {
          request: { method: 'POST', route: '/orders/{id}/order-history', ids: [orderId], body },
          lines: [{ index: 0, line }],
          probe: null,
        },
      ],
      seen: [],
      remarks,
    };
  },

  async read(step, body, around) {
    const order = replyOrder(body);
    const line = onlyLine(step);
    return { lines: [order === undefined ? line : asKept(line, order, around.changeId)] };
  },

  async look(step, around) {
    const { reads, store, ctx, changeId } = around;
    const options = { history: true, lenient: true };
    const order = await unlessGone(() => reads.order(store, orderIdOf(step), ctx, options));
    const history = order === undefined ? undefined : historyOf(order.raw);
    if (order === undefined || history === undefined) return verdicts(step, 'unclear');
    if (ownEntry(history, changeId) !== undefined) {
      return verdicts(step, 'applied', asKept(onlyLine(step), order.raw, changeId));
    }
    // With a full history, Order Desk may have said yes and kept nothing.
    return verdicts(step, history.length < MOST_ENTRIES ? 'not_applied' : 'unclear');
  },

  async besides() {
    return ['A note in the history cannot be changed or removed later.'];
  },

  inverse() {
    throw new AppError('cannot_undo', 'A note in the history of an order cannot be removed.', {
      hint: 'Add another note that puts it right.',
    });
  },
};

async function roomLeft(orderId: string, { reads, store, ctx }: Surroundings): Promise<readonly string[]> {
  const { raw } = await reads.order(store, orderId, ctx, { history: true, lenient: true });
  const history = historyOf(raw);
  if (history === undefined) return [];
  return history.length < MOST_ENTRIES ? [] : [NOT_KEPT];
}

/** Entries have no ids, and where it stands is not known before. */
const noteField = (note: string): readonly FieldChange[] => [
  { path: ['order_history', '+'], after: { note } },
];

/** Who wrote the entry, as Order Desk shows it; the id finds it again. */
const writerOf = (changeId: string): string => `${WRITER} ${changeId}`;

const ownEntry = (history: readonly JsonRecord[], changeId: string): JsonRecord | undefined =>
  history.find((entry) => typeof entry.source_name === 'string' && entry.source_name.includes(changeId));

/** The line as the history has the note, where there is a history to go by. */
function asKept(line: ChangeLine, order: JsonRecord, changeId: string): ChangeLine {
  const history = historyOf(order);
  if (history === undefined) return line;
  const entry = ownEntry(history, changeId);
  if (entry === undefined) return { ...line, outcome: 'failed', fields: [], message: NOT_KEPT };
  const kept = noteField(text(entry, 'note', 'order_history') ?? '');
  if (sameValue(kept[0]?.after, line.fields[0]?.after)) return line;
  return { ...line, fields: kept, message: 'Order Desk keeps the note in other words than were sent.' };
}
