/** What Order Desk made of the fields that it was sent. */
import { isRecord, type JsonRecord } from '../../orderdesk/parse/json.js';
import { valueAt } from '../../orders/field-changes.js';
import { asList } from '../../orders/merge/raw.js';
import { sameValue } from '../../orders/same-value.js';
import type { ChangeLine, FieldChange } from '../port.js';

type IsTaken = (actual: unknown, intended: unknown) => boolean;

/** The line as Order Desk's record has it: what it did not take as it was sent is shown as it stands, and said. */
export function asTaken(line: ChangeLine, order: JsonRecord, isTaken: IsTaken = sameValue): ChangeLine {
  const odd = new Set<string>();
  const fields = line.fields.map((field): FieldChange => {
    const actual = valueAt(order, field.path);
    if (isTaken(actual, field.after)) return field;
    odd.add(field.path[0] ?? '');
    const { after: _intended, ...rest } = field;
    return actual === undefined ? rest : { ...rest, after: actual };
  });
  if (odd.size === 0) return line;
  return {
    ...line,
    fields,
    message: `Order Desk did not take this as it was sent: ${[...odd].join(', ')}. The fields show what it holds now.`,
  };
}

/** Whether all that was sent is there; Order Desk adds ids and blank fields to what it makes. */
export function isThere(actual: unknown, intended: unknown): boolean {
  if (sameValue(actual, intended)) return true;
  if (Array.isArray(intended)) {
    const entries = asList(actual);
    return entries?.length === intended.length && intended.every((entry, at) => isThere(entries[at], entry));
  }
  return (
    isRecord(actual) &&
    isRecord(intended) &&
    Object.entries(intended).every(([key, value]) => isThere(actual[key], value))
  );
}
