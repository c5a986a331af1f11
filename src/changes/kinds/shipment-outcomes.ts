/** What became of a shipment that was sent, by Order Desk's answer and by its order. */
import { type JsonRecord, optionalId } from '../../orderdesk/parse/json.js';
import type { ShipmentResult } from '../../orderdesk/parse/replies.js';
import type { ChangeLine } from '../port.js';
import { momentOf } from './moments.js';
import { UNSURE_ID, wholeFields } from './order-part.js';
import {
  isTraceable,
  otherwise,
  sentNumber,
  sentShipment,
  shipmentsOf,
  withNumber,
} from './shipment-lines.js';

const SAID = {
  noSuchOrder: 'Order Desk has no such order in this store.',
  already: 'The order has this shipment already; nothing was sent for it.',
  alreadyRefused: 'The order had this shipment already.',
  refused: 'Order Desk refused this shipment.',
  notThere: 'Order Desk does not say what became of this shipment, and its order does not have it.',
  perhapsBefore:
    'The order has this shipment; whether this call added it or it was there before is not known, so an undo leaves it.',
  unsaid: 'Order Desk does not say what became of this shipment. Read the shipments of its order.',
} as const;

/**
 * @param order as it is now, where it was read
 * @param now when the answer came
 */
export function lineOfResult(
  line: ChangeLine,
  result: ShipmentResult | undefined,
  order: JsonRecord | 'gone' | undefined,
  now: Date,
): ChangeLine {
  if (result === undefined) return unsaidLine(line, order, now);
  if (result.isAdded) return addedLine(line, result.shipmentId, order);
  const twin = order === undefined || order === 'gone' ? undefined : twinOf(line, order);
  if (twin?.differs.length === 0) {
    return already(line, SAID.alreadyRefused);
  }
  const message =
    order === 'gone' ? SAID.noSuchOrder : twin === undefined ? SAID.refused : occupied(twin.differs);
  return failed(line, message, result.words);
}

/** Before anything is sent: what the order says of the line. `undefined` where it can be sent. */
export function lineBefore(line: ChangeLine, order: JsonRecord | 'gone' | undefined): ChangeLine | undefined {
  if (order === undefined) return undefined;
  if (order === 'gone') return failed(line, SAID.noSuchOrder);
  const twin = twinOf(line, order);
  if (twin === undefined) return undefined;
  if (twin.differs.length > 0) return failed(line, occupied(twin.differs));
  return already(line, SAID.already);
}

/** A shipment that was sent and is in its order: added by it, or there before. @returns `undefined` where it is not there */
export function foundLine(
  line: ChangeLine,
  order: JsonRecord,
  sentAt: Date,
): ChangeLine | 'other' | undefined {
  const twin = twinOf(line, order);
  if (twin === undefined) return undefined;
  if (twin.differs.length > 0) return 'other';
  switch (momentOf(twin.shipment, 'date_added', sentAt)) {
    case 'before':
      return already(line, SAID.alreadyRefused);
    case 'after':
      return ofShipment(line, twin.shipment);
    default:
      return { ...ofShipment(line, twin.shipment, UNSURE_ID), message: SAID.perhapsBefore };
  }
}

interface Twin {
  readonly shipment: JsonRecord;
  readonly differs: readonly string[];
}

/** The shipment of the order with the number of the line. */
function twinOf(line: ChangeLine, order: JsonRecord): Twin | undefined {
  const number = sentNumber(line);
  if (!isTraceable(number)) return undefined;
  const twins = withNumber(order, number).map((shipment) => ({
    shipment,
    differs: otherwise(shipment, sentShipment(line)),
  }));
  return twins.find(({ differs }) => differs.length === 0) ?? twins[0];
}

function unsaidLine(line: ChangeLine, order: JsonRecord | 'gone' | undefined, now: Date): ChangeLine {
  if (order === 'gone') return failed(line, SAID.noSuchOrder);
  const isKnown = order !== undefined && isTraceable(sentNumber(line));
  const found = isKnown ? foundLine(line, order, now) : 'other';
  if (found === undefined) return failed(line, SAID.notThere);
  return found === 'other' ? { ...line, outcome: 'unknown', message: SAID.unsaid } : found;
}

function addedLine(
  line: ChangeLine,
  shipmentId: string | undefined,
  order: JsonRecord | 'gone' | undefined,
): ChangeLine {
  if (order === undefined || order === 'gone') {
    return shipmentId === undefined ? line : withId(line, shipmentId);
  }
  const shipment =
    shipmentsOf(order).find(({ id }) => shipmentId !== undefined && String(id) === shipmentId) ??
    twinOf(line, order)?.shipment ??
    onlyUnnumbered(line, order);
  return { ...(shipment === undefined ? line : ofShipment(line, shipment)), message: stateOf(order) };
}

/** Without a number, a shipment is told by what it is, where the order has one such alone. */
function onlyUnnumbered(line: ChangeLine, order: JsonRecord): JsonRecord | undefined {
  const sent = sentShipment(line);
  const same = shipmentsOf(order).filter((shipment) => otherwise(shipment, sent).length === 0);
  return same.length === 1 ? same[0] : undefined;
}

const withId = (line: ChangeLine, id: string): ChangeLine => ({
  ...line,
  fields: wholeFields('order_shipments', id, sentShipment(line), 'after'),
});

/** What was sent, as Order Desk holds it now. */
function ofShipment(line: ChangeLine, shipment: JsonRecord, id = String(shipment.id)): ChangeLine {
  const names = Object.keys(sentShipment(line));
  const held = Object.fromEntries(names.map((name) => [name, shipment[name] ?? null]));
  return { ...line, fields: wholeFields('order_shipments', id, held, 'after') };
}

const FOLDER_ID = /^\d{1,19}$/;

/** Rules of the merchant may have moved the order by now. */
function stateOf(order: JsonRecord): string {
  const count = shipmentsOf(order).length;
  const id = optionalId(order, 'folder_id', '');
  const folder = id === null || !FOLDER_ID.test(id) ? '' : ` and is in the folder with the id ${id}`;
  return `The order has ${count === 1 ? 'one shipment' : `${count} shipments`} now${folder}.`;
}

const occupied = (differs: readonly string[]): string =>
  `The order has a shipment with this tracking number already, with another value of: ${differs.join(', ')}.`;

const already = ({ target }: ChangeLine, message: string): ChangeLine => ({
  target,
  outcome: 'already',
  fields: [],
  message,
});

const failed = ({ target, fields }: ChangeLine, message: string, quoted?: string): ChangeLine => ({
  target,
  outcome: 'failed',
  fields,
  message,
  ...(quoted === undefined ? {} : { quoted }),
});
