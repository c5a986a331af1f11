/** Records compared, changed and restored field by field. `field-paths.ts` says how a field is named. */
import type { FieldChange, FieldPath } from '../changes/port.js';
import { canonicalJson } from './canonical.js';
import { listKind, valueAt } from './field-paths.js';
import { asList, asPhpMap, idOf, isMap, own, type Raw, without } from './merge/raw.js';
import { sameValue } from './same-value.js';

export { pathText, valueAt } from './field-paths.js';

const isSame = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && canonicalJson(a) === canonicalJson(b));

/**
 * What differs, in the order of the records; empty maps and lists are equal. A list whose entries have no ids, lack some,
 * or changed places is one value. Values are the records' own and must not be changed.
 * @param paths only fields at or below one of these
 */
export function diffFields(before: Raw, after: Raw, paths?: readonly FieldPath[]): readonly FieldChange[] {
  const fields = [...diffMaps(before, after, [])];
  if (paths === undefined) return fields;
  return fields.filter(({ path }) => paths.some((top) => top.every((step, depth) => path[depth] === step)));
}

function* diffMaps(before: Raw, after: Raw, path: FieldPath): Generator<FieldChange> {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    yield* diffValues(own(before, key), own(after, key), [...path, key]);
  }
}

function* diffValues(before: unknown, after: unknown, path: FieldPath): Generator<FieldChange> {
  if (before === after) return;
  if (before === undefined || after === undefined) yield fieldChange(path, before, after);
  else if (listKind(path) !== undefined) yield* diffEntries(before, after, path);
  else if (isMapBeside(before, after)) yield* diffMaps(mapOf(before), mapOf(after), path);
  else if (!isSame(before, after)) yield fieldChange(path, before, after);
}

const fieldChange = (path: FieldPath, before: unknown, after: unknown): FieldChange => ({
  path,
  ...(before === undefined ? {} : { before }),
  ...(after === undefined ? {} : { after }),
});

/** Two maps, of which one may be empty and then look like a list. */
const isMapBeside = (a: unknown, b: unknown): boolean =>
  (isMap(a) && (isMap(b) || isEmptyList(b))) || (isEmptyList(a) && isMap(b));

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const mapOf = (value: unknown): Raw => (isMap(value) ? value : {});

/** Lists that cannot be compared by their entries differ as a whole. */
function diffEntries(before: unknown, after: unknown, path: FieldPath): Iterable<FieldChange> {
  const [old, now] = [asList(before), asList(after)];
  if (old !== undefined && now !== undefined) {
    if (listKind(path) === 'by_place' && isAppended(old, now)) return appended(old, now, path);
    if (listKind(path) === 'by_id' && keepPlaces(old.map(idOf), now.map(idOf))) {
      return diffById(old, now, path);
    }
  }
  return isSame(before, after) ? [] : [fieldChange(path, before, after)];
}

const isAppended = (before: readonly unknown[], after: readonly unknown[]): boolean =>
  before.length <= after.length && before.every((entry, place) => isSame(entry, after[place]));

function* appended(
  old: readonly unknown[],
  now: readonly unknown[],
  path: FieldPath,
): Generator<FieldChange> {
  for (const [place, entry] of now.entries()) {
    if (place >= old.length) yield fieldChange([...path, `+${place}`], undefined, entry);
  }
}

/** All entries have ids of their own, those that stay are in the same order, and new ones come after them. */
function keepPlaces(old: readonly (string | undefined)[], now: readonly (string | undefined)[]): boolean {
  const areIds = [old, now].every((ids) => !ids.includes(undefined) && new Set(ids).size === ids.length);
  const stay = old.filter((id) => now.includes(id));
  return areIds && stay.every((id, place) => now[place] === id);
}

function* diffById(
  old: readonly unknown[],
  now: readonly unknown[],
  path: FieldPath,
): Generator<FieldChange> {
  const entries = new Map([...old, ...now].map((entry) => [idOf(entry), entry]));
  for (const id of entries.keys()) {
    const find = (list: readonly unknown[]) => list.find((entry) => idOf(entry) === id);
    yield* diffValues(find(old), find(now), [...path, `#${id}`]);
  }
}

export type Side = 'before' | 'after';

/**
 * The record with each field as it is on one side. Fields of an entry that is not there are passed over; entries that come
 * back stand at the end.
 */
export function applyFields(record: Raw, fields: readonly FieldChange[], side: Side): Raw {
  return fields.reduce<Raw>((next, field) => setIn(next, field, 0, side), record);
}

function setIn(map: Raw, field: FieldChange, depth: number, side: Side): Raw {
  const key = field.path[depth];
  if (key === undefined) return map;
  if (depth === field.path.length - 1) {
    return field[side] === undefined ? without(map, key) : { ...map, [key]: field[side] };
  }
  const value = own(map, key);
  const kind = listKind(field.path.slice(0, depth + 1));
  if (kind === 'by_id') return { ...map, [key]: setById(asList(value) ?? [], field, side) };
  if (kind === 'by_place') return { ...map, [key]: setByPlace(asList(value) ?? [], field, side) };
  if (!isMap(value) && !isEmptyList(value) && value !== undefined) return map;
  return { ...map, [key]: asPhpMap(setIn(mapOf(value), field, depth + 1, side)) };
}

function setById(entries: readonly unknown[], field: FieldChange, side: Side): readonly unknown[] {
  const isIt = (entry: unknown) => `#${idOf(entry)}` === field.path[1];
  if (field.path.length > 2) {
    return entries.map((entry) => (isIt(entry) && isMap(entry) ? setIn(entry, field, 2, side) : entry));
  }
  const value = field[side];
  if (value === undefined) return entries.filter((entry) => !isIt(entry));
  return entries.some(isIt) ? entries.map((entry) => (isIt(entry) ? value : entry)) : [...entries, value];
}

/** What was appended is found again by what it is: others may have been appended since. */
function setByPlace(entries: readonly unknown[], field: FieldChange, side: Side): readonly unknown[] {
  if (field[side] !== undefined) return [...entries, field[side]];
  const place = entries.findLastIndex((entry) => isSame(entry, field.before ?? field.after));
  return entries.filter((_entry, at) => at !== place);
}

export interface Restored {
  /** The record with the restored fields; the very one given where there are none. */
  readonly record: Raw;
  /** Fields that were restored, from what they are to what they were. */
  readonly restored: readonly FieldChange[];
  /** Fields that are what they were already. */
  readonly already: readonly FieldChange[];
  /** Fields that somebody changed since and that were left alone: from how the change left them to what they are. */
  readonly changed: readonly FieldChange[];
}

/** Takes fields of a change back where they are still as the change left them. */
export function restoreFields(record: Raw, fields: readonly FieldChange[]): Restored {
  const restored: FieldChange[] = [];
  const already: FieldChange[] = [];
  const changed: FieldChange[] = [];
  const back: FieldChange[] = [];
  for (const field of fields) {
    const now = currentOf(record, field);
    if (sameValue(now, field.after)) {
      back.push(field);
      restored.push(fieldChange(field.path, now, field.before));
    } else if (sameValue(now, field.before) && !isPlaced(field)) {
      already.push(field);
    } else {
      changed.push(fieldChange(field.path, field.after, now));
    }
  }
  return { record: applyFields(record, back, 'before'), restored, already, changed };
}

/** A note that is not found may have been removed or put in other words; which of the two, nobody can tell. */
const isPlaced = ({ path }: FieldChange): boolean =>
  path.length > 1 && listKind(path.slice(0, 1)) === 'by_place';

function currentOf(record: Raw, field: FieldChange): unknown {
  if (!isPlaced(field)) return valueAt(record, field.path);
  const entries = asList(own(record, field.path[0] ?? '')) ?? [];
  return entries.find((entry) => isSame(entry, field.after));
}
