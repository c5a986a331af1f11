import type { ItemView } from '../views.js';
import { textMap, withoutBulk } from './bulk.js';
import { decimal, id, type JsonRecord, map, measure, number, text } from './json.js';
import { withoutMark } from './marks.js';

/** A line of an order. An item without a price costs 0, as Order Desk reads it. */
export function parseItem(item: JsonRecord, at: string): ItemView {
  return {
    id: id(item, 'id', at),
    name: text(item, 'name', at) ?? '',
    code: text(item, 'code', at),
    price: decimal(item, 'price', at),
    quantity: number(item, 'quantity', at),
    weight: measure(item, 'weight', at),
    deliveryType: text(item, 'delivery_type', at),
    category: text(item, 'category_code', at),
    fulfillmentMethod: text(item, 'fulfillment_method', at),
    variations: textMap(map(item, 'variation_list', at)),
    metadata: withoutBulk(withoutMark(map(item, 'metadata', at))),
  };
}
