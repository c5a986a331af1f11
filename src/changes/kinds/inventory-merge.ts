/** What a line of an inventory update makes of the item that was read. */
import { AppError } from '../../errors.js';
import { withPlainWriter } from '../../orderdesk/parse/marks.js';
import type { InventoryItem } from '../../orderdesk/port.js';
import { add, compare, formatDecimal, parseDecimal } from '../../orders/decimal.js';
import { restoreFields } from '../../orders/field-changes.js';
import { mergeInventory } from '../../orders/merge/order.js';
import type { Patch, Restore, StockLine } from '../intents.js';
import type { ChangeLine, FieldPath } from '../port.js';
import { itemTarget } from './inventory-items.js';
import type { UpdateLine } from './inventory-resolve.js';
import { accepted } from './order-record-refused.js';

export interface MergedLine {
  readonly line: ChangeLine;
  /** To be sent whole; `undefined` where nothing is to be sent. */
  readonly record?: Patch;
}

/** @throws AppError `invalid_argument` for a line that asks for nothing, or for two things at once */
export function refuseOddWishes(lines: readonly UpdateLine[]): void {
  for (const [index, line] of lines.entries()) {
    if ('fields' in line) continue;
    const { set = {}, adjustStockBy, expectedStock } = line;
    const fail = (message: string, field: string) => {
      throw new AppError('invalid_argument', message, { field: `updates.${index}.${field}` });
    };
    if (adjustStockBy === undefined && Object.keys(set).length === 0) fail('Nothing is to be set.', 'set');
    if (adjustStockBy !== undefined && !Number.isSafeInteger(adjustStockBy)) {
      fail('Stock is adjusted by a whole number.', 'adjust_stock_by');
    }
    if (adjustStockBy !== undefined && set.stock !== undefined) {
      fail('Stock is either set or adjusted, not both.', 'adjust_stock_by');
    }
    if (expectedStock !== undefined && parseDecimal(expectedStock) === undefined) {
      fail('The expected stock is a decimal number.', 'expected_stock');
    }
  }
}

/**
 * @param writer put down as who wrote the item, unless the line itself names somebody
 * @throws AppError `invalid_argument` for fields that cannot be set
 */
export function mergeLine(line: UpdateLine, item: InventoryItem, index: number, writer: string): MergedLine {
  const merge = 'fields' in line ? restored(line, item) : changed(line, item, index);
  const { record, line: becomes } = merge;
  const isNamed = becomes.fields.some(({ path }) => path[0] === 'update_source');
  return record === undefined || isNamed ? merge : { ...merge, record: { ...record, update_source: writer } };
}

function changed(line: StockLine, item: InventoryItem, index: number): MergedLine {
  const { expectedStock, adjustStockBy, set = {} } = line;
  const stock = item.view.stock === null ? undefined : parseDecimal(item.view.stock);
  const expected = expectedStock === undefined ? undefined : parseDecimal(expectedStock);
  if (expected !== undefined && (stock === undefined || compare(stock, expected) !== 0)) {
    const found = stock === undefined ? 'not a number' : formatDecimal(stock, 0);
    return failed(item, `The stock is ${found} now, not the one that was expected; nothing was sent for it.`);
  }
  if (adjustStockBy === undefined) return merged(item, set, index);
  if (stock === undefined) {
    return failed(
      item,
      'The stock of the item is not a number at Order Desk, so that it cannot be adjusted.',
    );
  }
  const sum = add(stock, { digits: BigInt(adjustStockBy), scale: 0 });
  return merged(item, { ...set, stock: formatDecimal(sum, 0) }, index);
}

function merged(item: InventoryItem, patch: Patch, index: number): MergedLine {
  const merge = accepted(mergeInventory(withPlainWriter(item.raw), patch, `updates.${index}.set`));
  const target = itemTarget(item);
  if (merge.fields.length === 0) return { line: { target, outcome: 'already', fields: [] } };
  return { line: { target, outcome: 'applied', fields: merge.fields }, record: merge.merged };
}

function restored({ fields }: Restore, item: InventoryItem): MergedLine {
  const restore = restoreFields(item.raw, fields);
  if (restore.changed.length > 0) {
    const names = restore.changed.map(({ path }) => knownName(path)).join(', ');
    return failed(item, `It was changed since (${names}), so that it is left as it is.`);
  }
  const target = itemTarget(item);
  if (restore.restored.length === 0) return { line: { target, outcome: 'already', fields: [] } };
  return { line: { target, outcome: 'applied', fields: restore.restored }, record: restore.record };
}

/** The field of the item; keys of its maps are others' words. */
const knownName = ([name]: FieldPath): string => name ?? 'the item';

const failed = (item: InventoryItem, message: string): MergedLine => ({
  line: { target: itemTarget(item), outcome: 'failed', fields: [], message },
});
