/** What became of an order's fields that were to be changed, judged by the order as it is now. */
import { isRecord, type JsonRecord } from '../../orderdesk/parse/json.js';
import { valueAt } from '../../orders/field-changes.js';
import { asList } from '../../orders/merge/raw.js';
import { sameValue } from '../../orders/same-value.js';
import type { LookedUp, OpenStep } from '../change-type.js';
import type { FieldChange } from '../port.js';
import { momentOf } from './moments.js';

const UPDATED = 'date_updated';

/** For the probe of an update: when the order that it starts from was last changed. */
export const lastUpdate = (order: JsonRecord): JsonRecord => ({ [UPDATED]: order[UPDATED] ?? null });

/**
 * Fields that are as they were prove nothing once the order was changed since it was read: the update may have been made and
 * put back by somebody.
 */
export function unlessUpdated(found: LookedUp, order: JsonRecord, { probe, sentAt }: OpenStep): LookedUp {
  const before = isRecord(probe) ? probe[UPDATED] : undefined;
  const isAsRead = sameValue(order[UPDATED] ?? null, before);
  return found !== 'not_applied' || isAsRead || momentOf(order, UPDATED, sentAt) === 'before'
    ? found
    : 'unclear';
}

/** All of them as they were meant: applied. All of them as they were: not applied. Anything else tells nothing. */
export function fieldsFound(order: JsonRecord, fields: readonly FieldChange[]): LookedUp {
  if (fields.length === 0) return 'unclear';
  if (fields.every((field) => isSo(order, field, 'after'))) return 'applied';
  return fields.every((field) => isSo(order, field, 'before')) ? 'not_applied' : 'unclear';
}

function isSo(order: JsonRecord, field: FieldChange, side: 'before' | 'after'): boolean {
  const [name, place] = field.path;
  if (name === 'order_notes' && place?.startsWith('+')) return isNoteSo(order, field, side);
  return sameValue(valueAt(order, field.path), field[side]);
}

/** A note is known by its text: Order Desk may date and sign it otherwise, and others may add and remove notes. */
function isNoteSo(order: JsonRecord, field: FieldChange, side: 'before' | 'after'): boolean {
  const isAdded = field.after !== undefined;
  const place = Number(field.path[1]?.slice(1));
  // An equal note that is older stands before the place of one that is added.
  const from = isAdded ? place : 0;
  const text = contentOf(field.after ?? field.before);
  const isThere = (asList(order.order_notes) ?? []).slice(from).some((note) => contentOf(note) === text);
  return isThere === (isAdded === (side === 'after'));
}

const contentOf = (note: unknown): unknown => (isRecord(note) ? note.content : note);
