import { AppError } from '../../errors.js';
import type { InventoryItem, InventoryPage } from '../port.js';
import type { InventoryView } from '../views.js';
import { textMap } from './bulk.js';
import { instant } from './date.js';
import {
  below,
  decimal,
  id,
  isDecimal,
  isRecord,
  type JsonRecord,
  list,
  malformed,
  map,
  measure,
  text,
} from './json.js';
import { plainWriter } from './marks.js';

/**
 * The items of an inventory list; `raw` of each is the very record given. Its totals are passed over: Order Desk
 * writes them as text and counts wrongly under a filter (Order Desk API, inventory items). A record that makes no sense
 * must not hide the others: it is passed over and counted.
 * @throws AppError `upstream_malformed`, naming the field, where there is no list
 */
export function parseInventoryPage(page: JsonRecord): InventoryPage {
  if (page.inventory_items === undefined) throw malformed('', 'inventory_items', 'there');
  const items: InventoryItem[] = [];
  const values = list(page, 'inventory_items', '');
  for (const [index, value] of values.entries()) {
    try {
      items.push(parseInventoryItem(value, below('inventory_items', index)));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }
  return { items, unreadable: values.length - items.length };
}

/** One item; `raw` is the very record given. @throws AppError `upstream_malformed`, naming the field */
export function parseInventoryItem(raw: unknown, at: string): InventoryItem {
  if (!isRecord(raw)) throw malformed('', at, 'an object');
  return { view: parseView(raw, at), raw };
}

function parseView(item: JsonRecord, at: string): InventoryView {
  return {
    id: id(item, 'id', at),
    name: text(item, 'name', at) ?? '',
    code: text(item, 'code', at),
    price: decimal(item, 'price', at),
    cost: measure(item, 'cost', at),
    weight: measure(item, 'weight', at),
    stock: stockOf(item, at),
    location: text(item, 'location', at),
    manufacturerSku: text(item, 'manufacturer_sku', at),
    variations: textMap(map(item, 'variation_list', at)),
    updateSource: plainWriter(text(item, 'update_source', at)),
    addedAt: instant(item, 'date_added'),
    updatedAt: instant(item, 'date_updated'),
  };
}

/** Null where none is given, which is not a stock of 0, and for words: how many units "unlimited" are, nobody knows. */
function stockOf(item: JsonRecord, at: string): string | null {
  const value = text(item, 'stock', at);
  const isNumber = typeof item.stock === 'number' || (value !== null && isDecimal(value));
  return isNumber ? decimal(item, 'stock', at) : null;
}
