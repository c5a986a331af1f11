/** Adding, replacing and removing shipments, one by one or in a batch. */
import { type Answer, failure, member, type Success } from '../envelope.js';
import type { Handler, HandlerContext } from '../handler.js';
import { withOrder } from '../lookup.js';
import type { OrderRecord, ShipmentRecord } from '../types.js';
import { addShipmentTo } from './add-shipment.js';
import { isObject, type JsonObject, listBody, objectBody, text } from './json.js';
import { invalid, partly, tooMany } from './refusals.js';
import { readShipment, shippedItems } from './shipment-fields.js';

export const addShipment: Handler = (context, ids, _query, body) =>
  withOrder(context, ids, (order) => {
    const source = objectBody(body);
    if (source === undefined) return invalid(context.switches, 'Invalid Request');
    const added = addShipmentTo(context, order, source);
    return added.ok ? { ok: true, message: 'Shipment Added', members: [] } : added;
  });

/** What a client may set is replaced, and blank where it is left out; the rest belongs to Order Desk and stays. */
export const replaceShipment: Handler = (context, ids, _query, body) =>
  withShipment(context, ids, (order, shipment) => {
    const source = objectBody(body);
    if (source === undefined) return invalid(context.switches, 'Invalid Request');
    const sent = readShipment(source);
    const next: ShipmentRecord = {
      ...sent,
      id: shipment.id,
      order_id: shipment.order_id,
      store_id: shipment.store_id,
      label_format: shipment.label_format,
      label_image: shipment.label_image,
      print_status: shipment.print_status,
      order_items: shippedItems(order, sent.order_items),
      source: shipment.source,
      cart_shipment_id: shipment.cart_shipment_id,
      label_shipment_id: shipment.label_shipment_id,
      date_shipped: shipment.date_shipped,
      date_added: shipment.date_added,
    };
    const all = order.order_shipments.map((other) => (other === shipment ? next : other));
    return saveShipments(context, order, all, 'Shipment Updated');
  });

export const removeShipment: Handler = (context, ids) =>
  withShipment(context, ids, (order, shipment) => {
    const others = order.order_shipments.filter((other) => other !== shipment);
    return saveShipments(context, order, others, `Shipment ${shipment.id} Deleted`);
  });

/** Each line has its own outcome, in the order of the lines, under one status 200. */
export const addShipments: Handler = (context, _ids, _query, body) => {
  const { switches } = context;
  const lines = listBody(body);
  if (lines === undefined) return invalid(switches, 'A list of shipments is required');
  if (tooMany(switches.batchShipmentMaximum, lines)) return invalid(switches, 'Too many shipments');
  const results = lines.map((line) => addLine(context, isObject(line) ? line : {}));
  const added = results.filter(({ status }) => status === 'success').length;
  return {
    ok: true,
    ...partly(switches, results.length - added),
    message: `${added} Shipments Added`,
    members: [member('results', results)],
  };
};

function addLine(context: HandlerContext, { order_id, ...line }: JsonObject) {
  const { records, switches } = context;
  const refused = (message: string) => ({ status: 'error', order_id: order_id ?? null, message });
  const order = records.order(text(order_id));
  if (order === undefined) return refused('Order Not Found');
  if (text(line.tracking_number) === '') return refused('Invalid shipment');
  const { order_items: _items, ...whole } = line;
  const added = addShipmentTo(context, order, switches.batchShipmentItems === 'honoured' ? line : whole);
  if (!added.ok) return refused(added.message);
  return {
    status: 'success',
    order_id,
    message: 'Shipment Added',
    ...(switches.batchShipmentIds === 'given' ? { shipment_id: added.value.id } : {}),
  };
}

function withShipment(
  context: HandlerContext,
  ids: readonly string[],
  answer: (order: OrderRecord, shipment: ShipmentRecord) => Answer,
): Answer {
  return withOrder(context, ids, (order) => {
    const shipment = order.order_shipments.find(({ id }) => id === ids[1]);
    return shipment === undefined
      ? failure(context.switches.unknownId, 'Shipment Not Found')
      : answer(order, shipment);
  });
}

function saveShipments(
  { records }: HandlerContext,
  order: OrderRecord,
  shipments: readonly ShipmentRecord[],
  message: string,
): Success {
  records.replaceOrder({ ...order, order_shipments: shipments });
  return { ok: true, message, members: [] };
}
