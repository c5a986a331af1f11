/**
 * A note in an order's history. It is only ever added to, so nothing is read before and nothing can be undone; only a
 * preview looks whether the order is there and its history has room.
 */
import { AppError } from '../../errors.js';
import { type JsonRecord, text } from '../../orderdesk/parse/json.js';
import { isMarkedWriter, markedWriter } from '../../orderdesk/parse/marks.js';
import { checkedNote } from '../../orders/merge/create.js';
import { sameValue } from '../../orders/same-value.js';
import type { ChangeType, Plan, Surroundings } from '../change-type.js';
import type { ChangeLine, FieldChange } from '../port.js';
import { momentOf } from './moments.js';
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

const NOT_SHOWN =
  'Order Desk says that the note was added, and the history does not show it. Read the history before adding it once more.';
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
    const body = JSON.stringify({ note, source_name: markedWriter(around.changeId) });
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
    return { lines: [order === undefined ? line : asKept(line, order, around)] };
  },

  async look(step, around) {
    const { reads, store, ctx, changeId } = around;
    const options = { history: true, lenient: true };
    const order = await unlessGone(() => reads.order(store, orderIdOf(step), ctx, options));
    const history = order === undefined ? undefined : historyOf(order.raw);
    if (order === undefined || history === undefined) return verdicts(step, 'unclear');
    const line = onlyLine(step);
    const entry = ownEntry(history, changeId);
    if (entry !== undefined) return verdicts(step, 'applied', asWritten(line, entry));
    // With a full history, Order Desk may have said yes and kept nothing. Equal words may be ours without the mark.
    const isNone =
      history.length < MOST_ENTRIES && equalEntry(history, line, changeId, step.sentAt) === undefined;
    return verdicts(step, isNone ? 'not_applied' : 'unclear');
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

const ownEntry = (history: readonly JsonRecord[], changeId: string): JsonRecord | undefined =>
  history.find((entry) => typeof entry.source_name === 'string' && entry.source_name.includes(changeId));

/**
 * An entry with the words of the note, not older than it and without the whole mark of another change: how long a writer's
 * name Order Desk keeps is not known, nor whether it keeps it at all.
 */
const equalEntry = (
  history: readonly JsonRecord[],
  line: ChangeLine,
  changeId: string,
  sentAt: Date,
): JsonRecord | undefined =>
  history.find(
    (entry) =>
      sameValue(noteField(noteOf(entry))[0]?.after, line.fields[0]?.after) &&
      momentOf(entry, 'date_added', sentAt) !== 'before' &&
      !isOfAnother(entry.source_name, changeId),
  );

const isOfAnother = (writer: unknown, changeId: string): boolean =>
  typeof writer === 'string' && isMarkedWriter(writer) && !markedWriter(changeId).startsWith(writer);

const noteOf = (entry: JsonRecord): string => text(entry, 'note', 'order_history') ?? '';

/** The line as the history has the note, where there is a history to go by. */
function asKept(line: ChangeLine, order: JsonRecord, { changeId, now }: Surroundings): ChangeLine {
  const history = historyOf(order);
  if (history === undefined) return line;
  const entry = ownEntry(history, changeId) ?? equalEntry(history, line, changeId, now());
  if (entry !== undefined) return asWritten(line, entry);
  return history.length < MOST_ENTRIES
    ? { ...line, outcome: 'unknown', message: NOT_SHOWN }
    : { ...line, outcome: 'failed', fields: [], message: NOT_KEPT };
}

function asWritten(line: ChangeLine, entry: JsonRecord): ChangeLine {
  const kept = noteField(noteOf(entry));
  if (sameValue(kept[0]?.after, line.fields[0]?.after)) return line;
  return { ...line, fields: kept, message: 'Order Desk keeps the note in other words than were sent.' };
}
