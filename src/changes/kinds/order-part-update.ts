/** Changing an item or a shipment of an order: Order Desk replaces all of it, so all of it is read first and sent again. */
import { AppError } from '../../errors.js';
import type { JsonRecord } from '../../orderdesk/parse/json.js';
import type { WriteRequest } from '../../orderdesk/write-request.js';
import { restoreFields } from '../../orders/field-changes.js';
import type { Merged } from '../../orders/merge/order.js';
import type { Outcome } from '../../orders/merge/refusal.js';
import { orderVersion } from '../../orders/version.js';
import type { OpenStep, Plan, RecordedChange, Surroundings, Verdict } from '../change-type.js';
import type { Patch, Restore } from '../intents.js';
import type { ChangeLine, FieldChange } from '../port.js';
import {
  changedSince,
  lookAtFields,
  noSuchPart,
  type Parts,
  partOf,
  partPath,
  unlessGone,
} from './order-part.js';
import { onlyLine, orderIdOf, orderTarget, verdicts } from './order-record.js';
import { lastUpdate, unlessUpdated } from './order-record-look.js';
import { accepted } from './order-record-refused.js';
import { refuseOtherVersion } from './order-record-version.js';

export interface PartToUpdate {
  readonly parts: Parts;
  readonly orderId: string;
  readonly id: string;
  readonly merge: (raw: JsonRecord, patch: Patch) => Outcome<Merged>;
}

export type PartEdit = { readonly patch: Patch; readonly expectedVersion?: string | undefined } | Restore;

interface Edited {
  readonly part: JsonRecord;
  readonly fields: readonly FieldChange[];
}

/** @throws AppError `not_found`, `version_conflict`, `invalid_argument`, `cannot_undo`; as reads do */
export async function planPartUpdate(
  wanted: PartToUpdate,
  edit: PartEdit,
  { reads, store, ctx }: Surroundings,
): Promise<Plan> {
  const { parts, orderId, id } = wanted;
  const { raw } = await reads.order(store, orderId, ctx);
  const version = orderVersion(raw);
  const before = partOf(raw, parts, id);
  const { part, fields } =
    'fields' in edit ? restored(wanted, raw, before, edit) : merged(wanted, raw, before, edit);
  const target = orderTarget(orderId);
  if (fields.length === 0) {
    const line: ChangeLine = { target, outcome: 'already', fields: [] };
    return { lines: [line], steps: [], seen: [version], version, remarks: [] };
  }
  const line: ChangeLine = { target, outcome: 'applied', fields };
  return {
    lines: [line],
    steps: [{ request: putPart(wanted, part), lines: [{ index: 0, line }], probe: lastUpdate(raw) }],
    seen: [version],
    version,
    remarks: [],
  };
}

function merged(
  { parts, id, merge }: PartToUpdate,
  order: JsonRecord,
  before: JsonRecord | undefined,
  { patch, expectedVersion }: Exclude<PartEdit, Restore>,
): Edited {
  // Shipments are changed without a version: what is known of one does not hang on the rest of its order.
  refuseOtherVersion(
    order,
    expectedVersion,
    parts === 'order_items' ? { order_items: [{ ...patch, id }] } : {},
  );
  if (before === undefined) throw noSuchPart(parts);
  const { merged: part, fields } = accepted(merge(before, patch));
  const at = partPath(parts, id);
  return { part, fields: fields.map((field) => ({ ...field, path: [...at, ...field.path] })) };
}

function restored(
  { parts, id }: PartToUpdate,
  order: JsonRecord,
  before: JsonRecord | undefined,
  { fields }: Restore,
): Edited {
  if (before === undefined) {
    throw new AppError('cannot_undo', noSuchPart(parts).message, { hint: 'It was removed since.' });
  }
  const { record, restored: back, changed } = restoreFields(order, fields);
  if (changed.length > 0)
    throw changedSince(
      parts,
      changed.map(({ path }) => path[2] ?? ''),
    );
  return { part: partOf(record, parts, id) ?? before, fields: back };
}

function putPart({ parts, orderId, id }: PartToUpdate, part: JsonRecord): WriteRequest {
  const route = parts === 'order_items' ? '/orders/{id}/order-items/{id}' : '/orders/{id}/shipments/{id}';
  return { method: 'PUT', route, ids: [orderId, id], body: JSON.stringify(part) };
}

/** By the touched fields: as they were to be, as they were, or neither. */
export async function lookAtPart(
  step: OpenStep,
  { reads, store, ctx }: Surroundings,
): Promise<readonly Verdict[]> {
  const order = await unlessGone(() => reads.order(store, orderIdOf(step), ctx, { lenient: true }));
  if (order === undefined) return verdicts(step, 'unclear');
  const line = onlyLine(step);
  // Of a part that somebody has removed, nobody can tell what it was last.
  const [parts = '', id = ''] = line.fields[0]?.path ?? [];
  const isThere =
    (parts === 'order_items' || parts === 'order_shipments') &&
    partOf(order.raw, parts, id.slice(1)) !== undefined;
  return verdicts(step, isThere ? unlessUpdated(lookAtFields(line, order.raw), order.raw, step) : 'unclear');
}

/** Where the change was made, and what it takes to take it back. @throws AppError `cannot_undo` */
export function takenBack({
  lines,
}: RecordedChange): Restore & { readonly orderId: string; readonly id: string } {
  const [line] = lines;
  const id = line?.fields[0]?.path[1]?.slice(1);
  if (line === undefined || line.target.id === null || id === undefined) {
    throw new AppError('cannot_undo', 'Nothing was changed that could be taken back.');
  }
  return { orderId: line.target.id, id, fields: line.fields };
}
