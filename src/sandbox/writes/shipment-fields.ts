/** The fields of a shipment as a client sends them: all text, but the items of a partial one. */
import type { OrderRecord, ShipmentRecord, ShippedItem } from '../types.js';
import { fields, list, numberOr, text } from './json.js';

const readShippedItems = list(
  fields<ShippedItem>({ id: text, code: text, quantity: (value) => Math.trunc(numberOr(1)(value)) }),
);

export const readShipment = fields<ShipmentRecord>({
  id: text,
  order_id: text,
  store_id: text,
  tracking_number: text,
  carrier_code: text,
  shipment_method: text,
  weight: text,
  weight_unit: text,
  cost: text,
  status: text,
  tracking_url: text,
  label_format: text,
  label_image: text,
  print_status: text,
  order_items: (value) => {
    const items = readShippedItems(value);
    return items.length === 0 ? '' : items;
  },
  source: text,
  cart_shipment_id: text,
  label_shipment_id: text,
  date_shipped: text,
  date_added: text,
});

/** The items of a partial shipment with both id and code, whichever was sent. */
export function shippedItems(
  order: OrderRecord,
  sent: ShipmentRecord['order_items'],
): ShipmentRecord['order_items'] {
  if (sent === '') return '';
  return sent.map((shipped) => {
    const item = order.order_items.find(({ id, code }) =>
      shipped.id === '' ? code === shipped.code : id === shipped.id,
    );
    return item === undefined ? shipped : { ...shipped, id: item.id, code: item.code };
  });
}

/** Where the parcel can be followed, from the carrier or else from the look of the number; `""` if neither tells. */
export function guessTrackingUrl(carrier: string, number: string): string {
  if (number === 'n/a') return '';
  const name = carrier.toLowerCase() || carrierOf(number);
  return name === '' ? '' : `https://track.example.com/${encoded(name)}/${encoded(number)}`;
}

/** Half a letter, which text that was cut may end with, cannot be encoded. */
const encoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

function carrierOf(number: string): string {
  if (number.startsWith('1Z')) return 'ups';
  return number.startsWith('94') && number.length >= 20 ? 'usps' : '';
}
