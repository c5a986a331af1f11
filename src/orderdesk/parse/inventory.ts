import type { InventoryItem, InventoryPage } from '../port.js';
import type { InventoryView } from '../views.js';
import { textMap } from './bulk.js';
import { instant } from './date.js';
import { decimal, id, type JsonRecord, malformed, map, measure, records, text } from './json.js';

/**
 * The items of an inventory list; `raw` of each is the very record given. Its totals are passed over: Order Desk
 * writes them as text and counts wrongly under a filter (Order Desk API, inventory items).
 * @throws AppError `upstream_malformed`, naming the field
 */
export function parseInventoryPage(page: JsonRecord): InventoryPage {
  if (page.inventory_items === undefined) throw malformed('', 'inventory_items', 'there');
  return { items: records(page, 'inventory_items', '', parseInventoryItem) };
}

const parseInventoryItem = (raw: JsonRecord, at: string): InventoryItem => ({
  view: parseView(raw, at),
  raw,
});

function parseView(item: JsonRecord, at: string): InventoryView {
  return {
    id: id(item, 'id', at),
    name: text(item, 'name', at) ?? '',
    code: text(item, 'code', at),
    price: decimal(item, 'price', at),
    cost: measure(item, 'cost', at),
    weight: measure(item, 'weight', at),
    stock: decimal(item, 'stock', at),
    location: text(item, 'location', at),
    manufacturerSku: text(item, 'manufacturer_sku', at),
    variations: textMap(map(item, 'variation_list', at)),
    updateSource: text(item, 'update_source', at),
    addedAt: instant(item, 'date_added'),
    updatedAt: instant(item, 'date_updated'),
  };
}
