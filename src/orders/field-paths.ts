/**
 * Where a value stands in a record: members by their names, an item or a shipment as `#<id>`, and a note that was appended
 * as `+<place>`, from 0. Other lists are values as a whole.
 */
import type { FieldPath } from '../changes/port.js';
import { asList, idOf, isMap, own, type Raw } from './merge/raw.js';

/** Members whose entries have ids. */
const BY_ID: ReadonlySet<string> = new Set(['order_items', 'order_shipments']);
/** Members whose entries have none, and to which entries are appended. */
const BY_PLACE: ReadonlySet<string> = new Set(['order_notes', 'order_history']);

export type ListKind = 'by_id' | 'by_place';

/** What stands at the path where that is a list with entries of their own; only a record's own members are. */
export function listKind(path: FieldPath): ListKind | undefined {
  const [name = ''] = path;
  if (path.length !== 1) return undefined;
  if (BY_ID.has(name)) return 'by_id';
  return BY_PLACE.has(name) ? 'by_place' : undefined;
}

/** The value at the path; `undefined` where there is none. An entry by place is the one that stands there now. */
export function valueAt(record: Raw, path: FieldPath): unknown {
  let value: unknown = record;
  for (const [depth, step] of path.entries()) {
    const kind = listKind(path.slice(0, depth));
    if (kind !== undefined) value = entryAt(value, step);
    else value = isMap(value) ? own(value, step) : undefined;
  }
  return value;
}

function entryAt(value: unknown, step: string): unknown {
  const entries = asList(value) ?? [];
  const name = step.slice(1);
  return step.startsWith('#') ? entries.find((entry) => idOf(entry) === name) : entries[Number(name)];
}

const PLAIN_NAME = /^[A-Za-z_]\w*$/;

/** The path as people read it, such as `order_items[47986].quantity` or `checkout_data["Gift Message"]`. */
export function pathText(path: FieldPath): string {
  return path.map((step, depth) => stepText(step, path.slice(0, depth))).join('');
}

function stepText(step: string, before: FieldPath): string {
  const kind = listKind(before);
  if (kind !== undefined) return `[${kind === 'by_id' ? step.slice(1) : step}]`;
  if (!PLAIN_NAME.test(step)) return `[${JSON.stringify(step)}]`;
  return before.length === 0 ? step : `.${step}`;
}
