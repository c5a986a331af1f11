/** Whether an order is still the one that the caller has seen. */
import { AppError } from '../../errors.js';
import { isRecord, type JsonRecord } from '../../orderdesk/parse/json.js';
import { pathText, valueAt } from '../../orders/field-changes.js';
import { changedSections, isSameVersion, orderVersion, wholeVersion } from '../../orders/version.js';
import type { Patch } from '../intents.js';
import type { FieldPath } from '../port.js';

/**
 * @param patch what the caller wants to set: the values that stand there now are quoted
 * @returns the version of the order
 * @throws AppError `version_conflict`
 */
export function refuseOtherVersion(raw: JsonRecord, expected: string | undefined, patch: Patch): string {
  const version = orderVersion(raw);
  if (expected === undefined || isSameVersion(expected, version)) return version;
  const sections = changedSections(expected, version);
  const where = sections.length === 0 ? '' : ` in ${sections.join(', ')}`;
  // Those who may not see customers' data get no quotation, and of the version only what tells nothing of that data.
  const message = `The order was changed${where} since it was read: its version is ${wholeVersion(version)} now. Nothing was written.`;
  throw new AppError('version_conflict', message, {
    field: 'expected_version',
    hint: 'Read the order again, decide whether the change is still right, and pass its new version.',
    quotation: {
      data: { current_version: version, changed_sections: sections, fields: currentValues(raw, patch) },
      mayNameCustomers: true,
    },
  });
}

/** What stands now in the places that the patch names, by their paths. */
function currentValues(raw: JsonRecord, patch: Patch): JsonRecord {
  const paths = Object.entries(patch).flatMap(([name, value]) => namedPaths(name, value));
  return Object.fromEntries(paths.map((path) => [pathText(path), valueAt(raw, path) ?? null]));
}

function namedPaths(name: string, value: unknown): readonly FieldPath[] {
  // Notes are only ever appended: there is nothing of theirs in that place.
  if (name === 'order_notes') return [];
  if (name === 'order_items') return Array.isArray(value) ? value.flatMap(itemPaths) : [];
  return isRecord(value) ? Object.keys(value).map((key) => [name, key]) : [[name]];
}

function itemPaths(item: unknown): readonly FieldPath[] {
  if (!isRecord(item)) return [];
  const { id, ...fields } = item;
  return Object.keys(fields).map((field) => ['order_items', `#${id}`, field]);
}
