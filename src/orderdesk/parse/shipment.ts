import type { ShipmentView } from '../views.js';
import { dayOrInstant, instant } from './date.js';
import {
  below,
  id,
  isRecord,
  type JsonRecord,
  malformed,
  measure,
  number,
  optionalId,
  text,
} from './json.js';

/** A shipment without its label image. Order Desk writes every field of a shipment as text. */
export function parseShipment(shipment: JsonRecord, at: string): ShipmentView {
  return {
    id: id(shipment, 'id', at),
    trackingNumber: text(shipment, 'tracking_number', at),
    carrier: text(shipment, 'carrier_code', at),
    method: text(shipment, 'shipment_method', at),
    trackingUrl: text(shipment, 'tracking_url', at),
    dateShipped: dayOrInstant(shipment, 'date_shipped'),
    addedAt: instant(shipment, 'date_added'),
    weight: measure(shipment, 'weight', at),
    cost: measure(shipment, 'cost', at),
    status: text(shipment, 'status', at),
    items: parseParts(shipment, at),
  };
}

type ShippedPart = ShipmentView['items'][number];

/**
 * `""` for the whole order; else a list of parts, one part alone, parts by item id, or quantities by item id. As every
 * field of a shipment is text, that may come as JSON text.
 */
function parseParts(shipment: JsonRecord, shipmentAt: string): readonly ShippedPart[] {
  const value = structured(shipment.order_items);
  const at = below(shipmentAt, 'order_items');
  if (value === undefined || value === null || value === '') return [];
  if (Array.isArray(value)) return value.map((part: unknown, index) => parsePart(part, at, index));
  if (!isRecord(value)) throw malformed(shipmentAt, 'order_items', 'a list of items');
  if ('quantity' in value || 'code' in value) return [parsePart(value, at, 0)];
  // Errors name a part by its place: a key may be any text.
  return Object.entries(value).map(([itemId, part], index) =>
    isRecord(part)
      ? parsePart({ id: itemId, ...part }, at, index)
      : { id: itemId, code: null, quantity: number({ quantity: part }, 'quantity', below(at, index)) },
  );
}

/** What JSON text of a list or an object stands for; all else as it is. */
function structured(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch (error) {
    if (error instanceof SyntaxError) return value;
    throw error;
  }
}

function parsePart(part: unknown, parentAt: string, key: string | number): ShippedPart {
  if (!isRecord(part)) throw malformed(parentAt, key, 'an item');
  const at = below(parentAt, key);
  return {
    id: optionalId(part, 'id', at),
    code: text(part, 'code', at),
    // One unit is what a part without a quantity can mean at least.
    quantity: part.quantity === undefined ? 1 : number(part, 'quantity', at),
  };
}
