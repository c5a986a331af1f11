/** A shipment that comes into an order, by whichever endpoint. */
import { formatUtc } from '../dates.js';
import { failure } from '../envelope.js';
import type { HandlerContext } from '../handler.js';
import type { OrderRecord, ShipmentRecord } from '../types.js';
import type { JsonObject } from './json.js';
import { done, invalid, type Outcome } from './refusals.js';
import { dateOf } from './save-order.js';
import { guessTrackingUrl, readShipment, shippedItems } from './shipment-fields.js';

/** An order never has the same tracking number twice; `n/a` is none, so it may come again. */
export function addShipmentTo(
  context: HandlerContext,
  order: OrderRecord,
  source: JsonObject,
): Outcome<ShipmentRecord> {
  const { records, switches } = context;
  const sent = readShipment(source);
  const number = sent.tracking_number;
  if (number === '') return invalid(switches, 'A tracking number is required');
  if (number !== 'n/a' && order.order_shipments.some((other) => other.tracking_number === number)) {
    return failure(200, 'Shipment Not Added');
  }
  const now = formatUtc(context.now());
  const day = switches.dateShipped === 'honoured' ? dateOf(sent.date_shipped) : undefined;
  const shipment: ShipmentRecord = {
    ...sent,
    id: records.newShipmentId(),
    order_id: order.id,
    store_id: context.profile.id,
    tracking_url: sent.tracking_url || guessTrackingUrl(sent.carrier_code, number),
    label_format: '',
    label_image: '',
    print_status: '0',
    order_items: shippedItems(order, sent.order_items),
    source: 'API',
    cart_shipment_id: '',
    label_shipment_id: '',
    date_shipped: (day ?? now).slice(0, 10),
    date_added: now,
  };
  records.replaceOrder({ ...order, order_shipments: [...order.order_shipments, shipment] });
  records.addHistory(order.id, 'API', `Shipment Added: ${number}`);
  context.fireRules('shipment_added', order.id);
  return done(shipment);
}
