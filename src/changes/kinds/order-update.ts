/**
 * Changing fields of an order: read, merge, write all of it. Order Desk knows no versions, so what somebody else changes
 * between the read and the write is overwritten; with an expected version, nothing older than the read is.
 */
import { AppError } from '../../errors.js';
import { isRecord, type JsonRecord } from '../../orderdesk/parse/json.js';
import { WRITER } from '../../orderdesk/parse/marks.js';
import { pathText, restoreFields } from '../../orders/field-changes.js';
import { mergeOrder } from '../../orders/merge/order.js';
import { sameValue } from '../../orders/same-value.js';
import { orderVersion } from '../../orders/version.js';
import type { ChangeType, Plan, Step, Surroundings } from '../change-type.js';
import type { OrderEdit, Restore } from '../intents.js';
import type { ChangeLine, FieldChange } from '../port.js';
import { ifReadable, unlessGone } from './order-part.js';
import {
  linesSent,
  onlyLine,
  orderIdOf,
  orderLock,
  orderTarget,
  replyOrder,
  verdicts,
} from './order-record.js';
import { fieldsFound, lastUpdate, unlessUpdated } from './order-record-look.js';
import { besidesOf, movesTotals, orderBody } from './order-record-put.js';
import { accepted } from './order-record-refused.js';
import { asTaken } from './order-record-taken.js';
import { refuseOtherVersion } from './order-record-version.js';

export const orderUpdate: ChangeType<'order_update'> = {
  kind: 'order_update',
  undoable: true,
  locks: ({ orderId }) => [orderLock(orderId)],
  calls: () => 2,
  effects: linesSent,

  async plan(intent, around): Promise<Plan> {
    const { reads, store, ctx } = around;
    const { raw } = await reads.order(store, intent.orderId, ctx);
    const { record, fields, message, remarks } =
      'fields' in intent ? restored(raw, intent) : edited(raw, intent, around);
    const line: ChangeLine = {
      target: orderTarget(intent.orderId),
      outcome: fields.length === 0 ? 'already' : 'applied',
      fields,
      ...(message === undefined ? {} : { message }),
    };
    const version = orderVersion(raw);
    const read = { lines: [line], seen: [version], version };
    if (fields.length === 0) return { ...read, steps: [], remarks: [] };
    const request = {
      method: 'PUT',
      route: '/orders/{id}',
      ids: [intent.orderId],
      body: orderBody(record),
    } as const;
    return { ...read, steps: [{ request, lines: [{ index: 0, line }], probe: lastUpdate(raw) }], remarks };
  },

  async read(step, body, around) {
    const line = onlyLine(step);
    const order = replyOrder(body) ?? (await orderNow(step, around));
    if (order === undefined) return { lines: [line] };
    return {
      lines: [asTaken(line, order)],
      order,
      remarks: besidesOf(line.fields, sentOrder(step), order),
    };
  },

  async look(step, { reads, store, ctx }) {
    const { fields } = onlyLine(step);
    const order = await unlessGone(() => reads.order(store, orderIdOf(step), ctx, { lenient: true }));
    if (order === undefined) return verdicts(step, 'unclear');
    return verdicts(step, unlessUpdated(fieldsFound(order.raw, fields), order.raw, step));
  },

  async besides(_intent, { lines }) {
    const fields = lines.flatMap((line) => line.fields);
    return [
      ...(fields.some(movesTotals) ? ['Order Desk computes the totals of the order again.'] : []),
      'Order Desk replaces the whole order: what somebody else changes in the moment between the read and the write of this call would be overwritten.',
    ];
  },

  inverse({ lines }) {
    const [line] = lines;
    const orderId = line?.target.id;
    if (line === undefined || orderId == null) {
      throw new AppError('cannot_undo', 'The fields of this change are not kept any more.');
    }
    return { kind: 'order_update', intent: { orderId, fields: line.fields }, remarks: [] };
  },
};

interface Wanted {
  /** The whole order as it is to be. */
  readonly record: JsonRecord;
  readonly fields: readonly FieldChange[];
  readonly message?: string | undefined;
  readonly remarks: readonly string[];
}

function edited(raw: JsonRecord, { patch, expectedVersion }: OrderEdit, around: Surroundings): Wanted {
  refuseOtherVersion(raw, expectedVersion, patch);
  const options = { now: around.now(), notesBy: WRITER };
  const { merged, fields, notesAlreadyThere } = accepted(mergeOrder(raw, patch, options));
  return {
    record: merged,
    fields,
    message:
      notesAlreadyThere.length === 0
        ? undefined
        : 'A staff note with this text was added in the last 24 hours already: it is not added again.',
    remarks:
      expectedVersion !== undefined || fields.every(isAppended)
        ? []
        : [around.dryRun === true ? WOULD_OVERWRITE : OVERWRITTEN],
  };
}

const OVERWRITTEN =
  'No version was expected: whatever stood in these fields was overwritten, and is shown as before.';
const WOULD_OVERWRITE =
  'No version was expected: whatever stands in these fields would be overwritten, and is shown as before.';

/** A note is added behind those that are there: nothing stood in its place. */
const isAppended = ({ path, before }: FieldChange): boolean =>
  path[0] === 'order_notes' && before === undefined;

/** @throws AppError `cannot_undo` where a field is no longer as the change left it */
function restored(raw: JsonRecord, { fields }: Restore): Wanted {
  const { record, restored, changed } = restoreFields(raw, fields);
  if (changed.length > 0) throw changedSince(changed);
  // What Order Desk never took needs no taking back.
  return { record, fields: restored.filter(({ before, after }) => !sameValue(before, after)), remarks: [] };
}

function changedSince(changed: readonly FieldChange[]): AppError {
  const names = new Set(changed.map(({ path }) => path[0] ?? ''));
  const values = changed.map(({ path, after }) => [pathText(path), after ?? null]);
  return new AppError(
    'cannot_undo',
    `These fields were changed since, by somebody else or another call: ${[...names].join(', ')}. Nothing was written.`,
    {
      hint: 'Read the order, and set the fields that are still wrong.',
      quotation: { data: { fields: Object.fromEntries(values) }, mayNameCustomers: true },
    },
  );
}

/** What was sent, less what only its sender needs to know. */
function sentOrder({ request }: Step): JsonRecord {
  const sent: unknown = 'body' in request ? JSON.parse(request.body) : undefined;
  return isRecord(sent) ? sent : {};
}

/** The order, where the answer does not hold it. */
const orderNow = (step: Step, { reads, store, ctx }: Surroundings): Promise<JsonRecord | undefined> =>
  ifReadable(async () => (await reads.order(store, orderIdOf(step), ctx, { lenient: true })).raw);
