/** What the kinds have in common that work on an item or a shipment of an order. */
import { AppError } from '../../errors.js';
import { isRecord, type JsonRecord } from '../../orderdesk/parse/json.js';
import { valueAt } from '../../orders/field-paths.js';
import { MARK } from '../../orders/merge/caps.js';
import { sameValue } from '../../orders/same-value.js';
import type { LookedUp } from '../change-type.js';
import type { Patch } from '../intents.js';
import type { ChangeLine, FieldChange } from '../port.js';

/** A member of an order whose entries have ids. */
export type Parts = 'order_items' | 'order_shipments';

/** Stands for the id of a part that is not made yet, or whose id is not known. */
export const NO_ID = 'new';
/** Stands for the id of a part that may have been there before: it is not told, so that nothing is undone by it. */
export const UNSURE_ID = 'unsure';

const CALLED: Readonly<Record<Parts, string>> = { order_items: 'item', order_shipments: 'shipment' };

export const partPath = (parts: Parts, id: string): readonly [string, string] => [parts, `#${id}`];

export function partOf(order: JsonRecord, parts: Parts, id: string): JsonRecord | undefined {
  const part = valueAt(order, partPath(parts, id));
  return isRecord(part) ? part : undefined;
}

export const noSuchPart = (parts: Parts): AppError =>
  new AppError('not_found', `Order Desk has no such ${CALLED[parts]} in this order.`, {
    hint: `Read the order with its ${CALLED[parts]}s for the ids that there are.`,
  });

/** @param fields members of the part that differ, which are named by nobody but Order Desk */
export function changedSince(parts: Parts, fields: readonly string[]): AppError {
  const named = fields.length === 0 ? '' : ` Changed: ${[...new Set(fields)].join(', ')}.`;
  return new AppError(
    'cannot_undo',
    `Somebody has changed the ${CALLED[parts]} since, and an undo would take that back as well.${named}`,
    { hint: `Read the order, and change the ${CALLED[parts]} by an update where that is still wanted.` },
  );
}

/** Every member of a part that is made or deleted. */
export const wholeFields = (
  parts: Parts,
  id: string,
  part: JsonRecord,
  side: 'before' | 'after',
): readonly FieldChange[] =>
  Object.entries(part).map(([name, value]) => ({
    path: [...partPath(parts, id), name],
    ...(side === 'before' ? { before: value } : { after: value }),
  }));

/** The part as the fields of a line say it was made; what `wholeFields` has taken apart. */
export const madePart = (fields: readonly FieldChange[]): JsonRecord =>
  Object.fromEntries(fields.map(({ path, after }) => [path[2] ?? '', after]));

/** The id of the part that a line has made; `undefined` where it is not known. */
export function madeId(line: ChangeLine): string | undefined {
  const id = toldId(line);
  return id === NO_ID || id === UNSURE_ID ? undefined : id;
}

/** Whether the part of a line may have been there before. */
export const isUnsure = (line: ChangeLine): boolean => toldId(line) === UNSURE_ID;

const toldId = ({ fields }: ChangeLine): string | undefined => fields[0]?.path[1]?.slice(1);

/** Members that are not as they were left. */
export const differing = (part: JsonRecord, expected: Patch): readonly string[] =>
  Object.entries(expected)
    .filter(([name, value]) => !sameValue(plainMember(part, name), value))
    .map(([name]) => name);

const plainMember = (part: JsonRecord, name: string): unknown =>
  Object.hasOwn(part, name) ? (name === 'metadata' ? unmarked(part[name]) : part[name]) : undefined;

/** Metadata without our mark. */
export function unmarked(metadata: unknown): unknown {
  if (!isRecord(metadata)) return metadata;
  const { [MARK]: _mark, ...rest } = metadata;
  return rest;
}

/** What the fields of a line say of a change whose answer was lost. */
export function lookAtFields({ fields }: ChangeLine, order: JsonRecord): LookedUp {
  const isAs = (side: 'before' | 'after') =>
    fields.every((field) => sameValue(valueAt(order, field.path), field[side]));
  if (isAs('after')) return 'applied';
  return isAs('before') ? 'not_applied' : 'unclear';
}

/** What a look finds, or `undefined` where the order is gone: nobody can tell then what was done to it before. */
export async function unlessGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** What is known stands where a read that would tell more fails. */
export async function ifReadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
